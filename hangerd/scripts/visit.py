"""A visitor's request as the web decodes it, and what a script sees as `__server__`."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO

from hangerd import __doc__ as _about
from hangerd.scripts.record import Record
from hangerd.scripts.websocket import Link

SOFTWARE = (_about or "hangerd").partition(":")[0]


@dataclass(slots=True)
class Visit:
    """One request for one script; nobody changes it. Sizes in bytes, text as sent (Latin-1)."""

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
    client: str = ""  # whose limits count: the address, or an IPv6 network
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
        name = name.lower()
        return next((value for known, value in self.headers if known.lower() == name), "")


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
        CONTENT_TYPE="",
        CONTENT_LENGTH="",
    )
    for name, value in visit.headers:
        key, joins = _variable(name)
        if joins:
            record[key] = f"{record[key]}, {value}" if key in record else value
        elif key and not record[key]:
            record[key] = value
    return record


@lru_cache(maxsize=1024)
def _variable(field: str) -> tuple[str, bool]:
    """Return the variable of a header field, '' for none, and whether several lines are joined."""
    key = field.upper().replace("-", "_")
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return key, False
    # `Proxy:` would become what programs read as their own proxy (CVE-2016-5385).
    return ("", False) if key in ("PROXY", "HOST") else ("HTTP_" + key, True)
