"""The answer as a script shapes it: open until the first output, and what no answer may have."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import HeadersSent
from hangerd.scripts.response import Head, Response


class Printer:
    """Writes down what is printed; the first output closes the headers."""

    def __init__(self) -> None:
        self.head = Head()
        self.sent: list[Any] = []

    def write_bytes(self, data: bytes, err: bool = False) -> None:
        self.sent.append(data)

    def print(self, *values: object, **options: Any) -> None:
        self.sent.append((values, options))

    def run_coroutine(self, coroutine: Any) -> Any:
        return ("started", coroutine)

    async def before_output(self) -> None:
        self.head.frozen = True

    async def drained(self) -> None:
        self.sent.append("drained")


class ResponseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.printer = Printer()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.response = Response(self.printer, str(self.folder))

    def test_status_and_headers(self) -> None:
        self.response.set_status(404, b"Not Here")
        self.response.set_header("A", "1")
        self.response.append_header(b"a", b"2")
        self.response.set_content_type("text/css")
        self.response.close()
        self.assertEqual(self.response.get_status(), (404, "Not Here"))
        self.assertEqual(
            self.printer.head.fields.pairs(),
            [("A", "1"), ("a", "2"), ("Content-Type", "text/css")],
        )
        self.assertTrue(self.printer.head.closes)

    def test_what_no_answer_may_have(self) -> None:
        for status, reason in ((99, "OK"), (100, "OK"), (600, "OK"), (200, "a\r\nb"), (200, "a\0")):
            self.assertRaises(ValueError, self.response.set_status, status, reason)
        self.assertRaises(ValueError, self.response.set_header, "a", "b\r\nc: d")

    def test_cookies(self) -> None:
        self.response.set_cookie("a", "b c")
        self.response.set_cookie("d", expires=60, path="/x", secure=True, samesite="Strict")
        self.response.set_cookie("e", expires=-1, httponly=False, samesite=None, domain="x.org")
        first, second, third = self.printer.head.fields.getlist("set-cookie")
        self.assertEqual(first, 'a="b c"; HttpOnly; Path=/; SameSite=Lax')
        for part in ("Max-Age=60", "Path=/x", "Secure", "SameSite=Strict"):
            self.assertIn(part, second)
        self.assertIn("Max-Age=0", third)
        self.assertIn("Domain=x.org", third)
        self.assertNotIn("HttpOnly", third)
        for name in ("a;b", "a b", "a=b", "ä", "a\r\nb"):
            self.assertRaises(ValueError, self.response.set_cookie, name, "x")

    def test_too_late(self) -> None:
        self.response.headers["a"] = "1"
        self.assertFalse(self.response.headers_sent())
        self.printer.head.frozen = True
        self.assertTrue(self.response.headers_sent())
        for call in (
            lambda: self.response.set_status(404),
            lambda: self.response.set_header("a", "2"),
            lambda: self.response.append_header("a", "2"),
            lambda: self.response.set_cookie("a", "b"),
            self.response.set_content_type,
        ):
            self.assertRaises(HeadersSent, call)
        self.response.headers["a"] = "2"  # of a copy, which changes nothing
        self.assertEqual(self.response.headers["a"], "1")

    def test_headers_can_be_declared_sent(self) -> None:
        self.assertTrue(self.response.headers_sent(True))
        self.assertRaises(HeadersSent, self.response.set_status, 404)

    def test_writing(self) -> None:
        async def write() -> None:
            await self.response.write(b"a")
            await self.response.send("ä")
            await self.response.end(b"c")

        asyncio.run(write())
        drained = "drained"
        self.assertEqual(self.printer.sent, [b"a", drained, "ä".encode(), drained, b"c", drained])
        self.assertTrue(self.printer.head.frozen)

    def test_only_bytes_and_text_are_written(self) -> None:
        """And nothing is sent before that is known."""
        wrong: Any = 5
        self.assertRaises(TypeError, asyncio.run, self.response.write(wrong))
        self.assertFalse(self.printer.head.frozen)

    def test_files(self) -> None:
        file = self.folder / "file"
        file.write_bytes(bytes(range(256)) * 1024)
        asyncio.run(self.response.sendfile(str(file), offset=1, content_type="image/png"))
        asyncio.run(self.response.sendfile("file", offset=2, count=70_000))
        sent = [data for data in self.printer.sent if data != "drained"]
        whole = file.read_bytes()
        self.assertEqual(b"".join(sent), whole[1:] + whole[2:70_002])
        self.assertEqual(self.printer.head.content_type, "image/png")
        self.assertRaises(OSError, asyncio.run, self.response.sendfile("/no/such/file"))

    def test_what_it_hands_on(self) -> None:
        self.response.print(1, 2, sep="-")
        self.assertEqual(self.printer.sent, [((1, 2), {"sep": "-"})])
        self.assertEqual(self.response.run_coroutine("c"), ("started", "c"))  # type: ignore[arg-type]
        redirect = self.response.redirect("/x", 303)
        self.assertEqual((redirect.code, redirect.headers), (303, [("Location", "/x")]))
