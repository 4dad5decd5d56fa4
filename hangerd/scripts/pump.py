"""Moves a run's output to its visitor, as fast as he takes it, and questions among it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from hangerd.scripts.note import RunNote
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.output import Chunk, Item, Output, Post
from hangerd.scripts.questions import Question
from hangerd.scripts.response import Head


class Visitor(Protocol):
    """Who gets a run's output: a page, a bare client, an event-stream.

    `head` is what the script made of status and headers; it is closed by the first call.
    """

    def begin(self, note: RunNote, producer: IPushProducer) -> None:
        """Take this run as the producer of what follows."""

    def out(self, head: Head, data: bytes) -> None:
        """Take standard output."""

    def err(self, head: Head, data: bytes) -> None:
        """Take standard error, also when he has left: then it is for the log."""

    def ask(self, head: Head, question: Question, token: str) -> bool:
        """Ask for a line, to be written to the slot of `token`; False when nobody can be asked."""

    def answered(self, question: Question, line: str | None) -> None:
        """Hear of the answer; None when there is none."""

    def end(self, head: Head, outcome: Outcome) -> None:
        """Hear that this was all. Unless the outcome is whole, the answer is to be cut off."""

    def finish(self, head: Head, data: bytes, outcome: Outcome) -> None:
        """Take the last of standard output together with the end, as most runs have it."""
        self.out(head, data)
        self.end(head, outcome)


@implementer(IPushProducer)
class Pump:
    """Between one run's output and its visitor."""

    def __init__(
        self,
        output: Output,
        head: Head,
        visitor: Visitor,
        *,
        ask: Callable[[Question], None],
        moved: Callable[[], None],
        pumped: Callable[[], None],
        gone: Callable[[], None],
    ) -> None:
        self._output = output
        self._head = head
        self._visitor = visitor
        self._ask = ask
        self._moved = moved
        self._pumped = pumped
        self._gone = gone
        self._paused = False
        self._left = False
        self._stopped = False

    @property
    def flows(self) -> bool:
        """Whether the visitor is there, and takes what comes."""
        return not (self._paused or self._left or self._stopped)

    @property
    def dry(self) -> bool:
        """Whether everything has been handed to the visitor."""
        return self._stopped or not self._output.pending

    def pump(self) -> None:
        """Hand over what there is, until the visitor has enough."""
        while not self._paused and not self._stopped and (items := self._output.take()):
            for item in items:
                self._hand_over(item)
            self._moved()
        self._pumped()

    def leave(self) -> None:
        """Go on with standard error only: the visitor has left."""
        self._left = True
        self._paused = False
        self.pump()

    def stop(self) -> None:
        """Hand over nothing more."""
        self._stopped = True
        self._output.clear()

    def pauseProducing(self) -> None:
        """Wait: the visitor is slow."""
        self._paused = not self._left

    def resumeProducing(self) -> None:
        """Go on."""
        self._paused = False
        self._moved()
        self.pump()

    def stopProducing(self) -> None:
        """Hear that the visitor is gone."""
        self._gone()

    def _hand_over(self, item: Item) -> None:
        if isinstance(item, Chunk) and item.err:
            self._visitor.err(self._head, item.data)
        elif self._left:
            return
        elif isinstance(item, Question):
            self._ask(item)
        elif isinstance(item, Post):
            item.call()
        else:
            self._visitor.out(self._head, item.data)
