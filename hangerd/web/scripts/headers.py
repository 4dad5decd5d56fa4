"""What the header lines of a request say to scripts, as text.

Who asks again mostly sends the same lines again: the channel then gives the same fields
(`channel.head`), and what they say was read before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from hangerd.web.channel.head import Fields
from hangerd.web.headers import accepts_html
from hangerd.web.operator.signed_in import without_session

_REMEMBERED: Final = 64  # header sections, each of at most 16 KiB


class Said(NamedTuple):
    """`pairs` are all fields but the cookie of who is signed in at the admin door."""

    pairs: tuple[tuple[str, str], ...]
    host: str
    wants_page: bool


def said_by(fields: Iterable[tuple[bytes, Sequence[bytes]]]) -> Said:
    """Read the header lines of one request: names in HTTP's usual capitals, with their values."""
    known = dict(fields)
    accept = known.get(b"Accept")
    pairs = tuple(
        (_text(name), _text(shown))
        for name, values in known.items()
        for value in values
        if (shown := without_session(value) if name == b"Cookie" else value) or not value
    )
    return Said(
        pairs,
        _text(b", ".join(known.get(b"Host", ()))),
        accepts_html(_text(b", ".join(accept)) if accept else None),
    )


class SaidBefore:
    """Reads fields that nobody changes, the same ones once."""

    def __init__(self) -> None:
        # By identity, for a dict has no hash; the fields are kept, so that no others get theirs.
        self._known: dict[int, tuple[Fields, Said]] = {}

    def by(self, fields: Fields) -> Said:
        """Say what these fields say."""
        found = self._known.get(id(fields))
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[id(fields)] = fields, said_by(fields.items())
        return found[1]


def _text(value: bytes) -> str:
    return value.decode("latin-1")
