"""Rows: lengths, smuggling by them, and what follows (RFC 9112 sections 6 and 9)."""

from __future__ import annotations

from tests.web.channel.row import CHUNKED, GET, NEXT, POST, SMUGGLED, get, post, refused, taken

LENGTHS = [
    taken("6.2 a length", post(b"Content-Length: 5"), POST),
    taken("6.2 the length zero", post(b"Content-Length: 0", body=b""), (b"POST", b"/", b"")),
    taken("6.2 leading zeros", post(b"Content-Length: 005"), POST),
    taken("6.3 no length", post(body=b""), (b"POST", b"/", b"")),
    taken("6.2 spaces around a length", post(b"Content-Length:  5 "), POST),
    taken(
        "6.3 what follows is the next request",
        post(b"Content-Length: 5") + NEXT,
        POST,
        (b"GET", b"/next", b""),
    ),
    taken("6.3 less than the length", post(b"Content-Length: 6")),
    refused("6.3 two equal lengths", 400, post(b"Content-Length: 5", b"Content-Length: 5")),
    refused("6.3 two different lengths", 400, post(b"Content-Length: 5", b"Content-Length: 0")),
    refused("6.3 a list of lengths", 400, post(b"Content-Length: 5, 5")),
    refused("6.3 two lengths in two cases", 400, post(b"Content-Length: 5", b"CONTENT-LENGTH: 0")),
    refused("6.2 a plus sign", 400, post(b"Content-Length: +5")),
    refused("6.2 a minus sign", 400, post(b"Content-Length: -5")),
    refused("6.2 an empty length", 400, post(b"Content-Length:")),
    refused("6.2 hexadecimal", 400, post(b"Content-Length: 0x5")),
    refused("6.2 letters", 400, post(b"Content-Length: five")),
    refused("6.2 a fraction", 400, post(b"Content-Length: 5.0")),
    refused("6.2 an underscore", 400, post(b"Content-Length: 1_0")),
    refused("6.2 a space inside", 400, post(b"Content-Length: 5 5")),
    refused("6.2 digits beyond ASCII", 400, post(b"Content-Length: \xd9\xa5")),
    refused("6.2 more than 64 bits", 400, post(b"Content-Length: 18446744073709551621")),
    refused("6.2 more than the limit", 413, post(b"Content-Length: 1048577")),
]

SMUGGLING = [
    refused(
        "6.1 both lengths",
        400,
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 both lengths, the other way round",
        400,
        post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 chunks in HTTP/1.0", 400, CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n"
    ),
    refused(
        "6.1 an unknown coding before chunked",
        501,
        post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 the same in two headers",
        501,
        post(b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 chunked is not the last",
        400,
        post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    ),
    refused("6.1 chunked is not there", 400, post(b"Transfer-Encoding: gzip", body=b"0\r\n\r\n")),
    refused(
        "6.1 chunked twice", 400, post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n")
    ),
    refused(
        "6.1 chunked in two headers",
        400,
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    ),
    refused("6.1 identity", 400, post(b"Transfer-Encoding: identity", body=b"0\r\n\r\n")),
    refused(
        "6.1 chunked, then identity",
        400,
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n"),
    ),
    refused("6.1 an empty coding", 400, post(b"Transfer-Encoding:", body=b"0\r\n\r\n")),
    refused(
        "6.1 a word like chunked", 400, post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n")
    ),
    refused("6.1 chunked in quotes", 400, post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n")),
    refused(
        "6.1 chunked with a parameter",
        400,
        post(b"Transfer-Encoding: chunked;a=b", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 a vertical tab before chunked",
        400,
        post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    ),
    refused(
        "6.1 a comma before chunked", 400, post(b"Transfer-Encoding: ,chunked", body=b"0\r\n\r\n")
    ),
    refused(
        "6.1 a space before the colon", 400, post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n")
    ),
    refused("6.1 folded", 400, post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n")),
    refused(
        "6.1 hidden behind a bare LF",
        400,
        post(b"X: y\nTransfer-Encoding: chunked", b"Content-Length: 5"),
    ),
    refused(
        "6.1 hidden behind a bare CR",
        400,
        post(b"X: y\rTransfer-Encoding: chunked", b"Content-Length: 5"),
    ),
    refused("6.1 a length hidden behind NUL", 400, post(b"X: y\x00", b"Content-Length: 5")),
    refused(
        "6.3 both lengths and a request",
        400,
        post(b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\nG" + SMUGGLED),
    ),
    refused("11.2 a request behind a refused one", 400, get(b"X : a") + SMUGGLED),
]

CONNECTIONS = [
    taken("9.3.2 two requests", get() + NEXT, GET, (b"GET", b"/next", b"")),
    taken("9.3.2 three, with bodies", post(b"Content-Length: 5") * 2 + get(), POST, POST, GET),
    taken("9.6 nothing behind close", get(b"Connection: close") + SMUGGLED, GET),
    taken("9.6 close in a list", get(b"Connection: x, Close") + SMUGGLED, GET),
    taken(
        "9.6 close in the second header",
        get(b"Connection: x", b"Connection: close") + SMUGGLED,
        GET,
    ),
    taken("9.6 a word like close", get(b"Connection: closed") + NEXT, GET, (b"GET", b"/next", b"")),
    taken("9.3 keep-alive", get(b"Connection: keep-alive") + NEXT, GET, (b"GET", b"/next", b"")),
    taken(
        "2.2 an empty line between",
        post(b"Content-Length: 5") + b"\r\n" + NEXT,
        POST,
        (b"GET", b"/next", b""),
    ),
    refused("9.3.2 a bad request behind a good one", 400, get() + b"GET / HTTP/1.1\r\n\r\n", GET),
    refused(
        "2.2 rubbish behind a body", 501, post(b"Content-Length: 5", body=b"hello!!") + NEXT, POST
    ),
    taken(
        "RFC 9110, 10.1.1: 100-continue", post(b"Expect: 100-continue", b"Content-Length: 5"), POST
    ),
    taken(
        "RFC 9110, 10.1.1: in HTTP/1.0 it is ignored", b"GET / HTTP/1.0\r\nExpect: x\r\n\r\n", GET
    ),
    refused("RFC 9110, 10.1.1: another expectation", 417, get(b"Expect: more")),
    refused("RFC 9110, 10.1.1: two expectations", 417, get(b"Expect: 100-continue", b"Expect: x")),
]
