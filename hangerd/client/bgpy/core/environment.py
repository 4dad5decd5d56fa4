"""The values that programs import from bgpy's own environment."""

from __future__ import annotations

from typing import Final

from hangerd.client.bgpy.server import TOKEN_VARIABLE

HOST: Final = "127.0.0.1"
PORT: Final = 54321
STARTUP_TIME: Final = 2
"""Seconds to leave a server that was started by its command; `run_background` needs none."""
ENV_TOKEN: Final = TOKEN_VARIABLE
LOG_LEVEL: Final = "INFO"
