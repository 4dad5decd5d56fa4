"""The page that lists a folder: a table for people, names for programs."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from urllib.parse import unquote

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.web.server import Request

from hangerd.scripts.listing import Entry, FolderNames, in_order
from hangerd.web.notices import notice

AT_ONCE: Final = 50
"""Names that are looked at in one turn of the reactor: two milliseconds."""

_LAST = 253_402_300_799  # the end of the year 9999, as far as dates go
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_HEAD = (
    '<tr><th scope="col">Name</th><th scope="col" class="size">Size</th>'
    '<th scope="col">Changed (UTC)</th></tr>'
)
_PARENT = '<p><a href="../">The folder above</a></p>'
_MORE = "<p>There is more in this folder than is shown here.</p>"


class FolderPage:
    """Looks at the names in a folder, some at a time for others to have their turn, and answers."""

    def __init__(
        self, request: Request, target: bytes, names: FolderNames, clock: IReactorTime
    ) -> None:
        """Take the request for the folder at `target`, which this finishes."""
        self._request = request
        self._target = target
        self._names = names
        self._clock = clock
        self._looks = iter(names)
        self._found: list[Entry] = []
        self._later: IDelayedCall | None = None

    def start(self) -> None:
        """Begin, and answer now or later."""
        self._request.notifyFinish().addErrback(lambda _: self._stop())
        self._look()

    def _look(self) -> None:
        self._later = None
        looks = list(islice(self._looks, AT_ONCE))
        self._found += filter(None, looks)
        if len(looks) == AT_ONCE:
            self._later = self._clock.callLater(0, self._look)
        else:
            _answer(self._request, self._target, in_order(self._found), more=self._names.more)

    def _stop(self) -> None:
        if self._later is not None:
            self._later.cancel()


def _answer(request: Request, target: bytes, entries: list[Entry], *, more: bool) -> None:
    title = html.escape(unquote(target.decode("ascii")))
    rows = "\n".join(["<table>", _HEAD, *map(_row, entries), "</table>"])
    parts = [
        _PARENT if target.strip(b"/") else "",
        rows if entries else "<p>Nothing is here.</p>",
        _MORE if more else "",
    ]
    text = "".join(f"{entry.name}\n" for entry in entries)
    notice(request, 200, title, "\n".join(filter(None, parts)), text)


def _row(entry: Entry) -> str:
    changed = datetime.fromtimestamp(min(max(0, entry.changed), _LAST), UTC)
    machine = f"{changed:%Y-%m-%dT%H:%M:%SZ}"
    people = f"<span>{changed:%Y-%m-%d}</span> {changed:%H:%M}"
    return (
        f'<tr><td><a href="{entry.href}">{html.escape(entry.name)}</a></td>'
        f'<td class="size">{"" if entry.size is None else shown_size(entry.size)}</td>'
        f'<td><time datetime="{machine}">{people}</time></td></tr>'
    )


def shown_size(size: int) -> str:
    """A size in bytes, for people: "999 B", "1.5 KiB", "12 MiB"."""
    number, unit = float(size), 0
    while number >= 999.5 and unit < len(_UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return f"{number:.{1 if unit and number < 9.95 else 0}f} {_UNITS[unit]}"
