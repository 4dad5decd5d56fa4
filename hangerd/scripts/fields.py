"""Header fields as scripts read and write them: any case, `str` or `bytes`, repeated or not.

A `bytes` name is answered with `bytes`, a `str` name with `str`; both are the same field.
What could end a header line (CR, LF, NUL) is refused where it is set (RFC 9110, 5.1 and 5.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, AnyStr

_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BAD = re.compile(r"[\r\n\0]")
_LENGTH = re.compile(r"[0-9]{1,18}")


class Fields(MutableMapping[Any, Any]):
    """Ordered header fields; `[name]` is the first value, `getlist` are all."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = list(pairs)

    def __getitem__(self, name: AnyStr) -> AnyStr:
        found = self.getlist(name)
        if not found:
            raise KeyError(name)
        return found[0]

    def __setitem__(self, name: str | bytes, value: str | bytes) -> None:
        pair = field(name, value)
        self._drop(name)
        self._pairs.append(pair)

    def __delitem__(self, name: str | bytes) -> None:
        if not self._drop(name):
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name, _ in self._pairs))

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._pairs})

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str | bytes) and bool(self.getlist(text(name)))

    def getlist(self, name: AnyStr) -> list[AnyStr]:
        """Return all values of a field, in order."""
        wanted = text(name).lower()
        found = [value for key, value in self._pairs if key.lower() == wanted]
        if isinstance(name, str):
            return found
        return [value.encode("latin-1") for value in found]

    def add(self, name: str | bytes, value: str | bytes) -> None:
        """Append one more value. Raises ValueError."""
        self._pairs.append(field(name, value))

    def pairs(self) -> list[tuple[str, str]]:
        """Return all fields in order."""
        return list(self._pairs)

    def _drop(self, name: str | bytes) -> bool:
        wanted = text(name).lower()
        kept = [pair for pair in self._pairs if pair[0].lower() != wanted]
        dropped = len(kept) < len(self._pairs)
        self._pairs[:] = kept
        return dropped


def text(value: str | bytes) -> str:
    """Return header text as `str`."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def field(name: str | bytes, value: str | bytes) -> tuple[str, str]:
    """Return a field that may be sent. Raises ValueError for one that may not."""
    name, value = text(name), text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a header name: {name!r}")
    if _BAD.search(value):
        raise ValueError(f"header {name}: a value has no line breaks")
    if name.lower() == "content-length" and not _LENGTH.fullmatch(value.strip(" \t")):
        raise ValueError(f"not a length: {value!r}")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"header {name}: percent-encode what is not Latin-1") from None
    return name, value.strip(" \t")
