"""The exceptions that hangerd raises on purpose: one tree, no HTTP in it.

Each has a stable `code` for programs, a message for people, and a remedy: what to do about it.
"""

from __future__ import annotations

from typing import ClassVar


class HangerdError(Exception):
    """Something that hangerd refuses or cannot do, said so that its reader can act."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class SettingsError(HangerdError):
    """A flag, a file or an environment that the daemon cannot start with."""

    code = "settings"
