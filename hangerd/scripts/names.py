r"""Rules: a request target is a path (origin form, or absolute form, its authority dropped).
Names hold letters, digits and marks of any script, a space, a few signs; escapes are decoded once.
Refused: an escape of what needs none (`%2e`), `..`, a leading dot (but `/.well-known`), all else.

Why escapes at all: files called `sp ace.txt` or `año.txt` are files too. Why not all of them: no
well-meaning client writes `%2e` for a dot, so such an escape only serves to slip past a rule.
"""  # noqa: D205 - three lines of rules, then the reason

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

# What needs no thought: the seed of this format, and nearly every request.
_PLAIN = re.compile(rb"[A-Za-z0-9_\-.]*")
# RFC 3986 pchar without `:`, `;` and `*`, and escapes of anything but the plain characters.
_WRITTEN = re.compile(rb"(?:[A-Za-z0-9_\-.~!$&'()+,=@]|%[0-9A-Fa-f]{2})*")
_NEEDLESS = re.compile(rb"%(?:2[DEdef]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff])")
_SIGNS = frozenset(" !#$&'()+,=@[]^`{}~\u200c\u200d")
_ABSOLUTE = re.compile(rb"https?://[^/?#@\s]+(?=[/?]|\Z)", re.IGNORECASE)


class RefusalError(Exception):
    """No file answers to this target: the HTTP status, and the answer's text (safe in HTML)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class RequestPath:
    """A path that keeps to the rules.

    `names` are its decoded segments, empty ones left out; `raw` is the path as it was sent, without
    query; `ends[i]` is where `names[i]` ends in `raw`; `slash` says that it ends in one; `query`
    starts with `?` or is empty.
    """

    names: tuple[str, ...]
    raw: bytes
    ends: tuple[int, ...]
    slash: bool
    query: bytes

    @classmethod
    def parse(cls, target: bytes) -> RequestPath:
        """Read a request target (RFC 9112, 3.2); RefusalError where it breaks a rule."""
        path, query = _path_and_query(target)
        segments = path.split(b"/")
        _refuse_climbing(segments)
        if not path.startswith(b"/"):
            raise RefusalError(400, "Bad Request")
        _refuse_dots([segment for segment in segments if segment])
        names: list[str] = []
        ends: list[int] = []
        position = -1
        for segment in segments:
            position += 1 + len(segment)
            if segment:
                names.append(_name(segment))
                ends.append(position)
        return cls(tuple(names), path, tuple(ends), path.endswith(b"/"), query)


def _path_and_query(target: bytes) -> tuple[bytes, bytes]:
    absolute = _ABSOLUTE.match(target)
    if absolute:
        target = target[absolute.end() :]
        if not target.startswith(b"/"):
            target = b"/" + target
    path, mark, query = target.partition(b"?")
    return path, mark + query


def _refuse_climbing(segments: list[bytes]) -> None:
    depth = 0
    for segment in segments:
        if segment == b"..":
            depth -= 1
        elif segment not in (b"", b"."):
            depth += 1
        if depth < 0:
            raise RefusalError(403, "Path traversal is not allowed")


def _refuse_dots(segments: list[bytes]) -> None:
    for index, segment in enumerate(segments):
        if segment.startswith(b".") and not (index == 0 and segment == b".well-known"):
            raise RefusalError(403, "Access to dotfiles is prohibited")


def _name(segment: bytes) -> str:
    if _PLAIN.fullmatch(segment):
        name = segment.decode("ascii")
    elif _WRITTEN.fullmatch(segment) and not _NEEDLESS.search(segment):
        name = _decoded(segment)
    else:
        raise unsafe()
    if ".." in name:
        raise unsafe()
    return name


def _decoded(segment: bytes) -> str:
    try:
        name = unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise unsafe() from None
    if not all(map(_allowed, name)) or not _same_when_folded(name):
        raise unsafe()
    return name


def _allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in "_-." or character in _SIGNS
    return unicodedata.category(character)[0] in "LMNPS" or character in _SIGNS


def _same_when_folded(name: str) -> bool:
    """Say that no look-alike in the name (a fullwidth dot) folds to a sign of a path."""
    folded = unicodedata.normalize("NFKC", name)
    return folded == name or not re.search(r"^[._]|\.\.|[/\\\x00]", folded)


def unsafe() -> RefusalError:
    """Make the refusal of a name that may not be asked for."""
    return RefusalError(403, "Unsafe URL detected")
