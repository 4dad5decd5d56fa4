"""Faults as the client reads them: whole, with the place where they happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hangerd.hosts.faults import Fault

_TEXTS = ("type", "message", "stack", "host", "stderr_tail")


def read_fault(code: object, payload: bytes) -> Fault:
    """Understand the fault of a frame; what is missing or of another type is left empty."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        said = {}
    return fault_of({**said, "code": code} if isinstance(said, dict) else {"code": code})


def fault_of(said: Mapping[str, Any]) -> Fault:
    """Understand a fault as JSON shows it."""
    texts = {name: str(said.get(name) or "") for name in _TEXTS}
    instance, retry, cause = (said.get(name) for name in ("instance", "retry_after", "cause"))
    return Fault(
        code=str(said.get("code") or "function"),
        instance=instance if isinstance(instance, int) else None,
        exit=None if said.get("exit") is None else str(said["exit"]),
        cause=cause if isinstance(cause, dict) else None,
        retry_after=float(retry) if isinstance(retry, int | float) else None,
        **texts,
    )
