"""Arguments of calls as payloads, and payloads as values, as docs/wire.md says.

Knows no connection. Only here a pickle is made or loaded, and only for a host that the program
said it trusts. It keeps nothing between calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hangerd.errors import HangerdError
from hangerd.hosts.wire import parse_json

# Not pydantic's, which reads a tuple's or an object's own idea of itself: what JSON cannot say is
# refused here, before anything is sent.
_dumps: Final = json.JSONEncoder(
    separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=True
).encode
_dumps_ascii: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a call passes: the header fields that say how, and the payload."""

    header: Mapping[str, Any]
    payload: bytes


_JSON: Final[Mapping[str, Any]] = {"as": "arguments"}
_BYTES: Final[Mapping[str, Any]] = {"type": "bytes"}
_BYTES_LIKE: Final = (bytes, bytearray, memoryview)
_PICKLE: Final[Mapping[str, Any]] = {"as": "arguments", "type": "pickle", "accept": "pickle"}


def encode_arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any], *, pickled: bool = False
) -> Arguments:
    """Say the arguments in JSON, one bytes-like object as it is, or all of it as a pickle.

    Raises TypeError or ValueError for what cannot be said.
    """
    if pickled:
        return Arguments(_PICKLE, find_dumps()((tuple(args), dict(kwargs))))
    if len(args) == 1 and not kwargs and isinstance(args[0], _BYTES_LIKE):
        return Arguments(_BYTES, bytes(args[0]))
    told: dict[str, Any] = {"args": args} if args else {}
    if kwargs:
        told["kwargs"] = kwargs
    return Arguments(_JSON, encode_json(told))


def encode_json(value: Any) -> bytes:
    """Return a value as JSON. Raises TypeError or ValueError for what JSON cannot say."""
    try:
        return _dumps(value).encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON can escape
        return _dumps_ascii(value).encode()


def decode_value(kind: str, payload: bytes, *, pickled: bool = False) -> Any:
    """Return what a result says. Raises HangerdError for a pickle that nobody asked for."""
    if kind == "bytes":
        return payload
    if kind == "json":
        return parse_json(payload) if payload else None
    if kind == "pickle" and pickled:
        import pickle

        return pickle.loads(payload)  # noqa: S301 - the program trusts this host
    raise HangerdError(f"a value of type {kind:.20} is not loaded", "Say pickle=True.")


def find_dumps() -> Callable[[Any], bytes]:
    """Return cloudpickle's dumps, which also takes functions of `__main__`, else pickle's."""
    try:
        from cloudpickle import dumps
    except ImportError:
        from pickle import dumps
    found: Callable[[Any], bytes] = dumps
    return found
