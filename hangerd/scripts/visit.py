"""A visitor's request as the web decodes it, and what a script sees as `__server__`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

from hangerd import __doc__ as _about
from hangerd.scripts.record import Record
from hangerd.scripts.websocket import Link

SOFTWARE = (_about or "hangerd").partition(":")[0]


@dataclass(frozen=True)
class Visit:
    """One request for one script. Sizes in bytes; text as the request line had it (Latin-1)."""

    id: str
    method: str
    uri: str  # the raw request target
    version: str  # "1.1"
    headers: tuple[tuple[str, str], ...]
    body: BinaryIO
    body_size: int
    document_root: str
    script: str  # the file's absolute path
    script_name: str
    path_info: str
    path_info_raw: bytes = b""
    scheme: str = "http"
    host: str = ""  # with the port, as the visitor asked
    server: tuple[str, int] = ("", 0)
    peer: tuple[str, int] = ("", 0)
    argv: tuple[str, ...] = ()
    interactive: bool = False  # somebody can answer input()
    link: Link | None = None  # of one who asks for a websocket
    context: Record = field(default_factory=Record)  # lives as long as the connection

    @property
    def query(self) -> str:
        """Return what follows the first `?`."""
        return self.uri.partition("?")[2]

    def header(self, name: str) -> str:
        """Return the first value of a field, '' without one."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")


def server_record(visit: Visit) -> Record:
    """Return the CGI variables (RFC 3875, 4.1) with those that httpout guarantees."""
    record = Record(
        REQUEST_METHOD=visit.method,
        SCRIPT_NAME=visit.script_name,
        PATH_INFO=visit.path_info,
        PATH_INFO_RAW=visit.path_info_raw.decode("latin-1"),
        QUERY_STRING=visit.query,
        REMOTE_ADDR=visit.peer[0],
        REMOTE_PORT=str(visit.peer[1]),
        HTTP_HOST=visit.host,
        REQUEST_URI=visit.uri,
        REQUEST_SCHEME=visit.scheme,
        DOCUMENT_ROOT=visit.document_root,
        SCRIPT_FILENAME=visit.script,
        SERVER_NAME=visit.server[0],
        SERVER_PORT=str(visit.server[1]),
        SERVER_PROTOCOL=f"HTTP/{visit.version}",
        SERVER_SOFTWARE=SOFTWARE,
        GATEWAY_INTERFACE="CGI/1.1",
        HTTPS="on" if visit.scheme == "https" else "",
        CONTENT_TYPE=visit.header("content-type"),
        CONTENT_LENGTH=visit.header("content-length"),
    )
    for name, value in visit.headers:
        key = "HTTP_" + name.upper().replace("-", "_")
        # `Proxy:` would become what programs read as their own proxy (CVE-2016-5385).
        if key not in {"HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH", "HTTP_PROXY", "HTTP_HOST"}:
            record[key] = f"{record[key]}, {value}" if key in record else value
    return record
