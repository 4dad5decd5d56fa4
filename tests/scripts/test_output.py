"""Output between threads and the reactor: order, marks, one wake-up, what is dropped."""

from __future__ import annotations

import threading
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import ClientDisconnected, OutputOverflow, Stopped
from hangerd.scripts.gate import Gate
from hangerd.scripts.output import PIECE, Chunk, Item, Output
from hangerd.scripts.questions import Question

MARKS = {"high_water": 100, "low_water": 20, "loop_limit": 1000}


def joined(items: list[Item]) -> bytes:
    return b"".join(item.data for item in items if isinstance(item, Chunk))


class OutputTests(SynchronousTestCase):
    """The test is both sides; a thread of its own plays a script that has to wait."""

    def setUp(self) -> None:
        self.wakes = 0
        self.blocking = True
        self.gate = Gate(lambda thread, error: None)
        self.output = Output(self.gate, self.wake, lambda: self.blocking, **MARKS)

    def wake(self) -> None:
        self.wakes += 1

    def test_one_wake_up_for_all_until_everything_is_taken(self) -> None:
        self.output.write(b"a")
        self.output.write(b"b", err=True)
        self.assertEqual(self.wakes, 1)
        self.assertEqual(self.output.take(1), [Chunk(False, b"a")])
        self.output.write(b"c", err=True)
        self.assertEqual(self.wakes, 1)
        self.assertEqual(self.output.take(), [Chunk(True, b"b"), Chunk(True, b"c")])
        self.output.write(b"d")
        self.assertEqual((self.wakes, self.output.total), (2, 4))

    def test_a_forked_child_rouses_nobody(self) -> None:
        """A thread that is not in the child may have held what a wake-up needs."""
        self.gate.begin_child()
        self.output.write(b"a")
        self.output.write(b"b", err=True)
        self.assertEqual((self.wakes, self.output.take()), (0, []))

    def test_nothing_is_nothing(self) -> None:
        self.output.write(b"")
        self.assertEqual((self.wakes, self.output.take()), (0, []))

    def test_short_prints_take_little_more_than_their_bytes(self) -> None:
        """So that a slow visitor holds what the high-water mark says, not many times as much."""
        output = Output(self.gate, self.wake, lambda: True)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before, _ = tracemalloc.get_traced_memory()
        for number in range(20_000):
            output.write(b"%d\n" % number)
        grown = tracemalloc.get_traced_memory()[0] - before
        self.assertLess(grown, 2 * output.size)

    def test_streams_keep_their_order(self) -> None:
        for data, err in ((b"1", False), (b"2", False), (b"3", True), (b"4", False)):
            self.output.write(data, err)
        self.assertEqual(
            self.output.take(), [Chunk(False, b"12"), Chunk(True, b"3"), Chunk(False, b"4")]
        )

    def test_the_rest_in_one_piece(self) -> None:
        self.assertEqual(self.output.take_rest(), b"")
        self.output.write(b"1")
        self.output.write(b"2")
        self.assertEqual(self.output.take_rest(), b"12")
        self.assertEqual((self.output.size, self.output.pending, self.wakes), (0, False, 1))
        self.output.write(b"3")
        self.assertEqual((self.wakes, self.output.take()), (2, [Chunk(False, b"3")]))

    def test_the_rest_is_left_where_it_is_more_than_standard_output(self) -> None:
        question = Question(self.gate, "name? ", False)
        self.output.ask(question)
        self.output.write(b"1")
        self.assertEqual(self.output.take_rest(), b"")
        self.assertEqual(self.output.take(), [question, Chunk(False, b"1")])
        self.output.write(b"2", err=True)
        self.assertEqual(self.output.take_rest(), b"")
        self.assertEqual(self.output.take(), [Chunk(True, b"2")])

    def test_a_question_keeps_its_place(self) -> None:
        question = Question(self.gate, "name? ", False)
        self.output.write(b"1")
        self.output.ask(question)
        self.output.write(b"2")
        self.assertEqual(self.output.take(), [Chunk(False, b"1"), question, Chunk(False, b"2")])
        self.gate.end(Stopped)
        self.assertRaises(Stopped, self.output.ask, question)

    def test_a_thread_waits_from_high_to_low_water(self) -> None:
        self.output.write(b"x" * 100)
        done = threading.Event()

        def script() -> None:
            self.output.write(b"y")
            done.set()

        thread = threading.Thread(target=script)
        thread.start()
        taken = b""
        while not done.wait(0.001):
            taken += joined(self.output.take(10))
        thread.join(10)
        taken += joined(self.output.take())
        self.assertEqual(taken, b"x" * 100 + b"y")

    def test_a_large_write_is_held_in_pieces(self) -> None:
        output = Output(self.gate, self.wake, lambda: True, high_water=2 * PIECE, low_water=PIECE)
        data = bytes(range(256)) * (PIECE // 64)
        thread = threading.Thread(target=output.write, args=(data,))
        thread.start()
        taken = b""
        while len(taken) < len(data):
            self.assertLessEqual(output.size, 3 * PIECE)
            taken += joined(output.take())
        thread.join(10)
        self.assertEqual(taken, data)

    def test_the_loop_never_waits_and_ends_the_run_when_too_far_ahead(self) -> None:
        self.blocking = False
        self.output.write(b"x" * 999)
        self.output.write(b"y")
        self.assertRaises(OutputOverflow, self.output.write, b"z")
        self.assertIs(self.gate.ended, OutputOverflow)

    def test_a_waiting_thread_hears_of_the_end(self) -> None:
        self.output.write(b"x" * 100)
        self.gate.end(Stopped)
        self.assertRaises(Stopped, self.output.write, b"y")
        self.assertRaises(Stopped, self.output.check)
        self.output.write(b"e", err=True)
        self.output.write(b"f", err=True)
        self.assertEqual(self.output.size, 101)

    def test_after_a_disconnect_output_raises_and_errors_are_kept(self) -> None:
        self.gate.disconnect()
        self.assertRaises(ClientDisconnected, self.output.write, b"y")
        self.output.write(b"e", err=True)
        self.gate.ignoring_disconnect = True
        self.output.write(b"z" * 500)
        self.assertEqual(self.output.size, 1)
        for _ in range(500):
            self.output.write(b"e", err=True)
        self.assertEqual(self.output.size, 101)

    def test_clear_drops_and_lets_go(self) -> None:
        self.output.write(b"x" * 100)
        self.output.clear()
        self.assertEqual((self.output.size, self.output.take()), (0, []))

    @given(st.lists(st.tuples(st.binary(max_size=40), st.booleans())), st.integers(1, 60))
    def test_all_bytes_arrive_in_order(self, writes: list[tuple[bytes, bool]], limit: int) -> None:
        output = Output(self.gate, self.wake, lambda: True)
        for data, err in writes:
            output.write(data, err)
        taken: list[Chunk] = []
        while items := output.take(limit):
            taken += [item for item in items if isinstance(item, Chunk)]
        self.assertEqual(output.size, 0)
        expected = [(err, byte) for data, err in writes for byte in data]
        self.assertEqual([(c.err, byte) for c in taken for byte in bytes(c.data)], expected)
