"""Tests of the commands of hangerctl for hosts, slots, tokens and shells."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from twisted.trial.unittest import SynchronousTestCase

from hangerd.cli.hosts import read_arguments
from hangerd.cli.program import hangerctl
from hangerd.client import Ended, Printed, RemoteError
from hangerd.hosts.faults import Fault
from tests.cli.fakes import ASKED, FakeClient


class CommandTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.client = FakeClient()

    def said(self, *words: str, given: str | bytes | None = None) -> str:
        found = self.client.ctl(*words, given=given)
        self.assertEqual(found.exit_code, 0, found.output)
        return found.stdout


class HostTests(CommandTestCase):
    def test_list(self) -> None:
        self.assertIn("1.50", self.said("host", "list"))
        self.assertEqual(json.loads(self.said("host", "list", "--json"))["tasks"]["calls"], 3)

    def test_what_an_operator_does(self) -> None:
        for what, state in (("start", "ready"), ("stop", "stopped"), ("restart", "ready")):
            self.assertEqual(self.said("host", what, "a", "b"), f"a: {state}\nb: {state}\n")
            self.assertEqual(self.client.asked[-2:], [(what, "a"), (what, "b")])
        self.assertEqual(json.loads(self.said("host", "stop", "a", "--json"))["name"], "a")

    def test_arguments(self) -> None:
        found = read_arguments(
            ["1", "-2", "Ada", '"3"', "[1]", "x=5", "y=Bo", "4=z", '"k=v"', "t="]
        )
        args = [1, -2, "Ada", "3", [1], "4=z", "k=v"]
        self.assertEqual(found, (args, {"x": 5, "y": "Bo", "t": ""}))

    def test_a_call(self) -> None:
        self.client.returns = {"a": [1]}
        words = ("host", "call", "--timeout", "2", "tasks", "f", "-1", "x=--y")
        self.assertEqual(json.loads(self.said(*words)), {"a": [1]})
        self.assertEqual(self.client.asked, [("f", [-1], {"x": "--y"}, 2.0)])

    def test_values(self) -> None:
        self.client.returns = "text"
        self.assertEqual(self.said("host", "call", "a", "f"), "text\n")
        self.assertEqual(self.said("host", "call", "a", "f", "--json"), '"text"\n')
        self.client.returns = b"\xff"
        self.assertEqual(self.client.ctl("host", "call", "a", "f").stdout_bytes, b"\xff")
        self.assertEqual(self.said("host", "call", "a", "f", "--json"), '{"base64": "/w=="}\n')
        self.client.returns = iter([1, "b"])
        self.assertEqual(self.said("host", "call", "a", "f"), "1\nb\n")

    def test_a_fault(self) -> None:
        self.client.returns = error = RemoteError(Fault("function", "ValueError", "no"))
        error.add_note("in f, line 1")
        found = self.client.ctl("host", "call", "a", "f")
        self.assertEqual((found.exit_code, found.stdout), (1, ""))
        self.assertEqual(found.stderr.count("\n"), 1)
        self.assertIn("ValueError: no", found.stderr)
        self.assertIn("line 1", self.client.ctl("host", "call", "a", "f", "--trace").stderr)

    def test_log(self) -> None:
        self.assertEqual(self.said("host", "log", "-n", "2", "-f", "a"), "one\ntwo\n")
        self.assertEqual(self.client.asked, [("log", 2, True)])
        found = self.said("host", "log", "a", "--json")
        self.assertEqual(json.loads(found.splitlines()[0]), {"line": "one"})


class SlotTests(CommandTestCase):
    def test_open(self) -> None:
        self.assertEqual(self.said("slot", "open", "--ttl", "5"), "read r\nwrite w\n")
        self.assertEqual(self.client.asked, [("open", 5.0)])
        tokens = {"read": "r", "write": "w"}
        self.assertEqual(json.loads(self.said("slot", "open", "--json")), tokens)

    def test_write(self) -> None:
        self.said("slot", "write", "w", "Ada", "--replace")
        self.said("slot", "write", "w", given="ä\n")
        self.said("slot", "write", "w", given=b"\xff")
        self.assertEqual([one[2] for one in self.client.asked], ["Ada", "ä\n", b"\xff"])
        self.assertEqual([one[3] for one in self.client.asked], [True, False, False])

    def test_a_write_that_nobody_reads(self) -> None:
        self.client.is_read = False
        self.said("slot", "write", "w", "Ada")
        found = self.client.ctl("slot", "write", "w", "Ada", "--wait", "2")
        self.assertEqual((found.exit_code, self.client.asked[-1][4]), (1, 2.0))
        self.assertIn("2 seconds", found.stderr)
        found = self.client.ctl("slot", "write", "w", "Ada", "--wait", "2", "--json")
        self.assertEqual((found.exit_code, found.stdout), (1, '{"read": false}\n'))

    def test_read(self) -> None:
        self.client.values = [b"\x00\xff", "Ada"]
        self.assertEqual(self.said("slot", "read", "r"), "Ada")
        found = self.client.ctl("slot", "read", "r", "--timeout", "3")
        self.assertEqual(
            (found.stdout_bytes, self.client.asked[-1]), (b"\x00\xff", ("read", "r", 3))
        )
        found = self.client.ctl("slot", "read", "r", "--timeout", "3")
        self.assertEqual((found.exit_code, found.stdout), (1, ""))
        self.assertIn("3 seconds", found.stderr)

    def test_close(self) -> None:
        self.said("slot", "close", "w", "--reason", "eof")
        self.assertEqual(self.client.asked, [("close", "w", "eof")])
        self.assertEqual(self.client.ctl("slot", "close", "w", "--reason", "x").exit_code, 2)


class RunTests(CommandTestCase):
    def test_output_answers_and_status(self) -> None:
        self.client.events = (
            Printed("a\r"),
            Printed("b\n", error=True),
            ASKED,
            Ended(3, "The script ended with exit status 3."),
        )
        found = self.client.ctl("run", "a.py", "--", "--x", "two words", given="Ada\n")
        self.assertEqual((found.exit_code, found.stderr), (3, "b\n"))
        self.assertEqual(found.stdout_bytes, b"a\rwho? ")
        run, write = self.client.asked
        self.assertEqual(run, ("run", "a.py", ("--x", "two words")))
        self.assertEqual(write[:3], ("write", "w", "Ada"))

    def test_a_script_that_fails_says_so(self) -> None:
        self.client.events = (Ended(1, "The script failed."),)
        found = self.client.ctl("run", "a.py")
        self.assertEqual((found.exit_code, found.stderr), (1, "hangerctl: The script failed.\n"))

    def test_the_end_of_the_input(self) -> None:
        self.client.events = (ASKED, Ended(0))
        self.client.ctl("run", "a.py", given="")
        self.assertEqual(self.client.asked[-1], ("close", "w", "eof"))

    def test_an_answer_that_comes_too_late_is_dropped(self) -> None:
        self.client.ended = {"w"}
        self.client.events = (ASKED, Ended(0))
        self.assertEqual(self.client.ctl("run", "a.py", given="Ada\n").exit_code, 0)

    def test_json(self) -> None:
        self.client.events = (Printed("ä"), Ended(0, "", 0.5))
        lines = self.said("run", "a.py", "--json").splitlines()
        told = [
            {"event": "printed", "text": "ä", "error": False},
            {"event": "ended", "status": 0, "error": "", "seconds": 0.5},
        ]
        self.assertEqual([json.loads(line) for line in lines], told)

    def test_text_that_no_terminal_can_show(self) -> None:
        self.client.events = (Printed("\udc80"), Ended(0))
        self.assertEqual(self.said("run", "a.py"), "\\udc80")


class TokenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.file = self.folder / "control-token"

    def told(self, *words: str, folder: Path | None = None) -> tuple[int, str, str]:
        where = ("--state-dir", str(folder or self.folder))
        found = CliRunner().invoke(hangerctl, [*where, "token", *words], env={"HANGERD_URL": None})
        return found.exit_code, found.stdout, found.stderr

    def test_it_is_printed(self) -> None:
        self.file.write_text("secret\n")
        self.assertEqual(self.told(), (0, "secret\n", ""))
        found = json.loads(self.told("--json")[1])
        self.assertEqual(found, {"token": "secret", "file": str(self.file.absolute())})

    def test_there_is_none(self) -> None:
        status, out, err = self.told()
        self.assertEqual((status, out), (1, ""))
        self.assertIn("--state-dir", err)

    def test_another_file_by_the_daemons_word(self) -> None:
        other = self.folder / "other"
        other.write_text("that\n")
        (self.folder / "ready.json").write_text(json.dumps({"control_token_file": str(other)}))
        self.assertEqual(self.told()[1], "that\n")

    def test_rotation(self) -> None:
        self.file.write_text("secret\n")
        status, out, err = self.told("--rotate")
        self.assertEqual(status, 0)
        self.assertGreater(len(out), 32)
        self.assertEqual(self.file.read_text(), out)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("Restart", err)

    def test_rotation_under_a_daemon_that_does_not_follow(self) -> None:
        told = {"control_token_file": str(self.file.absolute())}
        (self.folder / "ready.json").write_text(json.dumps(told))
        self.assertIn("look at its log, or restart it", self.told("--rotate")[2])

    def test_a_file_that_cannot_be_written(self) -> None:
        status, _, err = self.told("--rotate", folder=self.folder / "nowhere")
        self.assertEqual(status, 1)
        self.assertIn("cannot write", err)

    def test_one_elsewhere(self) -> None:
        found = CliRunner().invoke(hangerctl, ["--url", "http://h", "token"])
        self.assertEqual(found.exit_code, 1)
        self.assertIn("elsewhere", found.stderr)


class CompletionTests(SynchronousTestCase):
    def test_each_shell(self) -> None:
        for shell in ("bash", "zsh", "fish"):
            found = CliRunner().invoke(hangerctl, ["completion", shell])
            self.assertIn("_HANGERCTL_COMPLETE", found.stdout)
