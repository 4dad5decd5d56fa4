"""One head, whole, to its meaning: request line, fields and how its body is framed. Pure.

llhttp reads the fields, strictly, with a parser that lives for this head alone: nothing carries
over from one request to the next, and a waiting connection keeps no parser. What llhttp lets pass
is checked here. Short header sections that came lately are not read again.
Source: RFC 9112 sections 2 to 6; RFC 9110 sections 5, 7 and 10.1.1.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade
from httptools import HttpRequestParser as LlhttpParser
from twisted.web.http_headers import _nameEncoder

from hangerd.web.channel.errors import (
    MalformedRequest,
    NotSupported,
    Refused,
    UnknownExpectation,
    VersionNotSupported,
)

Fields = dict[bytes, list[bytes]]

_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_AUTHORITY = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]{0,5})?"
)
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?:][^/?]*)(.*)", re.DOTALL)

# Lines that llhttp takes, and that mean nothing for the headers after them.
_PLAIN_LINE = re.compile(
    rb"(GET|HEAD|POST|PUT|DELETE|OPTIONS) (/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*) HTTP/1\.1\r\n"
)
_ANY_LINE = b"GET / HTTP/1.1\r\n"
_LONGEST_REMEMBERED = 1024  # bytes
_REMEMBERED = 256  # header sections

_canonical = _nameEncoder.encode


class Head(NamedTuple):
    """A request's head. `length` is the body's in bytes; 0: no body, None: chunked."""

    method: bytes
    target: bytes
    version: bytes
    fields: Fields
    length: int | None
    persistent: bool
    expects_continue: bool


class _Collected:
    """What llhttp calls back while it reads one head."""

    __slots__ = ("ends", "fields")

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.ends = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        name = _canonical(name)
        value = value.rstrip(b" \t")
        fields = self.fields
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]

    def on_headers_complete(self) -> None:
        self.ends += 1


class _Section(NamedTuple):
    """What a header section says. One may serve many requests: `fields` are not to be changed."""

    fields: Fields
    length: int | None
    persistent: bool
    expects_continue: bool


def parse_head(raw: bytes) -> Head:
    """Read `raw`, from the method to the empty line.

    Returns: the head; its target in origin-form or `*`, field names in Twisted's capitals. Its
    fields may be another head's too, and are not to be changed.

    Raises:
        Refused: it is not a request that this server takes.
    """
    if len(raw) <= _LONGEST_REMEMBERED:
        # A client's next request mostly differs from the one before in its first line alone.
        plain = _PLAIN_LINE.match(raw)
        if plain is not None:
            section = _remembered(raw[plain.end() :])
            return Head(plain[1], plain[2], b"HTTP/1.1", *section)
    method, target, version = _request_line(raw)
    fields = _fields(raw)
    _check_host(version, fields)
    if target[0] != _SLASH:
        target = _origin_form(method, target, fields)
    return Head(method, target, version, *_read_section(version, fields))


def parse_usual(data: bytes) -> tuple[Head, int] | None:
    """Read the head that `data` begins with, and tell where it ends.

    None: it is not whole, or not of the form that is remembered; `parse_head` reads all, and says
    what is wrong.
    """
    plain = _PLAIN_LINE.match(data)
    if plain is None:
        return None
    begin = plain.end()
    end = data.find(b"\r\n\r\n", begin - 2, _LONGEST_REMEMBERED) + 4
    if end < begin:
        return None
    try:
        section = _remembered(data[begin:end])
    except Refused:
        return None
    # `Head(...)` would be a function in Python once more.
    return tuple.__new__(Head, (plain[1], plain[2], b"HTTP/1.1", *section)), end


@lru_cache(_REMEMBERED)
def _remembered(lines: bytes) -> _Section:
    """Read the header section of a request whose first line has nothing to do with it."""
    fields = _fields(_ANY_LINE + lines)
    _check_host(b"HTTP/1.1", fields)
    return _read_section(b"HTTP/1.1", fields)


def _check_host(version: bytes, fields: Fields) -> None:
    hosts = fields.get(b"Host")
    if hosts is None:
        if version == b"HTTP/1.1":
            raise MalformedRequest("There is no Host header.", "HTTP/1.1 needs one.")
    elif len(hosts) > 1 or not _AUTHORITY.fullmatch(hosts[0]):
        raise MalformedRequest("The Host header is not one host.", "Send one name or address.")


def _read_section(version: bytes, fields: Fields) -> _Section:
    framed = b"Content-Length" in fields or b"Transfer-Encoding" in fields
    return _Section(
        fields,
        _length(version, fields) if framed else 0,
        version == b"HTTP/1.1" and not (b"Connection" in fields and _says_close(fields)),
        b"Expect" in fields and version == b"HTTP/1.1" and _expects_continue(fields),
    )


_SLASH = ord("/")


def _request_line(raw: bytes) -> list[bytes]:
    parts = raw[: raw.index(b"\r\n")].split(b" ")
    if len(parts) != 3 or not parts[1]:
        raise MalformedRequest(
            "The request line is not a method, a target and a version.", "Part them by one space."
        )
    method, target, version = parts
    if not method.isalpha() and not _TOKEN.fullmatch(method):
        raise MalformedRequest("The method is not a token.", "Use one of HTTP's.")
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        if _VERSION.fullmatch(version):
            raise VersionNotSupported("This version of HTTP is not spoken here.", "Use HTTP/1.1.")
        raise MalformedRequest("The request line ends in no version.", "End it with HTTP/1.1.")
    if method == b"CONNECT":
        raise NotSupported("This server is no proxy.", "Ask for a path instead.")
    if b"#" in target:
        raise MalformedRequest("The target has a fragment.", "Send it without # and what follows.")
    return parts


def _fields(raw: bytes) -> Fields:
    collected = _Collected()
    try:
        LlhttpParser(collected).feed_data(raw)
    except HttpParserUpgrade:
        pass  # the head is whole; whether to upgrade is the resource's to say
    except HttpParserInvalidMethodError as error:
        raise NotSupported("This method is not known here.", "Use one of HTTP's.") from error
    except HttpParserError as error:
        raise MalformedRequest(f"{error}.", "Send the request as RFC 9112 writes it.") from error
    if collected.ends != 1:
        raise MalformedRequest("The header section does not end.", "End each line with CR LF.")
    return collected.fields


def _origin_form(method: bytes, target: bytes, fields: Fields) -> bytes:
    """Turn absolute-form into a path, its authority into the Host that counts (RFC 9112, 3.2.2)."""
    if target == b"*" and method == b"OPTIONS":
        return target
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None or not _AUTHORITY.fullmatch(absolute[1]):
        raise MalformedRequest("The target is no path of this server.", "Begin it with a slash.")
    fields[b"Host"] = [absolute[1]]
    path = absolute[2]
    if not path:
        return b"*" if method == b"OPTIONS" else b"/"
    return path if path[0] == _SLASH else b"/" + path


def _length(version: bytes, fields: Fields) -> int | None:
    codings = fields.get(b"Transfer-Encoding")
    lengths = fields.get(b"Content-Length")
    if lengths is not None and codings is None:
        if len(lengths) > 1 or not lengths[0].isdigit():
            raise MalformedRequest("Content-Length is not one number.", "Send it once, in digits.")
        return int(lengths[0])
    if lengths is not None or codings is None:
        raise MalformedRequest("The body has two lengths.", "Send Content-Length or chunks.")
    if version != b"HTTP/1.1":
        raise MalformedRequest("HTTP/1.0 has no Transfer-Encoding.", "Send Content-Length.")
    applied = [coding.strip(b" \t").lower() for coding in b",".join(codings).split(b",")]
    if applied.count(b"chunked") != 1 or applied[-1] != b"chunked" or b"" in applied:
        raise MalformedRequest("The body's end is not marked.", "Make chunked the last coding.")
    if len(applied) > 1:
        raise NotSupported("Only the chunked transfer coding is known.", "Send the body plain.")
    return None


def _says_close(fields: Fields) -> bool:
    options = b",".join(fields[b"Connection"]).lower()
    return b"close" in options and b"close" in [
        option.strip(b" \t") for option in options.split(b",")
    ]


def _expects_continue(fields: Fields) -> bool:
    expected = fields[b"Expect"]
    if len(expected) == 1 and expected[0].lower() == b"100-continue":
        return True
    raise UnknownExpectation("This expectation is not known.", "Only 100-continue is.")
