"""Plain files that browsers get from us: no build step, read once at start."""

from __future__ import annotations

from importlib.resources import files


def load_pages() -> dict[str, bytes]:
    """All of our JavaScript modules, by file name."""
    return {
        file.name: file.read_bytes()
        for file in files(__name__).iterdir()
        if file.name.endswith(".js")
    }
