"""The same functions as tasks of bgpy, which runs one at a time."""

from __future__ import annotations

import time
from typing import Any

from bgpy import respond  # type: ignore[import-not-found]

from bench.programs import functions


def init_task() -> dict[str, Any]:
    """Keep nothing."""
    return {}


def exec_task(client_socket: Any, state: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """Call the function that a message names, and respond with what it gives."""
    data = message["data"]
    if message["function"] == "pause":
        time.sleep(data["ms"] / 1000)
        value = data["text"]
    else:
        value = getattr(functions, message["function"])(**data)
    respond(client_socket, {"value": value})
    return state


def exit_task(client_socket: Any, state: dict[str, Any], message: dict[str, Any]) -> None:
    """Nothing is left to do."""
