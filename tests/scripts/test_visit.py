"""A request as a script sees it in `__server__`: CGI's variables, and nothing of the server's."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.visit import Visit, server_record


def visit(*headers: tuple[str, str], **facts: Any) -> Visit:
    return Visit(
        **{
            "id": "1",
            "method": "GET",
            "uri": "/a.py/x?q=1?2",
            "version": "1.1",
            "headers": headers,
            "body": BytesIO(),
            "body_size": 0,
            "document_root": "/root",
            "script": "/root/a.py",
            "script_name": "/a.py",
            "path_info": "/x",
            **facts,
        }
    )


class VisitTests(SynchronousTestCase):
    def test_what_cgi_promises(self) -> None:
        facts = {"server": ("10.0.0.1", 80), "peer": ("10.0.0.2", 5), "host": "x.org:80"}
        record = server_record(visit(("Content-Length", "3"), ("content-type", "a/b"), **facts))
        expected = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "/a.py",
            "SCRIPT_FILENAME": "/root/a.py",
            "PATH_INFO": "/x",
            "QUERY_STRING": "q=1?2",
            "REMOTE_ADDR": "10.0.0.2",
            "REMOTE_PORT": "5",
            "SERVER_NAME": "10.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "x.org:80",
            "HTTPS": "",
            "CONTENT_LENGTH": "3",
            "CONTENT_TYPE": "a/b",
            "GATEWAY_INTERFACE": "CGI/1.1",
        }
        self.assertEqual({name: record[name] for name in expected}, expected)
        self.assertEqual(record.REQUEST_METHOD, "GET")
        self.assertEqual(server_record(visit(scheme="https")).HTTPS, "on")

    def test_headers(self) -> None:
        record = server_record(visit(("X-A", "1"), ("x-a", "2"), ("Host", "evil"), host="good"))
        self.assertEqual((record.HTTP_X_A, record.HTTP_HOST), ("1, 2", "good"))
        self.assertEqual(visit(("X-A", "1"), ("x-a", "2")).header("x-A"), "1")
        self.assertEqual(visit().header("x-a"), "")

    def test_no_header_becomes_a_programs_proxy(self) -> None:
        self.assertNotIn("HTTP_PROXY", server_record(visit(("Proxy", "http://evil"))))

    @given(st.lists(st.tuples(st.text(min_size=1), st.text())))
    def test_no_header_replaces_what_is_known(self, headers: list[tuple[str, str]]) -> None:
        known = server_record(visit(peer=("10.0.0.2", 5)))
        record = server_record(visit(*headers, peer=("10.0.0.2", 5)))
        changed = {name for name in known if record[name] != known[name]}
        self.assertLessEqual(changed, {"CONTENT_TYPE", "CONTENT_LENGTH"})
