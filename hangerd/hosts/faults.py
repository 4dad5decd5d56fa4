"""Why a call failed: the structure of docs/wire.md, and the exception that carries it.

Programs import it with `hangerd.client`; what it needs to read and write faults comes with the
first of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from hangerd.errors import HangerdError
from hangerd.hosts.errors import WireError

_REMEDIES: Final[Mapping[str, str]] = {
    "no_function": "Call one of the functions that the host lists.",
    "arguments": "Correct the arguments.",
    "encoding": "Return what JSON can say, or bytes.",
    "pickle": "Send JSON, or set pickle = true for this host.",
    "busy": "Try again after retry_after seconds.",
    "timeout": "Allow the call more time, or make it shorter.",
    "no_host": "Define the host first.",
    "failed": "Correct its cause, then restart the host.",
    "start": "Read the message and the host's log, correct the cause, and call again.",
    "died": "Read stderr_tail; the next call starts the host again.",
    "stopping": "Call again.",
    "denied": "Send a token that allows it.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure. `code` is one of docs/wire.md; `stack` and `stderr_tail` are texts."""

    code: str
    type: str
    message: str
    stack: str = ""
    cause: Mapping[str, Any] | None = None
    host: str = ""
    instance: int | None = None
    exit: str | None = None
    stderr_tail: str = ""
    retry_after: float | None = None

    def at(self, host: str, instance: int | None = None) -> Fault:
        """Return it with the place where it happened."""
        return replace(self, host=host, instance=instance)

    def as_json(self) -> dict[str, Any]:
        """Return what callers are shown."""
        shown = asdict(self)
        for name in ("cause", "retry_after"):
            if shown[name] is None:
                del shown[name]
        return shown

    def payload(self) -> bytes:
        """Return the payload of a frame `fault`."""
        from hangerd.hosts.wire import json_payload

        return json_payload(self.as_json())


def read_fault(code: object, payload: bytes) -> Fault:
    """Understand a runner's fault; what is missing or of another type is left empty.

    Raises WireError when the payload is not a JSON object.
    """
    from hangerd.hosts.wire import parse_json

    said = parse_json(payload)
    if not isinstance(said, dict):
        raise WireError("the payload of a fault is not a JSON object")
    cause = said.get("cause")
    return Fault(
        code=code if isinstance(code, str) else "function",
        type=str(said.get("type", "Error")),
        message=str(said.get("message", "")),
        stack=str(said.get("stack", "")),
        cause=cause if isinstance(cause, dict) else None,
    )


class CallError(HangerdError):
    """A call that ended in a fault."""

    code = "call_failed"

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.type}: {fault.message}", _REMEDIES.get(fault.code, ""))
        self.fault = fault
