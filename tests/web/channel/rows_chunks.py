"""Rows: the chunked transfer coding (RFC 9112 section 7.1)."""

from __future__ import annotations

from tests.web.channel.row import CHUNKED, NEXT, POST, SMUGGLED, refused, taken

CODINGS = [
    taken("7.1 chunks", CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", POST),
    taken("7.1 several chunks", CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", POST),
    taken("7.1 no chunk", CHUNKED + b"0\r\n\r\n", (b"POST", b"/", b"")),
    taken(
        "7.1 hexadecimal sizes",
        CHUNKED + b"A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n",
        (b"POST", b"/", b"01234567890123456789a"),
    ),
    taken("7.1 leading zeros", CHUNKED + b"0005\r\nhello\r\n000\r\n\r\n", POST),
    taken(
        "7.1 capitals in the coding",
        CHUNKED.replace(b"chunked", b"Chunked") + b"0\r\n\r\n",
        (b"POST", b"/", b""),
    ),
    taken(
        "7.1 CR LF in a chunk",
        CHUNKED + b"4\r\n\r\n\r\n\r\n0\r\n\r\n",
        (b"POST", b"/", b"\r\n\r\n"),
    ),
    taken(
        "7.1 what follows is the next request",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n" + NEXT,
        POST,
        (b"GET", b"/next", b""),
    ),
    taken("7.1.1 an extension", CHUNKED + b"5;a\r\nhello\r\n0\r\n\r\n", POST),
    taken("7.1.1 an extension with a value", CHUNKED + b"5;a=b;c=d\r\nhello\r\n0;e\r\n\r\n", POST),
    taken("7.1.1 an extension with quotes", CHUNKED + b'5;a="b;\\" c"\r\nhello\r\n0\r\n\r\n', POST),
    taken("7.1.1 bad whitespace", CHUNKED + b"5 ; a = b\r\nhello\r\n0\r\n\r\n", POST),
    taken("7.1.2 a trailer", CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\n\r\n", POST),
    taken(
        "7.1.2 a trailer that would smuggle",
        CHUNKED + b"0\r\nContent-Length: 99\r\n\r\n" + NEXT,
        (b"POST", b"/", b""),
        (b"GET", b"/next", b""),
    ),
    taken("7.1 not at its end", CHUNKED + b"5\r\nhello\r\n"),
    refused("7.1 no size", 400, CHUNKED + b"\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a prefix", 400, CHUNKED + b"0x5\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a plus sign", 400, CHUNKED + b"+5\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a minus sign", 400, CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 an underscore", 400, CHUNKED + b"1_0\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a space before the size", 400, CHUNKED + b" 5\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a space behind the size", 400, CHUNKED + b"5 \r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a letter that is no digit", 400, CHUNKED + b"5g\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 more than 64 bits", 400, CHUNKED + b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 NUL in a size", 400, CHUNKED + b"5\x00\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 bare LF behind a size", 400, CHUNKED + b"5\nhello\r\n0\r\n\r\n"),
    refused("7.1 bare CR behind a size", 400, CHUNKED + b"5\rhello\r\n0\r\n\r\n"),
    refused("7.1 bare LF behind a chunk", 400, CHUNKED + b"5\r\nhello\n0\r\n\r\n"),
    refused("7.1 bare LF at the end", 400, CHUNKED + b"5\r\nhello\r\n0\r\n\n"),
    refused("7.1 a chunk longer than its size", 400, CHUNKED + b"4\r\nhello\r\n0\r\n\r\n"),
    refused("7.1 a chunk shorter than its size", 400, CHUNKED + b"6\r\nhello\r\n0\r\n\r\n"),
    refused("7.1.1 a bare LF in an extension", 400, CHUNKED + b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    refused("7.1.1 a bare CR in an extension", 400, CHUNKED + b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    refused("7.1.1 NUL in an extension", 400, CHUNKED + b"5;a=\x00\r\nhello\r\n0\r\n\r\n"),
    refused("7.1.1 quotes without end", 400, CHUNKED + b'5;a="b\r\nhello\r\n0\r\n\r\n'),
    refused("7.1.1 an extension without a name", 400, CHUNKED + b"5;=b\r\nhello\r\n0\r\n\r\n"),
    refused(
        "7.1.1 an extension too long",
        400,
        CHUNKED + b"5;" + b"a" * 2000 + b"\r\nhello\r\n0\r\n\r\n",
    ),
    refused(
        "7.1.1 too many extensions", 400, CHUNKED + b"1;aaaaaaaaa\r\nx\r\n" * 200 + b"0\r\n\r\n"
    ),
    refused("7.1.2 a trailer without a colon", 400, CHUNKED + b"0\r\nX\r\n\r\n"),
    refused("7.1.2 a folded trailer", 400, CHUNKED + b"0\r\nX: y\r\n z\r\n\r\n"),
    refused("7.1.2 a space before a trailer's colon", 400, CHUNKED + b"0\r\nX : y\r\n\r\n"),
    refused("7.1.2 NUL in a trailer", 400, CHUNKED + b"0\r\nX: \x00\r\n\r\n"),
    refused("7.1.2 a request in place of trailers", 400, CHUNKED + b"0\r\n" + SMUGGLED),
    refused("7.1.2 too many trailers", 431, CHUNKED + b"0\r\n" + b"X: y\r\n" * 101 + b"\r\n"),
    refused("7.1.2 a trailer too long", 431, CHUNKED + b"0\r\nX: " + b"y" * 40000 + b"\r\n\r\n"),
    refused(
        "7.1 more than the limit",
        413,
        CHUNKED + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 17 + b"0\r\n\r\n",
    ),
]
