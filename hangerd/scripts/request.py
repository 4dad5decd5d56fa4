"""`request` in a script: what the visitor sent, under httpout's names.

Values that httpout gives as bytes are bytes here too. The coroutines run on any loop: what would
block goes to a thread.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import parse_qs

from werkzeug.http import parse_cookie

from hangerd.scripts.fields import Fields
from hangerd.scripts.forms import Form, FormLimits, parse_form
from hangerd.scripts.record import Record
from hangerd.scripts.visit import Visit

_PIECE = 64 * 1024


class Watched(Protocol):
    """What the request needs of its run."""

    @property
    def disconnected(self) -> bool:
        """Whether the visitor is gone."""

    def on_disconnect(self, call: Callable[[], object]) -> None:
        """Have `call` called in a thread when the visitor goes."""


class Request:
    """One request. Every method may be called any number of times."""

    is_valid = True
    http_continue = False
    upgraded = False

    def __init__(self, visit: Visit, environ: Record, run: Watched) -> None:
        self._visit = visit
        self._run = run
        self._form: Form | None = None
        self._closed = False
        self.environ = environ
        self.params = Record()
        self.context = self.ctx = visit.context
        self.headers = Fields(visit.headers)
        self.body_size = visit.body_size
        self.content_length = visit.body_size if visit.header("content-length") else -1
        self.has_body = visit.body_size > 0
        self.is_secure = visit.scheme == "https"
        self.client = visit.peer if visit.peer[0] else None

    @property
    def disconnected(self) -> bool:
        """Tell whether the visitor went away."""
        return self._run.disconnected

    def on_disconnect(self, call: Callable[[], object]) -> Callable[[], object]:
        """Have `call` called, in a thread of its own, when the visitor goes away."""
        self._run.on_disconnect(call)
        return call

    @property
    def method(self) -> bytes:
        """Return the method, such as b'GET'."""
        return self._visit.method.encode("latin-1")

    @property
    def url(self) -> bytes:
        """Return the target as it was sent."""
        return self._visit.uri.encode("latin-1")

    @property
    def path(self) -> bytes:
        """Return what comes before the first `?`."""
        return self.url.partition(b"?")[0]

    @property
    def query_string(self) -> bytes:
        """Return what comes after the first `?`."""
        return self.url.partition(b"?")[2]

    @property
    def host(self) -> bytes:
        """Return the host that was asked for."""
        return self._visit.host.encode("latin-1")

    @property
    def ip(self) -> bytes:
        """Return the visitor's address."""
        return self._visit.peer[0].encode("latin-1")

    @property
    def scheme(self) -> bytes:
        """Return b'http' or b'https'."""
        return self._visit.scheme.encode("latin-1")

    @property
    def version(self) -> bytes:
        """Return the protocol version, such as b'1.1'."""
        return self._visit.version.encode("latin-1")

    @property
    def content_type(self) -> bytes:
        """Return the body's type, b'' without one."""
        return self._visit.header("content-type").encode("latin-1")

    @property
    def transfer_encoding(self) -> bytes:
        """Return how the body was framed."""
        return self._visit.header("transfer-encoding").encode("latin-1") or b"none"

    @property
    def http_keepalive(self) -> bool:
        """Tell whether the connection is to be kept."""
        return self._visit.header("connection").lower() != "close"

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """Return the query's fields, without the blank ones. Raises ValueError over 100."""
        return parse_qs(self._visit.query, max_num_fields=100)

    @cached_property
    def cookies(self) -> dict[str, list[str]]:
        """Return the cookies, each name with its values."""
        cookies = parse_cookie("; ".join(self.headers.getlist("cookie")))
        return {name: cookies.getlist(name) for name in cookies}

    def eof(self) -> bool:
        """Tell whether the body has been read to its end."""
        return self._visit.body.tell() >= self._visit.body_size

    def uid(self, length: int = 32) -> bytes:
        """Return a fresh random identifier of `length` hexadecimal digits."""
        return secrets.token_hex((length + 1) // 2)[:length].encode()

    async def read(self, size: int = -1) -> bytes:
        """Read on in the body."""
        return await asyncio.to_thread(self._visit.body.read, size)

    async def recv(self, size: int = _PIECE) -> bytes:
        """Read the next piece of the body."""
        return await self.read(size)

    async def body(self, **_: Any) -> bytes:
        """Return the whole body."""
        self._visit.body.seek(0)
        return await self.read()

    async def stream(self, **_: Any) -> AsyncIterator[bytes]:
        """Iterate over the body in pieces."""
        self._visit.body.seek(0)
        while piece := await self.read(_PIECE):
            yield piece

    async def form(
        self, max_fields: int = 100, *, max_size: int = 8 * 1024 * 1024
    ) -> dict[str, list[str]]:
        """Return the form's fields. Raises BadRequest, PayloadTooLarge."""
        form = await self._parsed(FormLimits(max_fields, max_size))
        self.params["post"] = form.fields
        return form.fields

    async def files(
        self, max_files: int = 1024, *, max_file_size: int = 100 * 1024 * 1024
    ) -> AsyncIterator[dict[str, Any]]:
        """Iterate over the uploaded files, large ones in several parts. Raises as `form`."""
        form = await self._parsed(FormLimits(max_files=max_files, max_file_size=max_file_size))
        parts = form.parts()
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part

    async def _parsed(self, limits: FormLimits) -> Form:
        if self._form is None:
            return await asyncio.to_thread(self._parse, limits)
        return self._form

    def _parse(self, limits: FormLimits) -> Form:
        """Read the form, in a thread that goes on when nobody waits for it any more."""
        visit = self._visit
        content_type = visit.header("content-type")
        form = parse_form(visit.body, visit.body_size, content_type, limits)
        self._form = form
        if self._closed:
            form.close()
        return form

    def close(self) -> None:
        """Delete the temporary files. Called when the run has ended."""
        self._closed = True
        if self._form is not None:
            self._form.close()
