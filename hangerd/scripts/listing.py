"""Which names of a folder a listing shows: those, and no others, that would be served."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from hangerd.scripts.disk import Disk
from hangerd.scripts.lookup import Kind
from hangerd.scripts.paths import Listing, PathRules, Refused

# Names that are looked at for one page: each costs some questions to the file system.
MAX_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to show, and where it leads from the folder; folders end in a slash."""

    name: str
    href: str


def entries(rules: PathRules, disk: Disk, listing: Listing) -> list[Entry]:
    """Give what a visitor may ask for in a folder, of its first `MAX_NAMES` names, in order."""
    shown = []
    for name in disk.names(listing.path)[:MAX_NAMES]:
        try:
            href = quote(name, safe="")
        except UnicodeEncodeError:  # no UTF-8, so no address leads to it
            continue
        if not isinstance(rules.decide(listing.target + href.encode()), Refused):
            slash = "/" if disk.kind(f"{listing.path}/{name}") is Kind.FOLDER else ""
            shown.append(Entry(name + slash, href + slash))
    return shown
