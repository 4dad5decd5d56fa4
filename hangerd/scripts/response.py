"""The answer as a script shapes it: status and headers until the first output, then only output."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from werkzeug.http import dump_cookie

from hangerd.scripts.errors import HeadersSent
from hangerd.scripts.exceptions import HTTPRedirect
from hangerd.scripts.fields import Fields, text

HTML = "text/html; charset=utf-8"
_PIECE = 64 * 1024


class Head:
    """Status and headers; frozen at the first output."""

    def __init__(self) -> None:
        self.status = 200
        self.message = "OK"
        self.fields = Fields()
        self.closes = False  # the connection, after this answer
        self.frozen = False

    @property
    def content_type(self) -> str:
        """Return what the script set, '' if it set nothing."""
        found: str = self.fields.get("content-type", "") if self.fields else ""
        return found

    @property
    def plain(self) -> bool:
        """Whether the script has said nothing about its answer."""
        return self.status == 200 and self.message == "OK" and not self.fields

    def open(self) -> Head:
        """Return itself for a change. Raises HeadersSent."""
        if self.frozen:
            raise HeadersSent(
                "The headers are on their way: something has been printed.",
                "Set status and headers before the first output.",
            )
        return self


class Printer(Protocol):
    """What the response needs of its run."""

    head: Head

    def write_bytes(self, data: bytes, err: bool = False) -> None:
        """Send bytes to the visitor."""

    @property
    def print(self) -> Callable[..., None]:
        """Do what the builtin does, for this run."""

    def run_coroutine(self, coroutine: Any) -> Any:
        """Start a coroutine on the loop."""

    async def before_output(self) -> None:
        """Let the response middleware see the headers, and freeze them."""

    async def drained(self) -> None:
        """Wait until the visitor has taken enough."""


class Response:
    """`response` in a script. Setters raise HeadersSent after the first output returned."""

    def __init__(self, run: Printer, document_root: str) -> None:
        self._run = run
        self._document_root = document_root

    @property
    def headers(self) -> Fields:
        """Return the fields; changing them after the first output changes nothing."""
        return self._run.head.fields if not self._run.head.frozen else self._copy()

    def headers_sent(self, sent: bool = False) -> bool:
        """Tell whether it is too late for headers."""
        self._run.head.frozen = self._run.head.frozen or sent
        return self._run.head.frozen

    def get_status(self) -> tuple[int, str]:
        """Return status and reason."""
        return self._run.head.status, self._run.head.message

    def set_status(self, status: int = 200, message: str | bytes = "OK") -> None:
        """Set the status. Raises ValueError, HeadersSent."""
        if not 200 <= int(status) <= 599:
            raise ValueError(f"not a final status: {status}")
        reason = text(message)
        if not reason.isprintable():
            raise ValueError("a reason phrase has no line breaks")
        head = self._run.head.open()
        head.status, head.message = int(status), reason

    def set_header(self, name: str | bytes, value: str | bytes = "") -> None:
        """Set a field, instead of what it was."""
        self._run.head.open().fields[name] = value

    def append_header(self, name: str | bytes, value: str | bytes) -> None:
        """Add a value to a field."""
        self._run.head.open().fields.add(name, value)

    def set_content_type(self, content_type: str | bytes = HTML) -> None:
        """Set the content type: then output is sent as it is."""
        self.set_header("Content-Type", content_type)

    def set_cookie(
        self,
        name: str,
        value: str = "",
        *,
        expires: float = 0,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = True,
        samesite: str | None = "Lax",
    ) -> None:
        """Set a cookie for the session, or for `expires` seconds (below 0: delete it).

        Raises ValueError for what no cookie may have.
        """
        head = self._run.head.open()
        if not name.isascii() or any(char in name for char in '()<>@,;:\\"/[]?={} \t\r\n'):
            raise ValueError(f"not a cookie name: {name!r}")
        cookie = dump_cookie(
            name,
            value,
            max_age=max(0, int(expires)) if expires else None,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
        )
        head.fields.add("Set-Cookie", cookie)

    def redirect(self, url: str, code: int = 302) -> HTTPRedirect:
        """Return the exception to raise."""
        return HTTPRedirect(url, code)

    def print(self, *values: object, **options: Any) -> None:
        """Print to the visitor."""
        self._run.print(*values, **options)

    def run_coroutine(self, coroutine: Awaitable[Any]) -> Any:
        """Start a coroutine; the page ends when it has."""
        return self._run.run_coroutine(coroutine)

    async def write(self, data: bytes | str, **_: Any) -> None:
        """Send bytes; waits while the visitor is slow."""
        if not isinstance(data, bytes | bytearray | memoryview | str):
            raise TypeError(f"write() takes bytes or str, not {type(data).__name__}")
        await self._run.before_output()
        self._run.write_bytes(data.encode() if isinstance(data, str) else bytes(data))
        await self._run.drained()

    send = write

    async def end(self, data: bytes = b"") -> None:
        """Send the last bytes."""
        await self.write(data)

    async def sendfile(
        self,
        path: str,
        offset: int = 0,
        count: int | None = None,
        content_type: str | bytes = "application/octet-stream",
    ) -> None:
        """Send a file, or `count` bytes of it. Raises OSError.

        A relative path begins in the document root: the daemon's own folder is nobody's business.
        """
        if not self._run.head.frozen:
            self.set_content_type(content_type)
        with Path(self._document_root, path).open("rb") as file:
            file.seek(offset)
            left = count
            while piece := await asyncio.to_thread(_read(file.read, left)):
                left = None if left is None else left - len(piece)
                await self.write(piece)

    def close(self) -> None:
        """Ask for the connection to be closed after this answer."""
        self._run.head.open().closes = True

    def _copy(self) -> Fields:
        return Fields(self._run.head.fields.pairs())


def _read(read: Callable[[int], bytes], left: int | None) -> Callable[[], bytes]:
    return lambda: read(_PIECE if left is None else min(_PIECE, left))
