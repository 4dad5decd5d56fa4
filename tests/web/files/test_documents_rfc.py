"""RFC 9110 as seen on the wire: one file of ten bytes, and what each request for it is answered."""

from __future__ import annotations

import os
import re

from tests.web.files.test_documents import DocumentsTestCase

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"
WHOLE = b"0123456789"
NO_RANGE = b"No such part of the file"
NOT_IT = b"The file is not the one that was asked for"

# method, request headers (TAG is the file's entity tag), status, Content-Range, body
CASES: list[tuple[str, dict[str, str], int, str | None, bytes]] = [
    ("GET", {}, 200, None, WHOLE),
    ("HEAD", {}, 200, None, b""),
    # 13.1.2 If-None-Match
    ("GET", {"if_none_match": "TAG"}, 304, None, b""),
    ("HEAD", {"if_none_match": "TAG"}, 304, None, b""),
    ("GET", {"if_none_match": "W/TAG"}, 304, None, b""),
    ("GET", {"if_none_match": '"a", TAG, "b"'}, 304, None, b""),
    ("GET", {"if_none_match": "*"}, 304, None, b""),
    ("GET", {"if_none_match": '"a"'}, 200, None, WHOLE),
    ("GET", {"if_none_match": "a"}, 200, None, WHOLE),
    # 13.1.3 If-Modified-Since
    ("GET", {"if_modified_since": DATE}, 304, None, b""),
    ("HEAD", {"if_modified_since": DATE}, 304, None, b""),
    ("GET", {"if_modified_since": LATER}, 304, None, b""),
    ("GET", {"if_modified_since": EARLIER}, 200, None, WHOLE),
    ("GET", {"if_modified_since": "Sunday, 06-Nov-94 08:49:37 GMT"}, 304, None, b""),
    ("GET", {"if_modified_since": "Sun Nov  6 08:49:37 1994"}, 304, None, b""),
    ("GET", {"if_modified_since": "yesterday"}, 200, None, WHOLE),
    ("GET", {"if_none_match": '"a"', "if_modified_since": LATER}, 200, None, WHOLE),
    ("GET", {"if_none_match": "TAG", "if_modified_since": EARLIER}, 304, None, b""),
    # 13.1.1 If-Match and 13.1.4 If-Unmodified-Since
    ("GET", {"if_match": "TAG"}, 200, None, WHOLE),
    ("GET", {"if_match": "*"}, 200, None, WHOLE),
    ("GET", {"if_match": '"a", TAG'}, 200, None, WHOLE),
    ("GET", {"if_match": '"a"'}, 412, None, NOT_IT),
    ("HEAD", {"if_match": '"a"'}, 412, None, b""),
    ("GET", {"if_match": "W/TAG"}, 412, None, NOT_IT),
    ("GET", {"if_unmodified_since": DATE}, 200, None, WHOLE),
    ("GET", {"if_unmodified_since": LATER}, 200, None, WHOLE),
    ("GET", {"if_unmodified_since": EARLIER}, 412, None, NOT_IT),
    ("GET", {"if_unmodified_since": "yesterday"}, 200, None, WHOLE),
    ("GET", {"if_match": "TAG", "if_unmodified_since": EARLIER}, 200, None, WHOLE),
    ("GET", {"if_match": "TAG", "if_none_match": "TAG"}, 304, None, b""),
    ("GET", {"if_match": '"a"', "if_none_match": "TAG"}, 412, None, NOT_IT),
    # 14.2 Range: one
    ("GET", {"range": "bytes=0-0"}, 206, "bytes 0-0/10", b"0"),
    ("GET", {"range": "bytes=0-4"}, 206, "bytes 0-4/10", b"01234"),
    ("GET", {"range": "bytes=5-"}, 206, "bytes 5-9/10", b"56789"),
    ("GET", {"range": "bytes=-3"}, 206, "bytes 7-9/10", b"789"),
    ("GET", {"range": "bytes=-10"}, 206, "bytes 0-9/10", WHOLE),
    ("GET", {"range": "bytes=-99"}, 206, "bytes 0-9/10", WHOLE),
    ("GET", {"range": "bytes=0-"}, 206, "bytes 0-9/10", WHOLE),
    ("GET", {"range": "bytes=0-99999"}, 206, "bytes 0-9/10", WHOLE),
    ("GET", {"range": "bytes=9-99"}, 206, "bytes 9-9/10", b"9"),
    ("GET", {"range": "BYTES=1-1"}, 206, "bytes 1-1/10", b"1"),
    ("GET", {"range": "bytes=0-1,50-60"}, 206, "bytes 0-1/10", b"01"),
    # 14.1.2 and 15.5.17: none of it exists
    ("GET", {"range": "bytes=10-"}, 416, "bytes */10", NO_RANGE),
    ("GET", {"range": "bytes=10-20"}, 416, "bytes */10", NO_RANGE),
    ("GET", {"range": "bytes=-0"}, 416, "bytes */10", NO_RANGE),
    ("GET", {"range": "bytes=20-30,40-"}, 416, "bytes */10", NO_RANGE),
    # not understood: as if it were not there
    ("GET", {"range": "bytes=5-0"}, 200, None, WHOLE),
    ("GET", {"range": "bytes=a-b"}, 200, None, WHOLE),
    ("GET", {"range": "bytes="}, 200, None, WHOLE),
    ("GET", {"range": "bytes"}, 200, None, WHOLE),
    ("GET", {"range": "seconds=1-2"}, 200, None, WHOLE),
    ("GET", {"range": "bytes=0-9,0-9"}, 200, None, WHOLE),
    # defined for GET only
    ("HEAD", {"range": "bytes=0-4"}, 200, None, b""),
    ("HEAD", {"range": "bytes=10-"}, 200, None, b""),
    # 13.1.5 If-Range
    ("GET", {"range": "bytes=0-1", "if_range": "TAG"}, 206, "bytes 0-1/10", b"01"),
    ("GET", {"range": "bytes=0-1", "if_range": '"a"'}, 200, None, WHOLE),
    ("GET", {"range": "bytes=0-1", "if_range": "W/TAG"}, 200, None, WHOLE),
    ("GET", {"range": "bytes=0-1", "if_range": DATE}, 206, "bytes 0-1/10", b"01"),
    ("GET", {"range": "bytes=0-1", "if_range": LATER}, 200, None, WHOLE),
    ("GET", {"range": "bytes=0-1", "if_range": EARLIER}, 200, None, WHOLE),
    ("GET", {"range": "bytes=10-", "if_range": '"a"'}, 200, None, WHOLE),
    ("GET", {"range": "bytes=10-", "if_range": "TAG"}, 416, "bytes */10", NO_RANGE),
    ("GET", {"if_range": '"a"'}, 200, None, WHOLE),
    # 13.2.2: conditions before ranges
    ("GET", {"range": "bytes=0-1", "if_none_match": "TAG"}, 304, None, b""),
    ("GET", {"range": "bytes=0-1", "if_none_match": '"a"'}, 206, "bytes 0-1/10", b"01"),
    ("GET", {"range": "bytes=10-", "if_none_match": "TAG"}, 304, None, b""),
    ("GET", {"range": "bytes=0-1", "if_match": '"a"'}, 412, None, NOT_IT),
    ("GET", {"range": "bytes=0-1", "if_match": "TAG"}, 206, "bytes 0-1/10", b"01"),
    ("GET", {"range": "bytes=0-1", "if_modified_since": DATE}, 304, None, b""),
    ("GET", {"range": "bytes=0-1", "if_unmodified_since": EARLIER}, 412, None, NOT_IT),
]


class TableTests(DocumentsTestCase):
    def setUp(self) -> None:
        super().setUp()
        os.utime(self.root / "a.txt", ns=(0, 784111777_250_000_000))
        self.etag = self.get("/a.txt")["etag"] or ""

    def test_tag_is_strong(self) -> None:
        self.assertRegex(self.etag, r'^"[0-9a-f]+-a-[0-9a-f]+"$')

    def test_last_modified(self) -> None:
        self.assertEqual(self.get("/a.txt")["last-modified"], DATE)

    def test_cases(self) -> None:
        self.assertGreaterEqual(len(CASES), 60)
        for method, headers, *expected in CASES:
            sent = {name: value.replace("TAG", self.etag) for name, value in headers.items()}
            answer = self.get("/a.txt", method, **sent)
            got = [answer.status, answer["content-range"], answer.body]
            self.assertEqual((method, headers, got), (method, headers, expected))

    def test_lengths_are_those_of_the_bodies(self) -> None:
        for method, headers, status, _, body in CASES:
            sent = {name: value.replace("TAG", self.etag) for name, value in headers.items()}
            answer = self.get("/a.txt", method, **sent)
            if status == 304:
                self.assertIsNone(answer["content-length"])
                self.assertIsNone(answer["content-type"])
            elif method == "GET":
                self.assertEqual((headers, answer["content-length"]), (headers, str(len(body))))

    def test_304_repeats_what_a_cache_needs(self) -> None:
        whole, same = self.get("/a.txt"), self.get("/a.txt", if_none_match=self.etag)
        for name in ("etag", "last-modified", "cache-control", "vary"):
            self.assertEqual((name, same[name]), (name, whole[name]))

    def test_several_ranges(self) -> None:
        answer = self.get("/a.txt", range="bytes=0-1,4-5,-1")
        self.assertEqual(answer.status, 206)
        self.assertIsNone(answer["content-range"])
        self.assertEqual(answer["content-length"], str(len(answer.body)))
        match = re.fullmatch(
            r"multipart/byteranges; boundary=([0-9a-f]+)", answer["content-type"] or ""
        )
        assert match
        boundary = match[1].encode()
        first, *parts, last = answer.body.split(b"\r\n--" + boundary)
        self.assertEqual((first, last), (b"", b"--\r\n"))
        self.assertEqual(
            parts,
            [
                b"\r\nContent-Type: text/plain; charset=utf-8\r\n"
                b"Content-Range: bytes %d-%d/10\r\n\r\n%b" % part
                for part in ((0, 1, b"01"), (4, 5, b"45"), (9, 9, b"9"))
            ],
        )

    def test_an_empty_file(self) -> None:
        self.write("empty.txt", "")
        for value, status in (("bytes=0-", 416), ("bytes=-1", 200), ("bytes=x", 200)):
            answer = self.get("/empty.txt", range=value)
            self.assertEqual((value, answer.status), (value, status))
