"""What the hosts refuse or cannot do, as exceptions with a code, a message and a remedy."""

from __future__ import annotations

from hangerd.errors import HangerdError, SettingsError


class WireError(HangerdError):
    """Bytes or frames that break the protocol of docs/wire.md; the connection is of no more use."""

    code = "wire"


class SpecError(SettingsError):
    """A host's specification with something wrong in it; `field` names where (may be empty)."""

    code = "spec"

    def __init__(self, message: str, remedy: str = "", field: str = "") -> None:
        super().__init__(message, remedy)
        self.field = field


class LaunchError(HangerdError):
    """A program that cannot be started, found before it was tried."""

    code = "launch"


class HostUnknown(HangerdError):
    """No host has this name."""

    code = "no_host"


class NotKept(HangerdError):
    """The state folder cannot be written, so that a host would not outlive the daemon."""

    code = "not_kept"
