"""HTTP for js-host's names: one connection that is kept, an end to every wait, no dependency.

What comes back has the attributes of an answer of `requests` that js-host's users read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from hangerd.client.blocking import BlockingIo
from hangerd.client.errors import HangerdError
from hangerd.client.finding import Finder
from hangerd.client.http1 import Answer
from hangerd.client.http_links import Web
from hangerd.client.js_host.exceptions import ConnectionError
from hangerd.client.running import run


class Response:
    """A whole answer."""

    def __init__(
        self, url: str, status_code: int, headers: Mapping[str, str], content: bytes
    ) -> None:
        self.url = url
        self.status_code = status_code
        self.headers = headers
        self.content = content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    @property
    def ok(self) -> bool:
        """Whether it is no error."""
        return self.status_code < 400

    def json(self) -> Any:
        """Return what the body says as JSON. Raises ValueError."""
        return json.loads(self.content)


class Site:
    """The server at a root URL. Threads may share it; each has a connection while it asks."""

    def __init__(self, root_url: str) -> None:
        told = urlsplit(root_url)
        self.root_url = root_url
        self._base = told.path.rstrip("/")
        self._io = BlockingIo()
        origin = f"{told.scheme}://{told.netloc}"
        try:
            self._web = Web(self._io, Finder({}, origin))  # no token of hangerd's goes there
        except HangerdError as error:
            raise ConnectionError(error.message) from None

    def ask(
        self,
        method: str,
        endpoint: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes = b"",
        timeout: float,
    ) -> Response:
        """Return the answer, whatever its status.

        Raises hangerd.client's Unreachable and ConnectionLost, and TimeoutError.
        """
        target = f"{self._base}/{endpoint}" + (f"?{urlencode(params)}" if params else "")
        answer: Answer = run(
            self._web.ask(
                method,
                target,
                body=data,
                headers=headers,
                deadline=self._io.now() + timeout,
            )
        )
        url = self.root_url + target.removeprefix(self._base)
        return Response(url, answer.status, answer.headers, bytes(answer.body))
