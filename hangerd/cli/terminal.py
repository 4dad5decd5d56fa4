"""A run in this terminal: a thread prints what comes, the main one answers from the keyboard.

The main thread is free for Ctrl-C, and for a question whose run ends while somebody types.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from hangerd.cli.failing import INTERRUPTED
from hangerd.cli.keyboard import Keyboard, QuestionOver
from hangerd.client import Asked, Client, Ended, Event, Printed, Run, SlotClosed

Show = Callable[[Event], None]


class Terminal:
    """Follows one run to its end. `show` is called with every event, in the reading thread."""

    def __init__(self, client: Client, run: Run, keyboard: Keyboard, show: Show) -> None:
        self._client = client
        self._run = run
        self._keyboard = keyboard
        self._show = show
        self._questions: SimpleQueue[Asked | None] = SimpleQueue()
        self._end: Ended | Exception | None = None

    def follow(self) -> int:
        """Return the exit status when the run is over.

        The first Ctrl-C stops the script, or interrupts the question that it asks; one that comes
        while it is being stopped raises KeyboardInterrupt. Raises what reading the run raises.
        """
        Thread(target=self._read, name="run", daemon=True).start()
        stopped = False
        while self._end is None:
            try:
                question = self._questions.get()
                if question is not None:
                    self._answer(question)
            except KeyboardInterrupt:
                if stopped:
                    raise
                stopped = True
                self._run.stop()
        if isinstance(self._end, Exception):
            raise self._end
        return INTERRUPTED if stopped and self._end.status else self._end.status

    def _read(self) -> None:
        end: Ended | Exception = EOFError("the run told no end")
        try:
            for event in self._run:
                self._show(event)
                if isinstance(event, Asked):
                    self._questions.put(event)
                elif isinstance(event, Ended):
                    end = event
        except Exception as error:
            end = error
        self._end = end
        self._questions.put(None)
        self._keyboard.cancel()

    def _answer(self, question: Asked) -> None:
        slot = self._client.slot(write=question.token)
        with suppress(QuestionOver, SlotClosed):
            try:
                line = self._keyboard.ask(question.prompt, hidden=question.password)
            except EOFError:
                slot.close("eof")
            except KeyboardInterrupt:
                slot.close("interrupt")
            else:
                slot.write(line)


def show_plainly(event: Event) -> None:
    """Print text where it belongs, byte for byte; of a script that failed, how."""
    if isinstance(event, Printed):
        _write(event.text, error=event.error)
    elif isinstance(event, Ended) and not event.error.endswith(f"exit status {event.status}."):
        _write(f"hangerctl: {event.error.rstrip()}\n" if event.error else "", error=True)


def _write(text: str, *, error: bool) -> None:
    stream = sys.stderr if error else sys.stdout
    # Lone surrogates and letters that the terminal does not have must not end the run.
    stream.buffer.write(text.encode(stream.encoding, "backslashreplace"))
    stream.buffer.flush()
