"""Payloads to Python values and back, as docs/wire.md says under "call" and "result"."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import Any

from .faults import CallError
from .frames import Header, Payload, parse_json

# What is circular is seen by its depth, which costs nothing.
_dumps = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_dumps_ascii = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False).encode
_BYTES_LIKE = (bytes, bytearray, memoryview)


class Arguments:
    """What a call passes. `value` is the payload as one object, None when nothing was given."""

    __slots__ = ("args", "kwargs", "value")  # a dataclass would cost every start 5 ms

    def __init__(
        self, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None, value: Any = None
    ) -> None:
        self.args = args
        self.kwargs: dict[str, Any] = {} if kwargs is None else kwargs
        self.value = value


def decode_arguments(header: Header, payload: bytes, pickles: bool) -> Arguments:
    """Return the arguments of a call. Raises CallError `arguments` or `pickle`."""
    kind = header.get("type", "json")
    if kind == "bytes":
        return Arguments(args=(payload,), value=payload)
    if kind not in ("json", "pickle"):  # it may be unhashable
        raise CallError("arguments", f"There is no payload type {kind!r}.")
    if kind == "json" and not payload:
        return Arguments()
    value = _unpickle(payload, pickles) if kind == "pickle" else _parse(payload)
    if header.get("as", "value") == "arguments":
        return _listed(value, kind)
    if kind == "json" and isinstance(value, dict):
        return Arguments(kwargs=value, value=value)
    if kind == "json" and isinstance(value, list):
        return Arguments(args=tuple(value), value=value)
    return Arguments(args=(value,), value=value)


def _parse(payload: bytes) -> Any:
    try:
        return parse_json(payload.decode())
    except (ValueError, RecursionError) as error:
        raise CallError("arguments", f"The payload is not JSON: {error}") from None


def _unpickle(payload: bytes, allowed: bool) -> Any:
    if not allowed:
        raise CallError(
            "pickle", "This host takes no pickles: its spec does not say pickle = true."
        )
    import pickle

    try:
        return pickle.loads(payload)  # noqa: S301 - the spec of this host allows it
    except Exception as error:
        raise CallError("arguments", f"The pickle cannot be loaded: {error}") from error


def _listed(value: Any, kind: str) -> Arguments:
    try:
        if kind == "json" and isinstance(value, dict):
            args, kwargs = value.get("args") or (), value.get("kwargs") or {}
        else:
            args, kwargs = value
        given = Arguments(args=tuple(args), kwargs=dict(kwargs))
    except (TypeError, ValueError):
        raise CallError("arguments", "The payload is not a list of arguments.") from None
    given.value = given.args[0] if given.args else given.kwargs or None
    return given


def encode_value(value: Any, accept: str | None, pickles: bool) -> tuple[str, Payload]:
    """Return (type, payload) of any value. Raises CallError `encoding` or `pickle`."""
    if isinstance(value, _BYTES_LIKE):
        return "bytes", bytes(value)
    if accept != "pickle":
        return "json", encode_json(value)
    if not pickles:
        raise CallError(
            "pickle", "This host makes no pickles: its spec does not say pickle = true."
        )
    try:
        return "pickle", _find_dumps()(value)
    except Exception as error:
        raise CallError("encoding", f"The value cannot be pickled: {error}") from error


def _find_dumps() -> Callable[[Any], bytes]:
    """Return cloudpickle's where a caller's pickle needed that: its own classes can go back."""
    import pickle

    dumps: Callable[[Any], bytes] = getattr(sys.modules.get("cloudpickle"), "dumps", pickle.dumps)
    return dumps


def encode_json(value: Any) -> bytes:
    """Return a value as JSON; NaN and the infinities are null. Raises CallError `encoding`."""
    try:
        try:
            return _dumps(value).encode()
        except UnicodeEncodeError:  # a lone surrogate, which JSON can escape
            return _dumps_ascii(value).encode()
        except ValueError:
            return _dumps_ascii(_finite(value)).encode()
    except RecursionError:
        raise CallError("encoding", "The value is circular, or nested too deeply.") from None
    except (TypeError, ValueError) as error:
        raise CallError("encoding", f"The value cannot be written as JSON: {error}") from None


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_finite(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
