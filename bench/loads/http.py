"""The smallest client for HTTP/1.1: one connection, one request after another, whole answers.

The load must cost less than what it measures. Stdlib only; it runs in the peers' Pythons too.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit

_PIECE = 1 << 20
_SMALL_PIECE = 1 << 16  # whose memory costs nothing to get
_LOOKS = 10_000_000  # some 10 s


class Refused(ValueError):
    """An answer that is not 2xx."""


class Connection:
    """A connection to a server, kept alive. Raises OSError when it is lost.

    One that is `awake` asks its socket again and again, instead of sleeping until an answer comes:
    to be woken would cost more than many an answer, and is not the server's doing.
    """

    def __init__(self, url: str, timeout: float = 60.0, *, awake: bool = False) -> None:
        parts = urlsplit(url)
        self.host = f"{parts.hostname}:{parts.port}"
        self.path = parts.path.rstrip("/")
        address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.socket = socket.create_connection(address, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = b""
        self._awake = awake
        if awake:
            self.socket.setblocking(False)

    def head(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Give a request's bytes; `path` is below that of the URL."""
        lines = [f"{method} {self.path}{path} HTTP/1.1", f"Host: {self.host}"]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """Ask and give the answer's body. Raises Refused."""
        return self.exchange(self.head(method, path, body, headers))

    def exchange(self, request: bytes) -> bytes:
        """Send a request and give the answer's body. Raises Refused."""
        try:
            self.socket.sendall(request)
        except ConnectionError as lost:
            raise self._why(lost) from lost
        status, found = self.answer()
        if not 200 <= status < 300:
            raise refusal(status, found)
        return found

    def answer(self) -> tuple[int, bytes]:
        """Give status and body of the next answer."""
        head = self._until(b"\r\n\r\n").lower()
        status = int(head[9:12])
        at = head.find(b"\r\ncontent-length:")
        if at >= 0:
            return status, self._exactly(int(head[at + 17 : head.find(b"\r", at + 17)]))
        if b"transfer-encoding: chunked" in head:
            return status, self._chunks()
        if status in {204, 304}:
            return status, b""
        return status, self._rest()

    def lines(self) -> Iterator[bytes]:
        """Give the lines of a chunked answer as they come. Raises Refused."""
        head = self._until(b"\r\n\r\n")
        if head[9:12] != b"200":
            raise Refused(head[:200].decode("latin-1"))
        text = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            *whole, text = (text + self._exactly(size + 2)[:-2]).split(b"\n")
            yield from whole
        self._until(b"\r\n")

    def close(self) -> None:
        """End it."""
        self.socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _why(self, lost: ConnectionError) -> Exception:
        """Give the answer that came before the whole request was sent, or how it was lost."""
        try:
            return refusal(*self.answer())
        except ConnectionError:
            return lost

    def _more(self) -> bytes:
        data = self._look() if self._awake else self.socket.recv(_PIECE)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def _look(self) -> bytes:
        for _ in range(_LOOKS):
            try:
                return self.socket.recv(_SMALL_PIECE)
            except BlockingIOError:
                pass
        raise TimeoutError("there was no answer")

    def _until(self, mark: bytes) -> bytes:
        while (end := self._left.find(mark)) < 0:
            self._left += self._more()
        end += len(mark)
        found, self._left = self._left[:end], self._left[end:]
        return found

    def _exactly(self, count: int) -> bytes:
        if len(self._left) == count:  # mostly the answer has come whole, and alone
            found, self._left = self._left, b""
            return found
        pieces, size = [self._left], len(self._left)
        while size < count:
            pieces.append(self._more())
            size += len(pieces[-1])
        whole = b"".join(pieces)
        self._left = whole[count:]
        return whole[:count]

    def _chunks(self) -> bytes:
        pieces = []
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            pieces.append(self._exactly(size + 2)[:-2])
        self._until(b"\r\n")
        return b"".join(pieces)

    def _rest(self) -> bytes:
        pieces = [self._left]
        self._left = b""
        with suppress(ConnectionError):
            while True:
                pieces.append(self._more())
        return b"".join(pieces)


def refusal(status: int, body: bytes) -> Refused:
    """Give what an answer says: its message and remedy, where it is JSON that has them."""
    said = body[:200].decode(errors="replace")
    with suppress(ValueError, KeyError, TypeError):
        told = json.loads(body)
        said = f"{told['message']} {told['remedy']}"
    return Refused(f"{status}: {said}")


def body_length(answer: bytes) -> int:
    """Give how many bytes of a body there are in an answer, which may have been cut off."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return len(body)
    come = at = 0
    while (end := body.find(b"\r\n", at)) >= 0 and (size := int(body[at:end], 16)):
        come += min(size, len(body) - end - 2)
        at = end + 2 + size + 2
    return come
