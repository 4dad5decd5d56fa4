"""What can go wrong for a program that uses a daemon: a small tree below HangerdError.

A call that failed is a CallError, whose `fault` says all that is known; its subclasses say whose
fault it was. The others are about reaching the daemon, and about slots.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hangerd.errors import HangerdError
from hangerd.hosts.faults import CallError, Fault

__all__ = [
    "ArgumentsRefused",
    "Busy",
    "CallCancelled",
    "CallError",
    "CallTimeout",
    "ConnectionLost",
    "HangerdError",
    "HostFailed",
    "HostGone",
    "NotAllowed",
    "Refused",
    "RemoteError",
    "SlotClosed",
    "StartFailed",
    "UnknownFunction",
    "UnknownHost",
    "Unreachable",
    "call_error",
]


class Unreachable(HangerdError, ConnectionError):
    """There is no daemon, or it does not answer; nothing was asked of it."""

    code = "unreachable"


class StartFailed(Unreachable):
    """A daemon that was to be started did not start; the message ends with its log's tail."""

    code = "start_failed"


class ConnectionLost(HangerdError, ConnectionError):
    """The connection ended before the answer: what was asked may have been done, or not."""

    code = "connection_lost"


class Refused(HangerdError):
    """The daemon answered a request with an error: its HTTP `status`, and its code as `error`."""

    code = "refused"

    def __init__(self, message: str, remedy: str = "", status: int = 0, error: str = "") -> None:
        super().__init__(message, remedy)
        self.status = status
        self.error = error


class NotAllowed(Refused):
    """No token, or one that is not good for this."""

    code = "not_allowed"


class SlotClosed(HangerdError):
    """The slot has ended; `reason` is "eof", "interrupt", "cancel", or what the daemon said."""

    code = "slot_closed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the slot has ended: {reason}", "Open another.")
        self.reason = reason


class RemoteError(CallError):
    """The function raised, or rejected; the traceback shows the remote stack."""

    code = "remote_error"


class UnknownFunction(CallError):
    """The host has no function of this name."""

    code = "no_function"


class UnknownHost(CallError):
    """The daemon has no host of this name."""

    code = "no_host"


class ArgumentsRefused(CallError):
    """The arguments do not fit, or the value cannot be sent back."""

    code = "arguments"


class CallTimeout(CallError, TimeoutError):
    """The deadline passed; the function was cancelled."""

    code = "timeout"


class CallCancelled(CallError):
    """The call was given up before it ended."""

    code = "cancelled"


class HostGone(CallError):
    """Its process, or the daemon, ended with the call in flight: it may have had effects."""

    code = "died"


class HostFailed(CallError):
    """The host could not be started, has failed too often, or is being stopped; nothing ran."""

    code = "failed"


class Busy(CallError):
    """Too many calls wait; `fault.retry_after` says in how many seconds to try again."""

    code = "busy"


class CallNotAllowed(CallError, NotAllowed):
    """The token is not good for this host, or the host takes no pickles."""

    code = "denied"

    def __init__(self, fault: Fault) -> None:
        CallError.__init__(self, fault)
        self.status, self.error = 403, fault.code


_BY_CODE: Final[Mapping[str, type[CallError]]] = {
    "function": RemoteError,
    "no_function": UnknownFunction,
    "no_host": UnknownHost,
    "arguments": ArgumentsRefused,
    "encoding": ArgumentsRefused,
    "pickle": CallNotAllowed,
    "denied": CallNotAllowed,
    "cancelled": CallCancelled,
    "stopping": HostFailed,
    "start": HostFailed,
    "failed": HostFailed,
    "died": HostGone,
    "crash": HostGone,
    "timeout": CallTimeout,
    "busy": Busy,
}


def call_error(fault: Fault) -> CallError:
    """The exception of a fault; the remote stack is a note, which tracebacks show."""
    error = _BY_CODE.get(fault.code, CallError)(fault)
    where = fault.host or "the host"
    if fault.stack:
        error.add_note(f"in {where}:\n{fault.stack.rstrip()}")
    if fault.stderr_tail:
        error.add_note(f"the last lines of {where}:\n{fault.stderr_tail.rstrip()}")
    return error
