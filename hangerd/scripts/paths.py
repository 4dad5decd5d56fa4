"""Rules: a target becomes one file inside the root's real path, resolved first, or a refusal.
The first `.py` that is no folder ends the file's part, the rest is PATH_INFO; a folder gives its
index. A name that starts with `_` is private (404), an extension without a content type is refused
(403).

Pure: the questions about the file system go to the `Lookup` handed in, and no clock or HTTP object
is known here.
"""  # noqa: D205 - three lines of rules, then the boundary

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from hangerd.scripts.lookup import Kind, Lookup
from hangerd.scripts.mime import content_type_of, extension_of
from hangerd.scripts.names import RefusalError, RequestPath, unsafe

MAX_FILE_PART = 255
MAX_PATH_INFO = 4096
# Scripts that were asked for, and the longest targets of such, in bytes.
KNOWN_SCRIPTS = 1024
MAX_KNOWN = 256

_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class RootSettings:
    """The served folder: its path, the files that a folder shows, the first that it has.

    `follow_symlinks` lets links lead out of the root; `listing` shows the names in a folder without
    an index.
    """

    root: str
    directory_index: tuple[str, ...] = ("index.py", "index.html")
    follow_symlinks: bool = False
    listing: bool = False


@dataclass(frozen=True, slots=True)
class StaticFile:
    """Send the file at this resolved path.

    `encoded` are its compressed twins as (content coding, resolved path), the best first.
    """

    path: str
    content_type: str
    encoded: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """Run the script at this resolved path.

    `script_name` is the file as a path under the root (`/home/index.py`, also for `/home`).
    `path_info` is decoded and without empty segments, '' where there is none; `path_info_raw` is
    what was sent.
    """

    path: str
    script_name: str
    path_info: str = ""
    path_info_raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Listing:
    """Show the names in the folder at this resolved path; `target` asks for it, with a slash."""

    path: str
    target: bytes


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask again with a slash at the end: `location` is relative, to hold under any prefix."""

    location: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Answer with this HTTP status and this text; the text is escaped, safe in HTML."""

    status: int
    text: str


Decision = StaticFile | Script | Listing | Redirect | Refused


def not_found(target: bytes) -> Refused:
    """Refuse a target at which nothing is, or nothing that may be shown."""
    shown = html.escape(target.decode("ascii", "backslashreplace"))
    return Refused(404, f"URL not found: {shown}")


class PathRules:
    """From a request target to what shall be done with it, for one root."""

    def __init__(self, settings: RootSettings, lookup: Lookup, *, scripts: bool = True) -> None:
        self._settings = settings
        self._lookup = lookup
        self._scripts = scripts
        self._known: dict[bytes, tuple[Script, tuple[str, ...]]] = {}
        self._root = lookup.real_path(settings.root)
        self._inside = self._root.rstrip("/") + "/"
        self._indexes = tuple(
            name for name in settings.directory_index if scripts or not name.endswith(".py")
        )

    def decide(self, target: bytes, *, accepts_html: bool = False) -> Decision:
        """Decide about a target as on the request line, for someone who asks for HTML or not."""
        if (known := self.known(target)) is not None:
            return known
        decision = self._decide_anew(target, accepts_html)
        path = target.partition(b"?")[0]
        if isinstance(decision, Script) and len(path) <= MAX_KNOWN:
            self._keep(path, decision)
        return decision

    def known(self, target: bytes) -> Script | None:
        """Give a script that was decided for before, if it is still the one; else None.

        It is as long as no link and nothing else than folders are on the way to it: that alone
        needs to be asked.
        """
        found = self._known.get(target.partition(b"?")[0])
        if found is None or not self._lookup.leads_straight(found[1]):
            return None
        return found[0]

    def _keep(self, path: bytes, script: Script) -> None:
        """Remember the way to a script that its own address names, without a link."""
        if script.path != self._inside + script.script_name[1:]:
            return
        if not path.startswith(script.script_name.encode()):  # a folder's index, or an escape
            return
        names = script.script_name.split("/")[1:]
        if len(self._known) >= KNOWN_SCRIPTS:
            self._known.clear()
        steps = (self._inside + "/".join(names[: end + 1]) for end in range(len(names)))
        self._known[path] = script, tuple(steps)

    def _decide_anew(self, target: bytes, accepts_html: bool) -> Decision:
        try:
            return self._decide(RequestPath.parse(target), accepts_html)
        except _MissingErrorError:
            return not_found(target)
        except RefusalError as refusal:
            return Refused(refusal.status, refusal.text)

    def _decide(self, path: RequestPath, accepts_html: bool) -> Decision:
        script_end = self._script_end(path)
        count = script_end or len(path.names)
        names = path.names[:count]
        raw_info = path.raw[path.ends[count - 1] :] if script_end else b""
        if len("/".join(names).encode()) >= MAX_FILE_PART or len(raw_info) > MAX_PATH_INFO:
            raise unsafe()
        if any(name.startswith("_") for name in names):
            raise _MissingErrorError
        real = self._resolve(self._inside + "/".join(names))
        kind = self._lookup.kind(real)
        if kind is Kind.FOLDER and not script_end:
            return self._index(path, real, accepts_html)
        if kind is not Kind.FILE or (path.slash and not script_end):
            raise _MissingErrorError
        info = "/" + "/".join(path.names[count:]) if raw_info else ""
        return self._file(real, names, info, raw_info)

    def _script_end(self, path: RequestPath) -> int:
        """Count the segments up to and with the script, there or not; 0 where none is one."""
        for index, name in enumerate(path.names):
            if name.endswith(".py"):
                lexical = self._inside + "/".join(path.names[: index + 1])
                if self._lookup.kind(lexical) is not Kind.FOLDER:
                    return index + 1
        return 0

    def _index(self, path: RequestPath, folder: str, accepts_html: bool) -> Decision:
        shown = self._first_index(path, folder)
        if accepts_html and not path.slash:
            return Redirect(path.raw.rpartition(b"/")[2] + b"/" + path.query)
        return shown

    def _first_index(self, path: RequestPath, folder: str) -> Decision:
        for index in self._indexes:
            real = self._resolve(f"{folder.rstrip('/')}/{index}")
            if self._lookup.kind(real) is Kind.FILE:
                return self._file(real, (*path.names, index), "", b"")
        if self._settings.listing:
            return Listing(folder, path.raw if path.slash else path.raw + b"/")
        raise _MissingErrorError

    def _file(self, real: str, names: Sequence[str], info: str, raw_info: bytes) -> Decision:
        if names[-1].endswith(".py"):
            if not self._scripts:
                raise _MissingErrorError
            return Script(real, "/" + "/".join(names), info, raw_info)
        content_type = content_type_of(names[-1])
        if content_type is None:
            extension = html.escape(extension_of(names[-1]))
            raise RefusalError(403, f"Disallowed file extension: {extension}")
        return StaticFile(real, content_type, self._encoded(real))

    def _encoded(self, real: str) -> tuple[tuple[str, str], ...]:
        found = []
        for coding, suffix in _ENCODINGS:
            if self._lookup.kind(real + suffix) is Kind.FILE:
                twin = self._lookup.real_path(real + suffix)
                if self._contains(twin):
                    found.append((coding, twin))
        return tuple(found)

    def _resolve(self, lexical: str) -> str:
        real = self._lookup.real_path(lexical)
        if not self._contains(real):
            raise RefusalError(403, "Path traversal is not allowed")
        return real

    def _contains(self, real: str) -> bool:
        return self._settings.follow_symlinks or real == self._root or real.startswith(self._inside)


class _MissingErrorError(Exception):
    """Nothing to show there, or nothing that may be shown."""
