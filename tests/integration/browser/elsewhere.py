"""A web server of another origin than the daemon's, for the pages of these tests.

It serves `pages/`, and `/node_modules/` from the examples. To every POST it answers a page, as many
static hosts do.
"""

from __future__ import annotations

from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

PAGES = Path(__file__).parent / "pages"
EXAMPLES = Path(__file__).parents[3] / "examples"


class _Files(SimpleHTTPRequestHandler):
    """Static files, readable from any origin."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def translate_path(self, path: str) -> str:
        top = "node_modules" if path.startswith("/node_modules/") else ""
        self.directory = str(EXAMPLES if top else PAGES)
        return super().translate_path(path)

    def do_GET(self) -> None:
        """Tell the cookie that came, at /cookie."""
        if self.path == "/cookie":
            self._answer("text/plain", (self.headers.get("Cookie") or "").encode())
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer("text/html", b"<!doctype html><title>Welcome</title>")

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Elsewhere:
    """Serves as a context manager; `url` is its origin."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
