"""Small programs about imports, from snippets.txt.

There `=== name` opens a program and `--- path` a file of it.
"""

from __future__ import annotations

from pathlib import Path


def snippets() -> dict[str, dict[str, str]]:
    """Return each program's files by its name."""
    text = "\n" + Path(__file__).with_suffix(".txt").read_text()
    found: dict[str, dict[str, str]] = {}
    for program in text.split("\n=== ")[1:]:
        name, _, rest = program.partition("\n")
        files = [part.partition("\n") for part in f"{rest}\n".split("--- ")[1:]]
        found[name] = {path: source for path, _, source in files}
    return found
