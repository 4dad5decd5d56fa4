from __future__ import annotations

import gzip
import os
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request, Site

from hangerd.scripts.disk import Disk, OpenFile
from hangerd.scripts.paths import RootSettings, Script
from hangerd.web.files import pieces
from hangerd.web.files.documents import Documents, RunScript
from hangerd.web.files.listing import AT_ONCE, shown_size
from hangerd.web.packing import Packing
from tests.web.exchange import Answer, exchange, get


class FailingDisk(Disk):
    """A disk on which opening some files fails, by the end of their path, or sizes are wrong."""

    def __init__(self) -> None:
        self.failures: dict[str, OSError] = {}
        self.claimed: int | None = None

    def open(self, path: str) -> OpenFile:
        for end, failure in self.failures.items():
            if path.endswith(end):
                raise failure
        opened = super().open(path)
        return opened if self.claimed is None else replace(opened, size=self.claimed)


BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


class DocumentsTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.root = Path(self.mktemp())
        self.root.mkdir()
        self.write("a.txt", "0123456789")
        self.write("docs/index.html", "<p>docs")
        self.write("hello.py", "print('secret source')")
        self.clock = Clock()
        self.clock.advance(2_000_000_000)
        self.disk = FailingDisk()
        self.packing: Packing | None = Packing(self.clock)
        self.documents = self.make_documents()

    def make_documents(self, run: RunScript | None = None) -> Documents:
        root = RootSettings(str(self.root.absolute()))
        return Documents(root, self.clock, run, self.disk, self.packing)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def get(self, target: str, method: str = "GET", **headers: str) -> Answer:
        return get(self.documents, target, method, **headers)


class StaticTests(DocumentsTestCase):
    def test_whole_file(self) -> None:
        answer = self.get("/a.txt")
        self.assertEqual((answer.status, answer.body), (200, b"0123456789"))
        self.assertEqual(answer["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(answer["content-length"], "10")
        self.assertEqual(answer["accept-ranges"], "bytes")
        self.assertEqual(answer["x-content-type-options"], "nosniff")
        self.assertEqual(answer["cache-control"], "no-cache")
        self.assertIsNone(answer["vary"])

    def test_head_is_get_without_a_body(self) -> None:
        whole, head = self.get("/a.txt"), self.get("/a.txt", "HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(
            {name: value for name, value in head.headers.items() if name != "date"},
            {name: value for name, value in whole.headers.items() if name != "date"},
        )

    def test_empty_file(self) -> None:
        self.write("empty.txt", "")
        answer = self.get("/empty.txt")
        self.assertEqual((answer.status, answer["content-length"], answer.body), (200, "0", b""))

    def test_only_reading(self) -> None:
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
            answer = self.get("/a.txt", method)
            self.assertEqual((method, answer.status, answer["allow"]), (method, 405, "GET, HEAD"))

    def test_an_edit_is_seen_and_has_another_tag(self) -> None:
        before = self.get("/a.txt")["etag"]
        self.write("a.txt", "edited text")
        after = self.get("/a.txt", if_none_match=before or "")
        self.assertEqual((after.status, after.body), (200, b"edited text"))
        self.assertNotEqual(before, after["etag"])

    def test_a_replacement_of_same_size_and_time_has_another_tag(self) -> None:
        before = self.get("/a.txt")["etag"]
        state = (self.root / "a.txt").stat()
        other = self.write("b.txt", "abcdefghij")
        os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
        other.rename(self.root / "a.txt")
        self.assertNotEqual(before, self.get("/a.txt")["etag"])

    def test_a_file_edited_this_instant_is_never_taken_for_known(self) -> None:
        """It may change again and keep its time, its size and its place."""
        edited = 1_999_999_999.99
        os.utime(self.root / "a.txt", ns=(0, int(edited * 1e9)))
        tags = set()
        for now in (edited + 0.001, edited + 0.002, edited + 1, edited + 2):
            self.clock.rightNow = now
            tags.add(self.get("/a.txt")["etag"] or "")
        self.assertEqual(len(tags), 3)

    def test_no_date_is_later_than_now(self) -> None:
        self.clock.rightNow = 784111777.5
        self.assertEqual(self.get("/a.txt")["last-modified"], "Sun, 06 Nov 1994 08:49:37 GMT")

    def test_what_cannot_be_opened(self) -> None:
        self.disk.failures["a.txt"] = PermissionError()
        self.assertEqual(self.get("/a.txt").status, 403)

    def test_what_went_away_since_it_was_found(self) -> None:
        self.disk.failures["a.txt"] = FileNotFoundError()
        answer = self.get("/a.txt")
        self.assertEqual((answer.status, answer.body), (404, b"URL not found: /a.txt"))

    def test_several_requests_on_one_connection(self) -> None:
        one = b"GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n"
        answer = exchange(self.documents, one + one)
        self.assertEqual(answer.body.count(b"0123456789"), 2)


class RefusalTests(DocumentsTestCase):
    def test_text_for_programs(self) -> None:
        answer = self.get("/none.txt?q=<b>")
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.body, b"URL not found: /none.txt?q=&lt;b&gt;")
        self.assertEqual(answer["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(answer["x-content-type-options"], "nosniff")

    def test_page_for_browsers(self) -> None:
        answer = self.get("/none.txt?q=<script>", accept=BROWSER)
        self.assertEqual(answer["content-type"], "text/html; charset=utf-8")
        policy, style = answer["content-security-policy"] or "", answer.body.split(b"<style>")[1]
        allowed = sha256(style.split(b"</style>")[0]).digest()
        self.assertEqual(
            policy, f"default-src 'none'; style-src 'sha256-{b64encode(allowed).decode()}'"
        )
        self.assertIn(b"<h1>404 Not Found</h1>", answer.body)
        self.assertNotIn(b"<script>", answer.body)
        self.assertIn(b"&lt;script&gt;", answer.body)

    def test_same_url_another_answer(self) -> None:
        self.assertEqual(self.get("/none.txt")["vary"], "Accept")

    def test_head(self) -> None:
        answer = self.get("/none.txt", "HEAD")
        self.assertEqual((answer.status, answer.body), (404, b""))
        self.assertEqual(answer["content-length"], str(len("URL not found: /none.txt")))


class FolderTests(DocumentsTestCase):
    def test_a_browser_is_sent_to_the_slash(self) -> None:
        answer = self.get("/docs?a=1", accept=BROWSER)
        self.assertEqual((answer.status, answer["location"]), (308, "docs/?a=1"))

    def test_anyone_else_gets_the_page_at_once(self) -> None:
        self.assertEqual(self.get("/docs").body, b"<p>docs")
        self.assertEqual(self.get("/docs/", accept=BROWSER).body, b"<p>docs")

    def test_no_index_no_page(self) -> None:
        self.assertEqual(self.get("/").status, 404)


class ListingTests(DocumentsTestCase):
    def setUp(self) -> None:
        super().setUp()
        os.utime(self.write("pictures/a & b.png", "x" * 1536), (0, 1_000_000_000))
        self.write("pictures/<c>.png", "")
        settings = RootSettings(str(self.root.absolute()), listing=True)
        self.documents = Documents(settings, self.clock)

    def test_names_for_programs(self) -> None:
        answer = self.get("/pictures/")
        self.assertEqual((answer.status, answer.body), (200, b"a & b.png\n"))
        self.assertEqual(answer["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(self.get("/").body, b"docs/\npictures/\na.txt\n")

    def test_page_for_browsers(self) -> None:
        page = self.get("/pictures/", accept=BROWSER).body.decode()
        self.assertIn("<h1>/pictures/</h1>", page)
        self.assertIn(
            '<tr><td><a href="a%20%26%20b.png">a &amp; b.png</a></td><td class="size">1.5 KiB</td>'
            '<td><time datetime="2001-09-09T01:46:40Z"><span>2001-09-09</span> 01:46</time></td>'
            "</tr>",
            page,
        )
        self.assertNotIn("c&gt;", page)
        self.assertIn('<a href="../">', page)
        start = self.get("/", accept=BROWSER).body.decode()
        self.assertIn('<a href="docs/">docs/</a></td><td class="size"></td>', start)
        self.assertNotIn('href="../"', start)

    def test_an_empty_folder(self) -> None:
        (self.root / "empty").mkdir()
        page = self.get("/empty/", accept=BROWSER).body.decode()
        self.assertIn("<p>Nothing is here.</p>", page)
        self.assertNotIn("<table>", page)

    def test_an_index_wins(self) -> None:
        self.assertEqual(self.get("/docs/", accept=BROWSER).body, b"<p>docs")

    def test_its_address_ends_in_a_slash(self) -> None:
        answer = self.get("/pictures?by=name", accept=BROWSER)
        self.assertEqual((answer.status, answer["location"]), (308, "pictures/?by=name"))
        self.assertEqual(self.get("/pictures").body, b"a & b.png\n")

    def test_only_where_it_is_wanted(self) -> None:
        self.documents = self.make_documents()
        self.assertEqual(self.get("/pictures/").status, 404)

    def test_times_that_no_calendar_has(self) -> None:
        for time, shown in ((-(2**40), "1970-01-01"), (2**40, "9999-12-31")):
            os.utime(self.root / "pictures/a & b.png", (0, time))
            if (self.root / "pictures/a & b.png").stat().st_mtime == time:  # not everywhere
                page = self.get("/pictures/", accept=BROWSER).body.decode()
                self.assertIn(f">{shown}<", page)

    def test_many_names_are_looked_at_in_turns(self) -> None:
        for number in range(2 * AT_ONCE + 1):
            self.write(f"many/{number:03}.txt", "")
        answer = exchange(self.documents, self.MANY, lambda: self.clock.advance(0))
        self.assertEqual(len(answer.body.split(b"\n")), 2 * AT_ONCE + 2)

    def test_who_leaves_is_looked_up_nothing_more(self) -> None:
        for number in range(AT_ONCE):
            self.write(f"many/{number:03}.txt", "")
        protocol = Site(self.documents, reactor=Clock(), timeout=None).buildProtocol(None)
        assert protocol is not None
        protocol.makeConnection(transport := StringTransport())
        protocol.dataReceived(self.MANY)
        self.assertEqual((len(self.clock.getDelayedCalls()), transport.value()), (1, b""))
        protocol.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.clock.getDelayedCalls(), [])

    MANY = b"GET /many/ HTTP/1.1\r\nHost: x\r\n\r\n"

    def test_sizes(self) -> None:
        sizes = (0, 999, 1000, 1023, 1024, 10_188, 10_189, 1024**2 - 1, 5 * 1024**4, 1024**6)
        self.assertEqual(
            [shown_size(size) for size in sizes],
            [
                "0 B",
                "999 B",
                "1.0 KiB",
                "1.0 KiB",
                "1.0 KiB",
                "9.9 KiB",
                "10 KiB",
                "1.0 MiB",
                "5.0 TiB",
                "1048576 TiB",
            ],
        )

    def test_only_reading(self) -> None:
        self.assertEqual(self.get("/pictures/", "POST").status, 405)
        head, whole = self.get("/pictures/", "HEAD"), self.get("/pictures/")
        self.assertEqual((head.body, head.headers), (b"", whole.headers))


class ScriptTests(DocumentsTestCase):
    def test_without_a_runner_a_script_is_not_there(self) -> None:
        self.write("index.py", "print('secret source')")
        self.write("index.html", "<p>start")
        for target in ("/hello.py", "/hello.py/info", "/index.py"):
            answer = self.get(target)
            self.assertEqual((target, answer.status), (target, 404))
            self.assertNotIn(b"secret", answer.body)
        self.assertEqual(self.get("/").body, b"<p>start")

    def test_the_runner_gets_request_and_script(self) -> None:
        ran: list[Script] = []

        def run(request: Request, script: Script) -> None:
            ran.append(script)
            request.write(request.method)
            request.finish()

        self.documents = self.make_documents(run)
        for method in ("GET", "POST", "PUT", "BREW"):
            self.assertIn(method.encode(), self.get("/hello.py/a%20b/", method).body)
        path = str(self.root.resolve() / "hello.py")
        self.assertEqual(ran[0], Script(path, "/hello.py", "/a b", b"/a%20b/"))
        self.assertEqual(len(ran), 4)


class TwinTests(DocumentsTestCase):
    """Compressed files beside the plain one."""

    def setUp(self) -> None:
        super().setUp()
        self.write("app.js", "plain")
        self.write("app.js.gz", "gzip")
        self.write("app.js.br", "brotli")

    def test_the_best_that_is_accepted(self) -> None:
        for accepted, coding, body in (
            ("gzip, br", "br", b"brotli"),
            ("gzip", "gzip", b"gzip"),
            ("deflate", None, b"plain"),
            ("identity", None, b"plain"),
        ):
            answer = self.get("/app.js", accept_encoding=accepted)
            self.assertEqual((answer["content-encoding"], answer.body), (coding, body))
            self.assertEqual(answer["content-type"], "text/javascript; charset=utf-8")
            self.assertEqual(answer["vary"], "Accept-Encoding")

    def test_vary_without_the_header_too(self) -> None:
        self.assertEqual(self.get("/app.js")["vary"], "Accept-Encoding")

    def test_each_has_its_own_tag(self) -> None:
        tags = {
            self.get("/app.js", accept_encoding=coding)["etag"] for coding in ("", "gzip", "br")
        }
        self.assertEqual(len(tags), 3)

    def test_one_older_than_the_plain_file_is_left_alone(self) -> None:
        os.utime(self.root / "app.js.br", (1, 1))
        answer = self.get("/app.js", accept_encoding="br")
        self.assertEqual((answer["content-encoding"], answer.body), (None, b"plain"))

    def test_one_that_cannot_be_opened_is_left_alone(self) -> None:
        self.disk.failures[".br"] = PermissionError()
        self.assertEqual(self.get("/app.js", accept_encoding="br").body, b"plain")

    def test_a_range_is_of_the_bytes_sent(self) -> None:
        answer = self.get("/app.js", accept_encoding="br", range="bytes=0-2")
        self.assertEqual((answer.status, answer.body), (206, b"bro"))
        self.assertEqual(answer["content-range"], "bytes 0-2/6")

    def test_no_multipart_under_a_coding(self) -> None:
        answer = self.get("/app.js", accept_encoding="br", range="bytes=0-0,2-2")
        self.assertEqual((answer.status, answer.body), (200, b"brotli"))

    def test_errors_and_304_carry_no_coding(self) -> None:
        etag = self.get("/app.js", accept_encoding="br")["etag"] or ""
        for headers, status in (
            ({"if_none_match": etag}, 304),
            ({"if_match": '"x"'}, 412),
            ({"range": "bytes=99-"}, 416),
        ):
            answer = self.get("/app.js", accept_encoding="br", **headers)
            self.assertEqual((answer.status, answer["content-encoding"]), (status, None))


class PackedTests(DocumentsTestCase):
    """Texts that are compressed when they are asked for."""

    TEXT = "All work and no play. " * 100

    def setUp(self) -> None:
        super().setUp()
        self.write("page.html", self.TEXT)

    def test_text_is_packed_for_who_accepts_it(self) -> None:
        answer = self.get("/page.html", accept_encoding="gzip")
        self.assertEqual(gzip.decompress(answer.body).decode(), self.TEXT)
        self.assertEqual(answer["content-encoding"], "gzip")
        self.assertEqual(answer["content-length"], str(len(answer.body)))
        self.assertLess(len(answer.body), len(self.TEXT) / 4)

    def test_it_varies(self) -> None:
        plain, packed = self.get("/page.html"), self.get("/page.html", accept_encoding="gzip")
        self.assertEqual((plain["vary"], packed["vary"]), ("Accept-Encoding", "Accept-Encoding"))
        self.assertEqual((plain.body.decode(), plain["content-encoding"]), (self.TEXT, None))
        self.assertNotEqual(plain["etag"], packed["etag"])

    def test_it_is_the_same_each_time_and_can_be_asked_for_in_parts(self) -> None:
        whole = self.get("/page.html", accept_encoding="gzip")
        self.clock.advance(60)
        tag = whole["etag"] or ""
        part = self.get("/page.html", accept_encoding="gzip", range="bytes=10-19", if_range=tag)
        self.assertEqual((part.status, part.body), (206, whole.body[10:20]))
        known = self.get("/page.html", accept_encoding="gzip", if_none_match=tag)
        self.assertEqual(known.status, 304)
        other = self.get("/page.html", range="bytes=10-19", if_range=tag)
        self.assertEqual((other.status, other.body.decode()), (200, self.TEXT))

    def test_head(self) -> None:
        whole = self.get("/page.html", accept_encoding="gzip")
        head = self.get("/page.html", "HEAD", accept_encoding="gzip")
        self.assertEqual(head["content-length"], whole["content-length"])

    def test_what_is_not_worth_it(self) -> None:
        self.write("tiny.html", self.TEXT[:1023])
        with self.write("large.html", "").open("wb") as large:
            large.truncate(16 * 1024**2)
        self.write("picture.png", self.TEXT)
        for name in ("tiny.html", "large.html", "picture.png"):
            answer = self.get(f"/{name}", "HEAD", accept_encoding="gzip")
            self.assertEqual((name, answer["content-encoding"], answer["vary"]), (name, None, None))

    def test_nothing_is_packed_where_that_is_not_wanted(self) -> None:
        self.packing = None
        self.documents = self.make_documents()
        self.patch(pieces, "BLOCK", 2**20)
        for text in (self.TEXT, self.TEXT * 200):
            self.write("page.html", text)
            answer = self.get("/page.html", accept_encoding="gzip")
            self.assertEqual((answer.body.decode(), answer["vary"]), (text, None))

    def test_a_twin_wins(self) -> None:
        self.write("page.html.gz", "twin")
        self.assertEqual(self.get("/page.html", accept_encoding="gzip").body, b"twin")

    def test_a_file_that_just_became_shorter(self) -> None:
        self.disk.claimed = 2000
        self.write("page.html", "short")
        answer = self.get("/page.html", accept_encoding="gzip")
        self.assertTrue(answer.closed)
        self.assertLess(len(answer.body), 2000)


class PackedInPiecesTests(DocumentsTestCase):
    """Larger texts, which are compressed while they are sent."""

    TEXT = "".join(f"line {n}\n" for n in range(40_000))

    def setUp(self) -> None:
        super().setUp()
        self.write("data.csv", self.TEXT)
        self.patch(pieces, "BLOCK", 2**20)  # or the transport's turns would be waited for

    def ask(self, target: str = "/data.csv", method: str = "GET", **headers: str) -> Answer:
        return self.get(target, method, accept_encoding="gzip", **headers)

    def test_it_is_whole(self) -> None:
        answer = self.ask()
        self.assertEqual((answer.status, answer["content-encoding"]), (200, "gzip"))
        self.assertEqual(gzip.decompress(unchunked(answer.body)).decode(), self.TEXT)
        for name in ("content-length", "accept-ranges"):
            self.assertIsNone(answer[name])
        self.assertEqual(answer["vary"], "Accept-Encoding")

    def test_its_tag_is_its_own(self) -> None:
        self.clock.advance(60)
        plain, packed = self.get("/data.csv"), self.ask()
        self.assertNotEqual(plain["etag"], packed["etag"])
        self.assertEqual(self.ask(if_none_match=packed["etag"] or "").status, 304)
        self.assertEqual(self.ask(if_match=plain["etag"] or "").status, 412)

    def test_head(self) -> None:
        whole, head = self.ask(), self.ask(method="HEAD")
        for name in ("content-encoding", "content-type", "content-length", "vary", "accept-ranges"):
            self.assertEqual(whole[name], head[name])

    def test_a_part_is_one_of_the_plain_file(self) -> None:
        part = self.ask(range="bytes=0-4")
        self.assertEqual((part.status, part.body), (206, b"line "))
        self.assertEqual((part["content-encoding"], part["vary"]), (None, "Accept-Encoding"))
        self.clock.advance(60)
        tag = self.ask()["etag"] or ""
        other = self.ask(range="bytes=0-4", if_range=tag)
        self.assertEqual((other.status, other.body.decode()), (200, self.TEXT))

    def test_all_is_given_back(self) -> None:
        self.clock.advance(60)
        self.packing = Packing(self.clock, 1)
        self.documents = self.make_documents()
        tag = self.ask()["etag"] or ""
        self.ask(method="HEAD")
        self.ask(if_none_match=tag)
        self.ask(if_match='"other"')
        self.disk.claimed = len(self.TEXT) + 1
        self.assertTrue(self.ask().closed)
        self.disk.claimed = None
        self.assertEqual(self.ask()["content-encoding"], "gzip")

    def test_when_there_are_too_many(self) -> None:
        self.packing = Packing(self.clock, 0)
        self.documents = self.make_documents()
        answer = self.ask()
        self.assertEqual((answer.body.decode(), answer["vary"]), (self.TEXT, "Accept-Encoding"))


def unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        found += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]
    return found
