"""Request targets: what a client asks for, without the form in which it asks (RFC 9112, 3.2)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

# RFC 9110, 4.2: such a target names a host, and nobody's password.
_ABSOLUTE = re.compile(rb"(?i)https?://([^/?#@:][^/?#@]*)(?![^/?#])")


def split_target(target: bytes) -> tuple[bytes, bytes | None]:
    """The path and query of a target, and the host where it names one (absolute-form).

    `http://x.example/a?b` is `/a?b` on `x.example`; the path may be left out there. What has
    neither form comes back as it is, and names no path.
    """
    absolute = _ABSOLUTE.match(target)
    if absolute is None:
        return target, None
    rest = target[absolute.end() :]
    return (rest if rest.startswith(b"/") else b"/" + rest), absolute[1]


def below(path: bytes, depth: int) -> bytes:
    """What a path has after its first `depth` segments, as it was sent: from its slash on.

    Twisted's `postpath` has the escapes decoded, and `%2F` is then no longer what was sent.
    """
    return b"/" + b"/".join(path.split(b"/")[depth + 1 :])


def parse_query(target: bytes) -> dict[str, list[str]]:
    """All parameters in a target's query, in order; bytes that are not UTF-8 as surrogates."""
    # Twisted's own reading drops a parameter that is only named, such as ?replace.
    _, asked, told = target.partition(b"?")
    if not asked:
        return {}
    return parse_qs(
        told.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape"
    )
