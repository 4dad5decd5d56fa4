"""What of a folder a listing shows: what would be served, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from hangerd.scripts.disk import Disk
from hangerd.scripts.paths import Listing, PathRules, Refused, Script

# Names that are looked at for one page: each costs some questions to the file system.
MAX_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to show, and where it leads from the folder; folders end in a slash.

    `size` is that of a file in bytes, None for folders and scripts, whose size is not that of their
    pages. `changed` is in seconds since 1970.
    """

    name: str
    href: str
    size: int | None = None
    changed: float = 0.0


class FolderNames:
    """The names in a folder, to be looked at one by one; `more` says that there are others."""

    def __init__(self, rules: PathRules, disk: Disk, listing: Listing) -> None:
        names = [name for name in disk.names(listing.path) if not name.startswith((".", "_"))]
        self._names = names[:MAX_NAMES]
        self.more = len(names) > MAX_NAMES
        self._rules = rules
        self._disk = disk
        self._listing = listing

    def __iter__(self) -> Iterator[Entry | None]:
        """Look at each name: an entry where a visitor may ask for it, else None."""
        return map(self._look, self._names)

    def _look(self, name: str) -> Entry | None:
        try:
            href = quote(name, safe="")
        except UnicodeEncodeError:  # no UTF-8, so no address leads to it
            return None
        decision = self._rules.decide(self._listing.target + href.encode())
        state = self._disk.state(f"{self._listing.path}/{name}")
        if isinstance(decision, Refused) or state is None:
            return None
        if state.is_folder:
            return Entry(name + "/", href + "/", None, state.changed)
        size = None if isinstance(decision, Script) else state.size
        return Entry(name, href, size, state.changed)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Put folders first, and each by name, whatever the case."""
    return sorted(entries, key=lambda entry: (not entry.name.endswith("/"), entry.name.casefold()))
