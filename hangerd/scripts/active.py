"""A run as the reactor sees it: waiting for a thread, running, ending.

The end from outside has two stages: first the script is told, by an exception; after a grace time
its thread is given up, and the visitor hears of it. Everything here is on the reactor thread.
"""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from hangerd.scripts.asking import Asked
from hangerd.scripts.errors import ClientDisconnected, ScriptEnded, Timeout
from hangerd.scripts.limits import TimeLimit
from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome, outcome_of
from hangerd.scripts.pool import Pool, Ticket
from hangerd.scripts.pump import Pump, Visitor
from hangerd.scripts.questions import Question
from hangerd.scripts.run import Run
from hangerd.slots.errors import SlotError

GRACE = 0.8  # seconds, so that the visitor knows within a second of the limit

OpenQuestion = Callable[[Question, "ActiveRun"], Asked]
Ended = Callable[["ActiveRun", Outcome], None]


class ActiveRun:
    """One run from its request to its end."""

    def __init__(
        self,
        run: Run,
        visitor: Visitor,
        pool: Pool,
        clock: IReactorTime,
        *,
        queue_wait: float,
        ask: OpenQuestion,
        ended: Ended,
    ) -> None:
        self.run = run
        self.began = clock.seconds()
        self.started: float | None = None  # when a thread was found
        self.note = RunNote(run.visit.id, run.visit.script_name)
        self.written_off = False
        self._visitor = visitor
        self._pool = pool
        self._ticket = Ticket(
            run.work, self.start, self.wake, run.visit.script, run.settings.concurrency
        )
        self._clock = clock
        self._ask = ask
        self._ended = ended
        self._limit = TimeLimit(clock, queue_wait, lambda: self.end(Timeout))
        self._grace: IDelayedCall | None = None
        self._asked: Asked | None = None
        self._outcome: Outcome | None = None  # how the run ended, output still on its way
        self.over = False
        self.pump = Pump(
            run.output,
            run.head,
            visitor,
            ask=self._put_question,
            moved=self._limit.touch,
            pumped=self._end_when_dry,
            gone=self.disconnect,
        )

    @property
    def waits_for(self) -> str:
        """What the run waits for: "thread", "visitor", or "" for nothing."""
        if self.started is None:
            return "thread"
        return "visitor" if self._asked is not None else ""

    def enter(self) -> None:
        """Ask for a thread. Raises QueueFull."""
        self._pool.enter(self._ticket)

    def queue(self) -> None:
        """Wait for a thread, for so long."""
        if self.started is None and not self.over:
            self._limit.start()

    def start(self) -> None:
        """Hear that a thread was found."""
        self.started = self._clock.seconds()
        self.note.waited = self.started - self.began
        self._limit.set(self.run.settings.timeout)

    def watch(self) -> None:
        """Have the time limit noticed; to be called now and then."""
        self._limit.watch()

    def set_time_limit(self, seconds: float | None) -> None:
        """Give the script `seconds` without output or input, from now on."""
        if not self.over:
            self._limit.set(seconds)

    def wake(self) -> None:
        """Hear of output, of the thread's end, of that of all coroutines: one may bring others."""
        if not self.over:
            if self._outcome is None and self.run.outcome is not None:
                self._outcome = self._whole_outcome(self.run.outcome)
            rest = self.run.output.take_rest() if self._outcome and self.pump.flows else b""
            if self._outcome and rest:
                self._finish(self._outcome, rest)
            else:
                self.pump.pump()

    def _whole_outcome(self, outcome: Outcome) -> Outcome | None:
        """Say how the run ended when its thread has; None when coroutines go on."""
        if outcome.whole:
            if self.run.coroutines.pending:
                return None
            outcome = self.run.coroutines.unseen_failure() or outcome
        if outcome.whole and (end := self.run.gate.unheard) is not None:
            return outcome_of(end())
        return outcome

    def end(self, error: type[ScriptEnded]) -> None:
        """End the run from outside."""
        if self.over or self._grace is not None:
            return
        if self._outcome is not None or self._pool.withdraw(self._ticket):
            self._finish(outcome_of(error()))
            return
        self._grace = self._clock.callLater(GRACE, self._give_up, error)
        self.run.gate.end(error)
        self.run.coroutines.cancel()

    def disconnect(self) -> None:
        """Hear that the visitor is gone."""
        if self.over or self.run.disconnected:
            return
        self.run.disconnect()
        self._forget_question()
        self.pump.leave()
        if self.over:
            return
        if self._outcome is not None or self._pool.withdraw(self._ticket):
            self._finish(outcome_of(ClientDisconnected()))
        elif not self.run.gate.ignoring_disconnect:
            self.run.coroutines.cancel()

    def answered(self, question: Question, line: str | None) -> None:
        """Hear what the visitor said."""
        self._asked = None
        if not self.over:
            self._limit.start()
            self._visitor.answered(question, line)

    def _put_question(self, question: Question) -> None:
        try:
            self._asked = asked = self._ask(question, self)
        except SlotError:
            question.refuse("eof")
            return
        if self._visitor.ask(self.run.head, question, asked.write_token):
            self._limit.stop()
            asked.listen()
        else:
            self._forget_question()
            question.refuse("eof")

    def _forget_question(self) -> None:
        if self._asked is not None:
            self._asked.forget()
            self._asked = None

    def _give_up(self, error: type[ScriptEnded]) -> None:
        self._grace = None
        if self.run.outcome is None:
            self._pool.write_off(self._ticket)
            self.written_off = True
        self._finish(outcome_of(error()))

    def _end_when_dry(self) -> None:
        if not self.over and self._outcome is not None and self.pump.dry:
            self._finish(self._outcome)

    def _finish(self, outcome: Outcome, rest: bytes = b"") -> None:
        if self.over:
            return
        self.over = True
        self._limit.stop()
        if self._grace is not None:
            self._grace.cancel()
        if self._asked is not None:
            self._forget_question()
        if outcome.whole and self.run.gate.disconnected:
            outcome = outcome_of(ClientDisconnected())
        self._write_note(outcome)
        self.pump.stop()
        # They know this run as it knows them; without the circles it is gone as soon as it is over.
        del self.pump, self._limit, self._ticket
        self.run.close()
        if rest:
            self._visitor.finish(self.run.head, rest, outcome)
        else:
            self._visitor.end(self.run.head, outcome)
        self._ended(self, outcome)

    def _write_note(self, outcome: Outcome) -> None:
        if self.started is None:
            self.note.waited = self._clock.seconds() - self.began
        if outcome.kind != "done" and not self.note.ended:
            self.note.ended = outcome.kind
