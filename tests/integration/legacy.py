"""A legacy client of slots: synchronous, knows four requests, and follows 307 as a browser does."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit


@dataclass(frozen=True)
class Answer:
    """What came in the end, and by how many requests."""

    status: int
    body: bytes
    headers: http.client.HTTPMessage
    requests: int


class LegacyClient:
    """Speaks to a base URL, such as "http://127.0.0.1:9095/hanger/", as another origin's page."""

    MOST_REDIRECTS = 20

    def __init__(self, base: str, timeout: float = 60.0) -> None:
        self._base = base
        self._timeout = timeout

    def post(self, path: str, body: bytes = b"") -> Answer:
        """Send a POST; a 307 is followed with the method and the body that were sent."""
        url = urljoin(self._base, path)
        for requests in range(1, self.MOST_REDIRECTS + 2):
            status, data, headers = self._once("POST", url, body)
            if status != 307:
                return Answer(status, data, headers, requests)
            assert headers["Access-Control-Allow-Origin"] == "*"
            url = urljoin(url, headers["Location"])
        raise AssertionError("too many redirects")

    def open(self) -> str:
        """Open a slot; returns its token."""
        answer = self.post("open/")
        assert answer.status == 200, answer
        return answer.body.decode()

    def write(self, token: str, data: bytes) -> Answer:
        """Write into a slot."""
        return self.post(f"{token}/write/", data)

    def read(self, token: str) -> Answer:
        """Hang until there is a value."""
        return self.post(f"{token}/read/")

    def _once(
        self, method: str, url: str, body: bytes
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        parts = urlsplit(url)
        peer = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=self._timeout)
        headers = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "http://page.example"}
        try:
            path = parts.path + (f"?{parts.query}" if parts.query else "")
            peer.request(method, path, body, headers)
            with peer.getresponse() as answer:
                return answer.status, answer.read(), answer.headers
        finally:
            peer.close()
