"""One HTTP/1.1 connection as a client, one request after the other: bytes in, answers out.

Knows no socket, no thread and no time. llhttp (httptools) reads what comes; a body may be taken
while it still comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from hangerd.client.session import Awaited

_LARGEST: Final = 256 * 1024 * 1024


class Answer(Awaited):
    """What comes for one request: header names in lower case; `body` what has not been taken."""

    def __init__(self) -> None:
        super().__init__()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.complete = False
        self.lost = ""
        self.streamed = False
        self._headed = False

    @property
    def ready(self) -> bool:
        """Whether it is whole; with `streamed`, whether there is something to look at."""
        if self.complete or self.lost:
            return True
        return self.streamed and (bool(self.body) or (not self._headed and self.status != 0))

    @property
    def begun(self) -> bool:
        """Whether the head has come; from then on `ready` is about the body."""
        self._headed = self.status != 0
        return self._headed

    def take(self) -> bytes:
        """Return what has come of the body since the last time."""
        taken = bytes(self.body)
        self.body.clear()
        return taken


class HttpSession:
    """Reads the answers of one connection. `usable` for another request once one is complete."""

    def __init__(self) -> None:
        self._answer: Answer | None = None
        self._parser: Any = None
        self.open = True

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return self.open and self._answer is None

    def request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes = b"",
    ) -> tuple[Answer, bytes]:
        """Return the answer to be, and the bytes that ask for it."""
        from httptools import HttpResponseParser

        lines = [f"{method} {target} HTTP/1.1", *(f"{key}: {headers[key]}" for key in headers)]
        if body or method in {"POST", "PUT"}:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self._answer = answer = Answer()
        events = _Events(answer, self._complete)
        self._parser = events.parser = HttpResponseParser(events)
        return answer, head + body

    def feed(self, data: bytes) -> None:
        """Take what a socket gave. Raises when it is no HTTP, or nobody asked."""
        if self._answer is None:
            raise ValueError("an answer that nobody asked for")
        answer = self._answer
        self._parser.feed_data(data)
        if len(answer.body) > _LARGEST:
            raise ValueError(f"an answer of more than {_LARGEST} bytes")
        answer.changed()

    def _complete(self) -> None:
        assert self._answer is not None  # noqa: S101 - the parser was made with it
        answer, self._answer = self._answer, None
        self.open = self.open and bool(self._parser.should_keep_alive())
        answer.complete = True

    def lost(self, reason: str, unread: bool = False) -> None:
        """Take note of the connection's end."""
        self.open = False
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.lost = reason
            answer.changed()


class _Events:
    """What llhttp tells, for one answer; answers before the answer (1xx) are passed over."""

    def __init__(self, answer: Answer, complete: Callable[[], None]) -> None:
        self._answer = answer
        self._complete = complete
        self.parser: Any = None
        self._early = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        self._early = status < 200
        if self._early:
            self._answer.headers.clear()
        else:
            self._answer.status = status

    def on_body(self, data: bytes) -> None:
        self._answer.body += data

    def on_message_complete(self) -> None:
        if not self._early:
            self._complete()


def target_of(*parts: str, **query: object) -> str:
    """A path with its parts quoted; of the query, what is None is left out, and True is bare."""
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    told = [
        key if value is True else urlencode({key: value})
        for key, value in query.items()
        if value is not None and value is not False
    ]
    return f"{path}?{'&'.join(told)}" if told else path
