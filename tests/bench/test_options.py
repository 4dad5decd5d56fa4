"""The command line, and what it decides: what is written, and which goals are judged."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from bench.options import OUT, Options, parse
from bench.suites import channel, slots

PEERS: Final = {"slots": ["aiohttp", "piping-server"], "channel": ["twisted.web"]}


def given(line: str = "") -> Options:
    """Parse a line."""
    return parse(PEERS, line.split())


class OptionsTests(SynchronousTestCase):
    """What is understood, and what is refused."""

    def test_suites_by_name(self) -> None:
        self.assertEqual(given("--only channel,slots").only, ("channel", "slots"))
        self.assertEqual(given().only, ("slots", "channel"))

    def test_a_name_that_is_not_known_is_refused_with_those_that_are(self) -> None:
        self.refused("--only slot", "no such suite: slot (there are slots, channel)")
        self.refused(
            "--peers nosuch,aiohttp",
            "no such peer: nosuch (there are aiohttp, piping-server, twisted.web)",
        )
        self.refused("--only channel --peers aiohttp", "no such peer: aiohttp (there are twisted")

    def test_lengths_and_patterns_that_can_not_be_are_refused(self) -> None:
        self.refused("--rounds 0", "at least 1")
        self.refused("--rows (", "not a regular expression")

    def test_the_channel_has_no_server_elsewhere(self) -> None:
        self.refused("--only channel --peer-url http://h", "measures no server")
        self.assertEqual(given("--peer-url http://h").peer_url, "http://h")

    def refused(self, line: str, reason: str) -> None:
        said = io.StringIO()
        with redirect_stderr(said):
            self.assertRaises(SystemExit, given, line)
        self.assertIn(reason, said.getvalue())


class WritingTests(SynchronousTestCase):
    """Where results go."""

    def test_whole_runs_replace_what_is_kept(self) -> None:
        self.assertEqual(given().out, OUT)
        self.assertEqual(given("--only slots --rounds 3 --seconds 1").out, OUT)

    def test_others_are_only_printed(self) -> None:
        for line in (
            "--rows open",
            "--peers aiohttp",
            "--peer-url http://h",
            "--held 50",
            "--rounds 2",
        ):
            self.assertIsNone(given(line).out, line)

    def test_a_folder_that_is_named_is_written(self) -> None:
        self.assertEqual(given("--rows open --out somewhere").out, Path("somewhere"))
        self.assertEqual(given("--out somewhere").out, Path("somewhere"))

    def test_the_rule_is_told(self) -> None:
        said = io.StringIO()
        with redirect_stdout(said):
            self.assertRaises(SystemExit, given, "--help")
        self.assertIn("only prints its tables", " ".join(said.getvalue().split()))


class SuitesTests(SynchronousTestCase):
    """What suites make of it."""

    def test_goals_are_of_so_many_reads_as_they_speak_of(self) -> None:
        self.assertEqual(len(self.goals()), 3)
        self.assertEqual(self.goals(held=50), [])

    def test_the_channel_says_that_it_measures_no_other_server(self) -> None:
        contest = channel.contest(Options(("channel",), peer_url="http://h"))
        self.assertIn("http://h", contest.absent)

    def goals(self, held: int = 4000) -> list[str]:
        contest = slots.contest(Options(("slots",), held=held, peers=("none",)))
        measures = contest.cases[0].measures
        return [each.title for each in measures if each.goal]
