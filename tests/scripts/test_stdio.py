"""The streams of a run, and what they are outside of one."""

from __future__ import annotations

import io
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.stdio import RoutedInput, RoutedText, StandIn
from tests.scripts.running import FakeRun, inside


class Terminal(io.TextIOWrapper):
    """What stands behind the streams outside of runs."""

    def __init__(self, text: str = "") -> None:
        self.raw_bytes = io.BytesIO(text.encode())
        super().__init__(self.raw_bytes, "latin-1")

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 7

    def written(self) -> bytes:
        self.flush()
        return self.raw_bytes.getvalue()


class OutputTests(SynchronousTestCase):
    """Standard output and standard error."""

    def setUp(self) -> None:
        self.terminal, self.run_ = Terminal(), FakeRun()
        self.out = RoutedText("stdout", False, lambda: self.terminal)
        self.err = RoutedText("stderr", True, lambda: self.terminal)

    def test_in_a_run_all_goes_to_it(self) -> None:
        with inside(self.run_):
            self.assertEqual(self.out.write("a"), 1)
            self.assertEqual(self.out.buffer.write(bytearray(b"bc")), 2)
            self.out.writelines(["d", "e"])
            self.err.write("f")
            self.err.buffer.write(b"g")
        self.assertEqual(self.run_.out, ["a", b"bc", "d", "e", ("err", "f"), ("err", b"g")])
        self.assertEqual(self.terminal.written(), b"")

    def test_outside_nothing_does(self) -> None:
        self.out.write("a")
        self.out.flush()
        self.out.buffer.write(b"b")
        self.assertEqual(self.terminal.written(), b"ab")
        self.assertEqual(self.run_.out, [])

    def test_what_a_stream_says_of_itself(self) -> None:
        self.assertEqual((self.out.encoding, self.out.errors), ("latin-1", "strict"))
        self.assertEqual((self.out.isatty(), self.out.fileno()), (True, 7))
        with inside(self.run_):
            self.assertEqual((self.out.encoding, self.out.errors), ("utf-8", "backslashreplace"))
            self.assertFalse(self.out.isatty())
            self.assertRaises(io.UnsupportedOperation, self.out.fileno)
        self.assertTrue(self.out.writable() and self.out.buffer.writable())
        self.assertEqual(self.out.name, "<stdout>")

    def test_reconfigure_is_for_what_stands_behind(self) -> None:
        with inside(self.run_):
            self.out.reconfigure(encoding="ascii")
        self.assertEqual(self.terminal.encoding, "latin-1")
        self.out.reconfigure(encoding="ascii")
        self.assertEqual(self.terminal.encoding, "ascii")

    def test_only_text_is_text(self) -> None:
        with inside(self.run_):
            self.assertRaises(TypeError, self.out.write, b"bytes")

    def test_a_flush_hears_of_the_end(self) -> None:
        with inside(self.run_):
            self.out.flush()
            self.err.flush()  # a traceback on its way may still be written
        self.assertEqual(self.run_.out, ["flush"])

    def test_nothing_closes_them(self) -> None:
        with inside(self.run_):
            wrapped: Any = self.out.buffer
            io.TextIOWrapper(wrapped, "utf-8").close()
            self.out.close()
            self.out.write("still")
        self.assertEqual(self.run_.out[-1], "still")


class InputTests(SynchronousTestCase):
    """Standard input."""

    def setUp(self) -> None:
        self.terminal, self.run_ = Terminal("one\ntwo\nthree\nfour\n"), FakeRun()
        self.stdin = RoutedInput(lambda: self.terminal)

    def test_each_line_is_asked_of_the_visitor(self) -> None:
        self.run_.lines = ["a", "", "c", "d"]
        with inside(self.run_):
            self.assertEqual([self.stdin.readline(), self.stdin.readline()], ["a\n", "\n"])
            self.assertEqual(next(self.stdin), "c\n")
            self.assertEqual(self.stdin.read(1), "d\n")
            self.assertEqual(self.stdin.readline(), "")
            self.assertRaises(StopIteration, next, self.stdin)
        self.assertEqual(self.run_.asked, [("", False)] * 6)

    def test_all_of_it(self) -> None:
        self.run_.lines = ["a", "b"]
        with inside(self.run_):
            self.assertEqual(self.stdin.read(), "a\nb\n")
            self.assertEqual(list(self.stdin), [])

    def test_as_bytes(self) -> None:
        self.run_.lines = ["ä", "b", "c", "d"]
        with inside(self.run_):
            self.assertEqual(self.stdin.buffer.readline(), "ä\n".encode())
            self.assertEqual(self.stdin.buffer.read(1), b"b\n")
            self.assertEqual(self.stdin.buffer.readlines(), [b"c\n", b"d\n"])
            self.assertEqual(list(self.stdin.buffer), [])
            self.assertTrue(self.stdin.buffer.readable())

    def test_outside_it_is_what_stands_behind(self) -> None:
        self.assertEqual((self.stdin.readline(), next(self.stdin)), ("one\n", "two\n"))
        self.assertEqual((self.stdin.readline(None), self.stdin.read()), ("three\n", "four\n"))
        self.assertIs(self.stdin.buffer, self.terminal.buffer)
        self.assertEqual((self.stdin.encoding, self.stdin.isatty()), ("latin-1", True))
        self.assertEqual(self.stdin.fileno(), 7)

    def test_what_it_says_of_itself(self) -> None:
        with inside(self.run_):
            self.assertEqual((self.stdin.encoding, self.stdin.errors), ("utf-8", "strict"))
            self.assertFalse(self.stdin.isatty())
            self.assertRaises(io.UnsupportedOperation, self.stdin.fileno)
        self.assertTrue(self.stdin.readable())
        self.stdin.close()
        self.assertFalse(self.stdin.closed)


class StandInTests(SynchronousTestCase):
    """What C code finds."""

    def test_it_leads_to_what_is_found_now(self) -> None:
        found = [io.StringIO("a\nb"), io.StringIO()]
        stand_in = StandIn(lambda: found[0])
        self.assertEqual(list(stand_in), ["a\n", "b"])
        found.pop(0)
        stand_in.write("c")
        self.assertEqual(found[0].getvalue(), "c")
        self.assertRaises(AttributeError, lambda: stand_in.no_such_thing)
