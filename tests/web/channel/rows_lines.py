"""Rows: the request line (RFC 9112 section 3)."""

from __future__ import annotations

from tests.web.channel.row import CHUNKED, GET, LONG, POST, SMUGGLED, H, get, refused, taken

REQUEST_LINES = [
    taken("3 request line", get(), GET),
    taken(
        "3 a target with a query",
        b"GET /a?b=c&d HTTP/1.1\r\n" + H + b"\r\n",
        (b"GET", b"/a?b=c&d", b""),
    ),
    taken(
        "3 an escaped target", b"GET /%41%2f HTTP/1.1\r\n" + H + b"\r\n", (b"GET", b"/%41%2f", b"")
    ),
    taken(
        "3 a target that browsers send",
        b"GET /a|b^c`{d} HTTP/1.1\r\n" + H + b"\r\n",
        (b"GET", b"/a|b^c`{d}", b""),
    ),
    taken("3.2.1 two slashes", b"GET //a HTTP/1.1\r\n" + H + b"\r\n", (b"GET", b"//a", b"")),
    taken("2.2 one empty line before", b"\r\n" + get(), GET),
    refused("2.2 two empty lines before", 400, b"\r\n\r\n" + get()),
    refused("2.2 bare LF before", 400, b"\n" + get()),
    refused("2.2 a space before the method", 400, b" " + get()),
    refused("2.2 a space before the first header", 400, b"GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
    refused("3 two spaces before the target", 400, b"GET  / HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 two spaces before the version", 400, b"GET /  HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 a space behind the version", 400, b"GET / HTTP/1.1 \r\n" + H + b"\r\n"),
    refused("3 a tab between", 400, b"GET\t/ HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 a vertical tab between", 400, b"GET\x0b/ HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 a space in the target", 400, b"GET /a b HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 a tab in the target", 400, b"GET /a\tb HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 NUL in the target", 400, b"GET /a\x00b HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 DEL in the target", 400, b"GET /a\x7fb HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 bare CR in the target", 400, b"GET /a\rb HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 bytes beyond ASCII in the target", 400, b"GET /\xc3\xa9 HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2 a fragment", 400, b"GET /a#b HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 no target", 400, b"GET HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 an empty target", 400, b"GET  HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 only a method", 400, b"GET\r\n" + H + b"\r\n"),
    refused("3 an empty request line", 400, b"\r\n\r\n\r\n"),
    refused("3 the line of HTTP/0.9", 400, b"GET /\r\n\r\n"),
    refused("3 a response", 400, b"HTTP/1.1 200 OK\r\n" + H + b"\r\n"),
    refused("3 TLS on a plain port", 400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    refused("3 too long", 414, b"GET /" + LONG + b" HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3 too long, and no end", 414, b"GET /" + LONG),
]

METHODS = [
    taken("3.1 HEAD", b"HEAD / HTTP/1.1\r\n" + H + b"\r\n", (b"HEAD", b"/", b"")),
    taken("3.1 DELETE", b"DELETE / HTTP/1.1\r\n" + H + b"\r\n", (b"DELETE", b"/", b"")),
    taken(
        "3.1 PUT", b"PUT / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\n\r\nx", (b"PUT", b"/", b"x")
    ),
    taken(
        "3.1 PATCH",
        b"PATCH / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\n\r\nx",
        (b"PATCH", b"/", b"x"),
    ),
    taken(
        "3.1 GET with a body",
        b"GET / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\n\r\nx",
        (b"GET", b"/", b"x"),
    ),
    taken(
        "3.1 DELETE with chunks",
        CHUNKED.replace(b"POST", b"DELETE") + b"1\r\nx\r\n0\r\n\r\n",
        (b"DELETE", b"/", b"x"),
    ),
    refused("3.1 an unknown method", 501, b"BREW / HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.1 small letters", 501, b"get / HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.1 no token", 400, b"G(T / HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.1 NUL in the method", 400, b"GE\x00T / HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.3 CONNECT, authority-form", 501, b"CONNECT a:80 HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.3 CONNECT with a path", 501, b"CONNECT /a HTTP/1.1\r\n" + H + b"\r\n"),
]

VERSIONS = [
    taken("2.3 HTTP/1.0", b"GET / HTTP/1.0\r\n\r\n", GET),
    taken("2.3 HTTP/1.0 with Host", b"GET / HTTP/1.0\r\n" + H + b"\r\n", GET),
    taken("2.3 HTTP/1.0 with a body", b"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", POST),
    taken(
        "9.3 HTTP/1.0 is not kept alive",
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + SMUGGLED,
        GET,
    ),
    refused("2.3 HTTP/2.0", 505, b"GET / HTTP/2.0\r\n" + H + b"\r\n"),
    refused("2.3 HTTP/1.2", 505, b"GET / HTTP/1.2\r\n" + H + b"\r\n"),
    refused("2.3 HTTP/0.9", 505, b"GET / HTTP/0.9\r\n" + H + b"\r\n"),
    refused("2.3 HTTP/3.0", 505, b"GET / HTTP/3.0\r\n" + H + b"\r\n"),
    refused("2.3 the preface of HTTP/2", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    refused("2.3 one digit", 400, b"GET / HTTP/1\r\n" + H + b"\r\n"),
    refused("2.3 three digits", 400, b"GET / HTTP/1.10\r\n" + H + b"\r\n"),
    refused("2.3 small letters", 400, b"GET / http/1.1\r\n" + H + b"\r\n"),
    refused("2.3 another protocol", 400, b"GET / RTSP/1.0\r\n" + H + b"\r\n"),
    refused("2.3 ICE", 400, b"SOURCE / ICE/1.0\r\n" + H + b"\r\n"),
    refused("2.3 a comma", 400, b"GET / HTTP/1,1\r\n" + H + b"\r\n"),
]

TARGETS = [
    taken(
        "3.2.2 absolute-form",
        b"GET http://a/b?c HTTP/1.1\r\n" + H + b"\r\n",
        (b"GET", b"/b?c", b""),
    ),
    taken("3.2.2 absolute-form without a path", b"GET http://a HTTP/1.1\r\n" + H + b"\r\n", GET),
    taken(
        "3.2.2 absolute-form with a query alone",
        b"GET http://a?b HTTP/1.1\r\n" + H + b"\r\n",
        (b"GET", b"/?b", b""),
    ),
    taken(
        "3.2.2 absolute-form with a port",
        b"GET https://a:1/b HTTP/1.1\r\n" + H + b"\r\n",
        (b"GET", b"/b", b""),
    ),
    taken("3.2.2 capitals", b"GET HTTP://a/b HTTP/1.1\r\n" + H + b"\r\n", (b"GET", b"/b", b"")),
    taken("3.2.4 asterisk-form", b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n", (b"OPTIONS", b"*", b"")),
    taken(
        "3.2.4 OPTIONS of a host",
        b"OPTIONS http://a HTTP/1.1\r\n" + H + b"\r\n",
        (b"OPTIONS", b"*", b""),
    ),
    taken(
        "3.2.1 OPTIONS of a path",
        b"OPTIONS /a HTTP/1.1\r\n" + H + b"\r\n",
        (b"OPTIONS", b"/a", b""),
    ),
    refused("3.2.4 asterisk-form of a GET", 400, b"GET * HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.2 another scheme", 400, b"GET ftp://a/b HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.2 no authority", 400, b"GET http:///b HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.2 a port alone", 400, b"GET http://:80/ HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.2 user information", 400, b"GET http://u:p@a/ HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.2 absolute-form without Host", 400, b"GET http://a/ HTTP/1.1\r\n\r\n"),
    refused("3.2.3 authority-form of a GET", 400, b"GET a:80 HTTP/1.1\r\n" + H + b"\r\n"),
    refused("3.2.1 no slash", 400, b"GET a HTTP/1.1\r\n" + H + b"\r\n"),
]
