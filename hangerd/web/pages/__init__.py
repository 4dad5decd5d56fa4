"""Plain files that browsers get from us: no build step, read once at start."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

_SENT = (".js", ".css")


def load_pages() -> dict[str, bytes]:
    """The JavaScript modules that the pages of others import, by file name."""
    return {
        path: data
        for path, data in load_assets().items()
        if path.endswith(".js") and "/" not in path
    }


def load_assets() -> dict[str, bytes]:
    """All modules and style sheets, by their paths in this folder."""
    return {
        path: file.read_bytes() for path, file in _walk(files(__name__), "") if path.endswith(_SENT)
    }


def load_text(path: str) -> str:
    """One file as text, by its path in this folder."""
    return files(__name__).joinpath(path).read_text(encoding="utf-8")


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _walk(item, f"{prefix}{item.name}/")
        else:
            yield prefix + item.name, item


def load_page(path: str) -> bytes:
    """A page of HTML that is sent as it is, by its path in this folder."""
    return files(__name__).joinpath(path).read_bytes()
