"""Tests of hangerctl as a whole: which daemon, exit statuses, errors, what is not installed."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd import cli
from hangerd.cli.failing import Failed, line_of
from hangerd.cli.run import split_address
from hangerd.client import HangerdError, NotAllowed, Refused, Unreachable
from tests.cli.fakes import FakeClient


class WhichDaemonTests(SynchronousTestCase):
    def connected(self, *words: str, **environ: str) -> tuple[object, ...]:
        client = FakeClient()
        client.ctl(*words, "host", "list", **environ)
        [found] = client.connected
        return found

    def test_options(self) -> None:
        told = ("--url", "http://h:1", "--token", "t")
        self.assertEqual(self.connected(*told), ("http://h:1", "t", None))
        self.assertEqual(self.connected("--state-dir", "/s"), (None, None, Path("/s")))
        self.assertEqual(self.connected(), (None, None, None))

    def test_an_authority(self) -> None:
        for words, environ in ((("--ca", "/x.pem"), {}), ((), {"HANGERD_CA": "/x.pem"})):
            client = FakeClient()
            client.ctl(*words, "host", "list", **environ)
            self.assertEqual(client.ca, Path("/x.pem"))

    def test_environment(self) -> None:
        told = {"HANGERD_URL": "http://h:1", "HANGERD_TOKEN": "t"}
        self.assertEqual(self.connected(**told), ("http://h:1", "t", None))
        self.assertEqual(self.connected("--state-dir", "/s", **told), (None, "t", Path("/s")))
        self.assertEqual(self.connected("--url", "http://i", **told)[0], "http://i")


class StatusTests(SynchronousTestCase):
    def ended(self, error: HangerdError | KeyboardInterrupt | None) -> int:
        client = FakeClient()
        client.error = error
        found = client.ctl("host", "list")
        self.assertNotIn("Traceback", found.output)
        return found.exit_code

    def test_each_kind_of_end(self) -> None:
        self.assertEqual(self.ended(None), 0)
        self.assertEqual(self.ended(Refused("no")), 1)
        self.assertEqual(self.ended(Unreachable("away")), 3)
        self.assertEqual(self.ended(NotAllowed("no token")), 4)
        self.assertEqual(self.ended(KeyboardInterrupt()), 130)

    def test_wrong_usage(self) -> None:
        self.assertEqual(FakeClient().ctl("host", "jump").exit_code, 2)

    def test_an_error_is_one_line_on_standard_error(self) -> None:
        client = FakeClient()
        client.error = Refused("the first\nthing", "Do this.")
        found = client.ctl("status")
        self.assertEqual(
            (found.stdout, found.stderr), ("", "hangerctl: the first thing. Do this.\n")
        )

    def test_an_error_is_json_where_that_was_asked_for(self) -> None:
        client = FakeClient()
        client.error = Refused("the first\nthing", "Do this.")
        found = client.ctl("host", "list", "--json")
        told = {"error": "refused", "message": "the first\nthing", "remedy": "Do this."}
        self.assertEqual((found.stdout, json.loads(found.stderr)), ("", told))
        self.assertEqual(found.exit_code, 1)

    def test_a_question_ends_as_one(self) -> None:
        self.assertEqual(
            line_of(Failed("nobody answers;", "Is it there?")), "nobody answers. Is it there?"
        )

    def test_each_command_is_shown_in_one_whole_line(self) -> None:
        for words in ((), ("host",), ("slot",)):
            found = FakeClient().ctl(*words, "--help", COLUMNS="80")
            self.assertNotIn("...\n", found.stdout.partition("Commands:")[2])

    def test_nothing_in_an_error_drives_the_terminal(self) -> None:
        self.assertEqual(line_of(Failed("a\x1b]0;evil\x07b; ")), "a?]0;evil?b.")


class MissingTests(SynchronousTestCase):
    def test_the_extra_is_named(self) -> None:
        self.patch(cli, "find_spec", lambda name: None if name == "rich" else object())
        stderr = io.StringIO()
        self.patch(sys, "stderr", stderr)
        ended = self.assertRaises(SystemExit, cli.main)
        self.assertEqual(ended.code, 1)
        [line] = stderr.getvalue().splitlines()
        self.assertIn("rich", line)
        self.assertIn("pip install 'hangerd[ctl]'", line)


class StatusCommandTests(SynchronousTestCase):
    def test_a_table(self) -> None:
        found = FakeClient().ctl("--state-dir", "/nowhere", "--url", "http://h:1", "status")
        for word in ("ready", "h:1", "waiting", "tasks", "1.50"):
            self.assertIn(word, found.stdout)
        self.assertNotIn("Runs", found.stdout)
        self.assertNotIn("\x1b", found.stdout)

    def test_json(self) -> None:
        found = json.loads(FakeClient().ctl("--url", "http://h:1/x", "status", "--json").stdout)
        self.assertEqual(found["address"], "h:1/x")
        self.assertEqual(found["slots"]["waiting"], 1)


class AddressTests(SynchronousTestCase):
    def test_what_names_a_script(self) -> None:
        for given, expected in (
            ("scripts/a.py", (None, "scripts/a.py")),
            ("/a.py", (None, "/a.py")),
            ("http://h:1/scripts/a.py", ("http://h:1", "/scripts/a.py")),
            ("https://h/x/-/console/two%20words.py", ("https://h/x", "two words.py")),
            ("https://h/-/console/a.py?args=b", ("https://h", "a.py")),
        ):
            self.assertEqual(split_address(given), expected)

    def test_the_token_is_not_sent_to_an_address(self) -> None:
        client = FakeClient()
        client.ctl("--token", "secret", "run", "http://elsewhere:1/a.py", HANGERD_TOKEN="secret")
        self.assertEqual(client.connected, [("http://elsewhere:1", "", None)])
