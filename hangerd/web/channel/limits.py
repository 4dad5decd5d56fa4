"""What one connection may ask for: sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a connection; one object serves all connections of a site.

    How long an idle connection is kept is the site's own `timeOut`, as with Twisted's channel. A
    request that is being answered has no timeout: a held read lives until its answer or its
    client's leaving.
    """

    request_line: int = 16384
    """Bytes of the request line, its CRLF not counted. Beyond: 414."""
    header_bytes: int = 16384
    """Bytes of the header section; also of a chunked body's trailer section. Beyond: 431."""
    header_count: int = 100
    """Header lines of a request; also lines of a trailer section. Beyond: 431."""
    body_bytes: int | None = 1 << 20
    """Bytes of a body, unless a request sets `channel.body_limit`. Beyond: 413. None: no limit."""
    chunk_extension_bytes: int = 1024
    """Bytes of chunk extensions in one whole body. Beyond: 400."""
    ahead_bytes: int = 16384
    """Pipelined bytes kept unread while a request is being answered; then reading pauses."""
    ahead_requests: int = 16
    """Pipelined requests begun in one reactor turn; the next ones wait for the next turn."""
    head_seconds: float = 20.0
    """From the first byte of a head to its last. Beyond: 400."""
    body_seconds: float = 30.0
    """Without a byte of a body that is being received. Beyond: 400."""
    write_seconds: float = 60.0
    """Without the client taking a byte that waits to be sent. Beyond: the connection is aborted."""
    linger_seconds: float = 2.0
    """For a refused client to read its answer while what it still sends is thrown away."""
    linger_bytes: int = 16 << 20
    """Bytes thrown away meanwhile; beyond, the connection is aborted."""
