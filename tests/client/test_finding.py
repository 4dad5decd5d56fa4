"""Tests of `hangerd.client.finding`: where the daemon is looked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.errors import Unreachable
from hangerd.client.finding import Finder, parse_url, read_place
from hangerd.client.pipes import Address


class UrlTests(SynchronousTestCase):
    def test_what_is_understood(self) -> None:
        for url, address in (
            ("http://h:1", Address(host="h", port=1)),
            ("http://h/", Address(host="h", port=80)),
            ("https://h", Address(host="h", port=443, tls=True)),
            ("http://[::1]:5", Address(host="::1", port=5)),
            ("unix:/run/x", Address(path="/run/x")),
        ):
            self.assertEqual(parse_url(url), (address, ""))

    def test_a_path_in_front(self) -> None:
        for url in ("http://h:1/hangerd", "http://h:1/hangerd/"):
            self.assertEqual(parse_url(url), (Address(host="h", port=1), "/hangerd"))
        self.assertEqual(Finder({}, "http://h:1/a/b/").find().base, "/a/b")

    def test_the_authority_is_for_tls_alone(self) -> None:
        environ = {"HANGERD_CA": "/env.pem"}
        for url, ca, found in (
            ("https://h", None, "/env.pem"),
            ("https://h", Path("/arg.pem"), "/arg.pem"),
            ("https://h", "", ""),
            ("http://h", "/arg.pem", ""),
        ):
            self.assertEqual(Finder(environ, url, ca=ca).find().http.ca, found)

    def test_what_is_not(self) -> None:
        for url in (
            "h:1",
            "ftp://h",
            "http://",
            "http://h:port",
            "http://h/?query",
            "http://h/#part",
        ):
            error = self.assertRaises(Unreachable, parse_url, url)
            self.assertIn(url, str(error))


class StateDirectoryTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        (self.folder / "token").write_text("secret\n")

    def ready(self, **other: Any) -> None:
        told = {
            "calls": ["unix:/run/calls"],
            "local": ["unix:/run/http"],
            "control_token_file": str(self.folder / "token"),
            **other,
        }
        (self.folder / "ready.json").write_text(json.dumps(told))

    def test_a_daemon_says_where_it_is(self) -> None:
        self.ready()
        place = read_place(self.folder)
        self.assertEqual((place.calls, place.http), (Address("/run/calls"), Address("/run/http")))
        self.assertEqual((place.token, place.door_token), ("secret", ""))

    def test_a_token_that_was_given_counts_at_the_door_too(self) -> None:
        self.ready()
        place = read_place(self.folder, "other")
        self.assertEqual((place.token, place.door_token), ("other", "other"))

    def test_no_daemon(self) -> None:
        error = self.assertRaises(Unreachable, read_place, self.folder)
        self.assertIn(str(self.folder), error.message)
        self.assertIn("spawn", error.remedy)

    def test_one_without_sockets_for_programs(self) -> None:
        self.ready(local=[])
        self.assertIn("--calls", self.assertRaises(Unreachable, read_place, self.folder).remedy)

    def test_a_file_that_is_something_else(self) -> None:
        for text in ("", "[]", "{}", "1"):
            (self.folder / "ready.json").write_text(text)
            self.assertRaises(Unreachable, read_place, self.folder)


class FinderTests(SynchronousTestCase):
    def test_an_argument_wins_over_the_environment(self) -> None:
        environ = {"HANGERD_URL": "http://there:1", "HANGERD_TOKEN": "env"}
        place = Finder(environ, "http://here:2", "arg").find()
        self.assertEqual((place.http.host, place.token), ("here", "arg"))
        place = Finder(environ).find()
        self.assertEqual((place.http.host, place.token), ("there", "env"))

    def test_a_state_directory_wins_over_the_url_of_the_environment(self) -> None:
        finder = Finder({"HANGERD_URL": "http://there:1"}, state_dir="/nowhere/at/all")
        self.assertTrue(finder.local)
        self.assertRaises(Unreachable, finder.find)

    def test_the_state_directory_is_where_the_daemon_keeps_it(self) -> None:
        self.assertEqual(Finder({"XDG_STATE_HOME": "/x"}).state_dir, Path("/x/hangerd"))
