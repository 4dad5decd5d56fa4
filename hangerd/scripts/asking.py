"""Answers of visitors, by way of slots: the reactor's side of input()."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from hangerd.scripts.questions import Ending, Question
from hangerd.slots.errors import SlotEnded, SlotError
from hangerd.slots.service import SlotsService
from hangerd.slots.slot import Delivery, Opened, Pending, Reason


class Listener(Protocol):
    """Hears what became of a question."""

    def answered(self, question: Question, line: str | None) -> None:
        """Hear of the answer; None when there is none."""


class Asked:
    """One question with its slot. The visitor answers by `write_token`."""

    def __init__(
        self,
        slots: SlotsService,
        client: str,
        question: Question,
        seconds: float | None,
        listener: Listener,
    ) -> None:
        self.question = question
        self._slots = slots
        self._client = client
        self._listener = listener
        self._slot: Opened = slots.open(client, split=True)
        self.write_token = self._slot.write
        self._read: Deferred[Delivery | Pending] = slots.read(self._slot.read, client, wait=seconds)

    def listen(self) -> None:
        """Bring the answer to the question when it comes."""
        self._read.addCallbacks(self._came, self._ended)

    def forget(self) -> None:
        """Wait no longer: the run is over."""
        self._read.addErrback(lambda _: None)
        self._read.cancel()
        self._close()

    def _came(self, found: Delivery | Pending) -> None:
        if isinstance(found, Pending):
            self._refuse("timeout")
            return
        line = found.value.data.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        self._slots.settle(found, lost=False)
        self._slots.ack(self._slot.read, found.lease, self._client)
        self.question.answer(line)
        self._listener.answered(self.question, line)

    def _ended(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        error = failure.value
        interrupted = isinstance(error, SlotEnded) and error.reason == Reason.INTERRUPT
        self._refuse("interrupt" if interrupted else "eof")

    def _refuse(self, ending: Ending) -> None:
        self.question.refuse(ending)
        self._listener.answered(self.question, None)
        self._close()

    def _close(self) -> None:
        with suppress(SlotError):  # it may have ended by itself
            self._slots.close(self._slot.read, Reason.CANCEL, self._client)
