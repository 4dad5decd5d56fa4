"""The page that lists a folder."""

from __future__ import annotations

import html
from collections.abc import Sequence
from urllib.parse import unquote

from twisted.web.server import Request

from hangerd.scripts.listing import Entry
from hangerd.web.notices import notice


def list_folder(request: Request, target: bytes, entries: Sequence[Entry]) -> None:
    """Answer with the names in the folder at `target`, one a line, and finish the request."""
    links = [Entry("../", "../")] if target.strip(b"/") else []
    items = [
        f'<li><a href="{entry.href}">{html.escape(entry.name)}</a></li>'
        for entry in (*links, *entries)
    ]
    title = html.escape(unquote(target.decode("ascii")))
    markup = "\n".join(["<ul>", *items, "</ul>"])
    notice(request, 200, title, markup, "".join(f"{entry.name}\n" for entry in entries))
