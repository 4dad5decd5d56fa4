"""The life of runs: queue, limits, disconnects, stops - by a clock that the test turns."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import QueueFull, ScriptRefused, Stopped, TooManyZombies
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.questions import Question
from hangerd.slots.slot import Reason, Value
from tests.scripts.serving import FakeVisitor, Serving


class ServiceTests(SynchronousTestCase):
    """One thread, one place in the queue."""

    def setUp(self) -> None:
        self.serving = Serving()
        self.addCleanup(self.serving.close)
        self.clock = self.serving.clock

    def ended(self, visitor: FakeVisitor) -> Outcome:
        self.assertIsNotNone(visitor.outcome)
        assert visitor.outcome is not None
        return visitor.outcome

    def test_output_reaches_the_visitor_and_the_run_ends(self) -> None:
        visitor = self.serving.run("print('a'); print('b')")
        self.assertEqual(visitor.text, b"")
        self.serving.work()
        self.assertEqual((visitor.text, self.ended(visitor).kind), (b"a\nb\n", "done"))
        self.assertEqual(self.serving.service.runs(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.serving.service.totals.ended, {"done": 1})

    def test_a_slow_visitor_gets_the_rest_later_and_then_the_end(self) -> None:
        visitor = self.serving.run("print('a' * 100_000)")
        visitor.pause_at = 1
        self.serving.work()
        self.assertIsNone(visitor.outcome)
        self.assertLess(len(visitor.text), 100_001)
        visitor.pause_at = None
        visitor.producer.resumeProducing()
        self.assertEqual((len(visitor.text), self.ended(visitor).kind), (100_001, "done"))

    def test_a_visitor_who_takes_nothing_is_cut_off(self) -> None:
        visitor = self.serving.run("print('a' * 100_000)")
        visitor.pause_at = 1
        self.serving.work()
        self.clock.pump([9.0, 2.0])
        self.assertEqual(self.ended(visitor).kind, "timeout")

    def test_failures_are_logged_with_their_trace(self) -> None:
        visitor = self.serving.run("1 / 0")
        self.serving.work()
        outcome = self.ended(visitor)
        self.assertEqual((outcome.kind, outcome.status), ("error", 500))
        self.assertIn("script.py", outcome.trace)
        self.assertNotIn("ZeroDivisionError", outcome.message)

    def test_waiting_in_line_and_a_full_line(self) -> None:
        first, second = self.serving.run("print(1)"), self.serving.run("print(2)")
        self.assertEqual(self.serving.active.waits_for, "thread")
        self.assertRaises(QueueFull, self.serving.run, "print(3)")
        self.assertEqual(len(self.serving.service.runs()), 2)
        self.serving.work()
        self.serving.work()
        self.assertEqual((first.text, second.text), (b"1\n", b"2\n"))

    def test_too_long_in_line(self) -> None:
        self.serving.run("print(1)")
        waiting = self.serving.run("print(2)")
        self.clock.advance(5)
        self.assertEqual((self.ended(waiting).kind, waiting.text), ("timeout", b""))
        self.assertEqual(self.serving.service.stats().queued, 0)

    def test_who_leaves_the_line_is_never_served(self) -> None:
        self.serving.run("__globals__.first = 1")
        waiting = self.serving.run("__globals__.second = 1")
        waiting.producer.stopProducing()
        self.assertEqual(self.ended(waiting).kind, "disconnect")
        self.serving.work()
        self.serving.work()
        self.assertFalse(hasattr(self.serving.service._shared.globals.module, "second"))

    def test_no_movement_is_a_timeout_in_two_stages(self) -> None:
        visitor = self.serving.run("print(1)")
        self.clock.advance(9.9)
        self.assertIsNone(self.serving.active.run.gate.ended)
        self.clock.advance(0.1)
        self.assertIsNotNone(self.serving.active.run.gate.ended)
        self.assertIsNone(visitor.outcome)
        self.clock.advance(1)
        self.assertEqual((self.ended(visitor).kind, self.ended(visitor).status), ("timeout", 504))
        self.assertEqual(self.serving.service.stats().zombies, 1)
        self.assertEqual(self.serving.service.totals.written_off, 1)

    def test_output_is_movement(self) -> None:
        visitor = self.serving.run("print(1)")
        self.clock.advance(8)
        self.serving.active.run.write_text("x")
        self.clock.turn()
        self.clock.advance(8)
        self.assertIsNone(self.serving.active.run.gate.ended)
        self.assertEqual(visitor.text, b"x")
        self.clock.advance(2)
        self.assertIsNotNone(self.serving.active.run.gate.ended)

    def test_a_script_sets_its_limit(self) -> None:
        self.serving.run("print(1)")
        self.serving.active.run.set_time_limit(0)
        self.clock.turn()
        self.clock.advance(1000)
        self.assertIsNone(self.serving.active.run.gate.ended)
        self.serving.active.run.set_time_limit(3)
        self.clock.turn()
        self.clock.advance(3)
        self.assertIsNotNone(self.serving.active.run.gate.ended)

    def test_too_many_zombies_refuse_new_runs(self) -> None:
        for _ in range(2):
            self.assertTrue(self.serving.service.healthy)
            self.serving.run("print(1)")
            self.clock.advance(10)
            self.clock.advance(1)
        self.assertFalse(self.serving.service.healthy)
        self.assertRaises(TooManyZombies, self.serving.run, "print(1)")

    def test_a_disconnect_while_it_runs(self) -> None:
        visitor = self.serving.run("print(1)\n__globals__.late = 1")
        visitor.producer.stopProducing()
        self.assertIsNone(visitor.outcome)
        self.serving.work()
        self.assertEqual((self.ended(visitor).kind, visitor.text), ("disconnect", b""))
        self.assertFalse(hasattr(self.serving.service._shared.globals.module, "late"))

    def test_a_disconnect_after_the_script(self) -> None:
        visitor = self.serving.run("print('a' * 100_000)")
        visitor.pause_at = 1
        self.serving.work()
        visitor.producer.stopProducing()
        self.assertEqual(self.ended(visitor).kind, "disconnect")

    def test_stop_by_id(self) -> None:
        visitor = self.serving.run("print(1)")
        self.assertFalse(self.serving.service.stop("nobody"))
        self.assertTrue(self.serving.service.stop(self.serving.active.run.id))
        self.assertIs(self.serving.active.run.gate.ended, Stopped)
        self.serving.work()
        self.assertEqual(self.ended(visitor).kind, "stop")

    def test_a_stop_that_the_script_is_too_late_to_hear_of(self) -> None:
        visitor = self.serving.run("print(1)")
        gate = self.serving.active.run.gate
        leave = gate.leave

        def leave_and_be_stopped() -> None:
            leave()
            self.serving.service.stop(self.serving.active.run.id)

        gate.leave = leave_and_be_stopped  # type: ignore[method-assign]
        self.serving.work()
        self.assertEqual(self.ended(visitor).kind, "stop")

    def test_stopping_the_service_is_bounded(self) -> None:
        running = self.serving.run("print(1)")
        waiting = self.serving.run("print(2)")
        stopped = self.serving.service.stopService()
        self.assertNoResult(stopped)
        self.assertEqual(self.ended(waiting).kind, "stop")
        self.assertRaises(ScriptRefused, self.serving.run, "print(3)")
        self.clock.advance(1)
        self.successResultOf(stopped)
        self.assertEqual(self.ended(running).kind, "stop")

    def test_stopping_without_runs(self) -> None:
        self.successResultOf(self.serving.service.stopService())

    def test_questions_go_through_slots(self) -> None:
        visitor = self.serving.run("print(1)", interactive=True)
        run = self.serving.active.run
        answers: list[str] = []
        for end in ("answer", "eof", "interrupt"):
            with self.subTest(end):
                self.ask(visitor, end, answers)
        self.assertEqual(answers, ["Ada", "EOFError", "KeyboardInterrupt"])
        self.clock.advance(9)
        self.assertIsNone(run.gate.ended)

    def ask(self, visitor: FakeVisitor, end: str, answers: list[str]) -> None:
        run = self.serving.active.run
        question = Question(run.gate, "name? ", False)
        run.output.ask(question)
        self.clock.turn()
        _, prompt, token = visitor.told[-1]
        self.assertEqual((prompt, self.serving.active.waits_for), ("name? ", "visitor"))
        self.clock.advance(60)
        if end == "answer":
            self.serving.slots.write(token, Value(b"Ada\r\n"), "")
        else:
            self.serving.slots.close(token, Reason(end), "")
        try:
            answers.append(question.wait())
        except (EOFError, KeyboardInterrupt) as error:
            answers.append(type(error).__name__)
        self.assertEqual(self.serving.active.waits_for, "")

    def test_a_visitor_who_cannot_be_asked(self) -> None:
        visitor = self.serving.run("print(1)", interactive=True)
        visitor.takes_questions = False
        run = self.serving.active.run
        run.output.ask(question := Question(run.gate, "", False))
        self.clock.turn()
        self.assertRaises(EOFError, question.wait)
        self.assertEqual(self.serving.slots.counts().waiting, 0)

    def test_a_run_that_ends_forgets_its_question(self) -> None:
        self.serving.run("print(1)", interactive=True)
        run = self.serving.active.run
        run.output.ask(Question(run.gate, "", False))
        self.clock.turn()
        self.assertEqual(self.serving.slots.counts().waiting, 1)
        self.serving.service.stop(run.id)
        self.clock.advance(1)
        self.assertEqual(self.serving.slots.counts().waiting, 0)

    def test_settings_that_are_wrong_are_said(self) -> None:
        self.serving.run("# hangerd: speed=9\nprint(1)")
        self.serving.work()
