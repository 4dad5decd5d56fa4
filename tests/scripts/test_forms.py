"""Forms: fields, files in pieces, limits, and nothing left behind - whatever is sent."""

from __future__ import annotations

import contextlib
from io import BytesIO
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.exceptions import BadRequest, PayloadTooLarge
from hangerd.scripts.forms import PIECE, Form, FormLimits, parse_form
from hangerd.scripts.record import Record
from hangerd.scripts.request import Request

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=B"


def part(name: str, data: bytes, filename: str = "") -> bytes:
    told = f'; filename="{filename}"\r\nContent-Type: text/x' if filename else ""
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'
    return head.encode() + data + b"\r\n"


def parse(body: bytes, content_type: str = MULTIPART, **limits: Any) -> Form:
    return parse_form(BytesIO(body), len(body), content_type, FormLimits(**limits))


class FormTests(SynchronousTestCase):
    """What is read, and what is refused."""

    def test_urlencoded(self) -> None:
        form = parse(b"a=1&a=%E2%98%83&b=", URLENCODED)
        self.assertEqual((form.fields, list(form.parts())), ({"a": ["1", "\u2603"], "b": [""]}, []))

    def test_multipart(self) -> None:
        form = parse(part("a", b"1") + part("f", b"x\r\ny", "f.txt") + b"--B--\r\n")
        self.assertEqual(form.fields, {"a": ["1"]})
        told = {"name": "f", "filename": "f.txt", "type": "text/x", "data": b"x\r\ny", "eof": True}
        self.assertEqual(list(form.parts()), [told])
        form.close()

    def test_large_files_come_in_pieces(self) -> None:
        data = bytes(range(256)) * (PIECE // 100)
        form = parse(part("f", data, "f") + part("g", b"", "g") + b"--B--\r\n")
        parts = list(form.parts())
        self.assertEqual([each["eof"] for each in parts], [False, False, True, True])
        self.assertEqual(b"".join(each["data"] for each in parts), data)
        files = [storage.stream for storage in form._files.values()]
        form.close()
        self.assertTrue(all(file.closed for file in files))

    def test_one_that_is_read_after_the_end_of_its_run_is_closed(self) -> None:
        body = part("f", b"12345", "f") + b"--B--\r\n"
        told: dict[str, Any] = {
            "header": lambda name: MULTIPART,
            "body": BytesIO(body),
            "body_size": len(body),
        }
        told |= {"context": None, "headers": (), "scheme": "http", "peer": ("", 0)}
        visit: Any = SimpleNamespace(**told)
        request = Request(visit, Record(), cast(Any, None))
        request.close()
        form = request._parse(FormLimits())
        self.assertEqual([file.stream.closed for file in form._files.values()], [True])

    def test_limits(self) -> None:
        two = part("f", b"12345", "f") + part("g", b"1", "g") + b"--B--\r\n"
        fields = part("a", b"12345") + part("b", b"1") + b"--B--\r\n"
        for body, kind, limits in (
            (b"a=1&b=2", URLENCODED, {"max_fields": 1}),
            (b"a=1&b=2", URLENCODED, {"max_size": 3}),
            (two, MULTIPART, {"max_files": 1}),
            (two, MULTIPART, {"max_file_size": 4}),
            (fields, MULTIPART, {"max_fields": 1}),
            (fields, MULTIPART, {"max_size": 4}),
            (fields, MULTIPART, {"max_fields": 0, "max_files": 1}),
        ):
            self.assertRaises(PayloadTooLarge, parse, body, kind, **limits)

    def test_what_is_no_form(self) -> None:
        for body, kind in (
            (b"{}", "application/json"),
            (b"", ""),
            (b"x", "multipart/form-data"),
            (part("a", b"1"), MULTIPART),
            (b"nothing of the kind", MULTIPART),
        ):
            self.assertRaises(BadRequest, parse, body, kind)

    @given(st.binary(), st.sampled_from([MULTIPART, URLENCODED]), st.integers(0, 60))
    def test_anything_is_read_or_refused(self, noise: bytes, kind: str, cut: int) -> None:
        whole = part("a", b"1") + part("f", noise, "f") + b"--B--\r\n"
        for body in (noise, whole[:cut] + noise + whole[cut:]):
            with contextlib.suppress(BadRequest, PayloadTooLarge):
                parse(body, kind).close()
