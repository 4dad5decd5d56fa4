"""What all viewers of the dashboard are sent: the whole picture at first, then what changes in it.

Once a second, and only when something has changed, one event is made for all of them. Numbers for
the plots are kept whether somebody looks or not, so that a reload shows the last 15 minutes.
The events (HTML, 9.2) are `picture`, `change` and, so that silence is no doubt, `beat`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, Protocol

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from hangerd.dashboard.changes import Change, change
from hangerd.dashboard.history import History
from hangerd.dashboard.picture import Picture

STEP: Final = 5
"""Seconds between two points of a plot."""
STEPS: Final = 15 * 60 // STEP
BEAT: Final = 15
"""Seconds between two signs of life."""


class Viewer(Protocol):
    """Somebody who looks."""

    def send(self, event: bytes) -> None:
        """Take an event; one who cannot now may ask for `Feed.whole` when he can."""
        ...

    def end(self) -> None:
        """Hear that there is no more."""
        ...


class Feed(Service):
    """Sends to viewers from `join` to `leave`. `on_beat` is called with each sign of life."""

    name = "dashboard"
    _log = Logger()

    def __init__(
        self, clock: IReactorTime, picture: Picture, on_beat: Callable[[], object]
    ) -> None:
        self._clock = clock
        self._picture = picture
        self._on_beat = on_beat
        self._history = History(STEPS)
        self._viewers: set[Viewer] = set()
        self._shown: dict[str, Any] = {}
        self._whole: bytes | None = None
        self._events = 0
        self._ticks = 0
        self._loop = LoopingCall(self._tick)
        self._loop.clock = clock

    def startService(self) -> None:
        """Begin to look, once a second."""
        super().startService()
        self._loop.start(1.0, now=False).addErrback(self._failed)

    def stopService(self) -> None:
        """Let all viewers go."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()
        viewers, self._viewers = self._viewers, set()
        for viewer in viewers:
            viewer.end()

    def __len__(self) -> int:
        return len(self._viewers)

    def join(self, viewer: Viewer) -> None:
        """Show somebody everything, then what changes."""
        if not self._viewers:
            self._look()  # nobody did lately
        self._viewers.add(viewer)
        viewer.send(self.whole())

    def leave(self, viewer: Viewer) -> None:
        """Send no more; harmless for who has left."""
        self._viewers.discard(viewer)

    def whole(self) -> bytes:
        """Return the event that shows everything."""
        if self._whole is None:
            history = {
                "every": STEP,
                "steps": STEPS,
                "count": self._history.count,
                "series": self._history.series(),
            }
            self._whole = self._event("picture", picture=self._shown, history=history)
        return self._whole

    def _tick(self) -> None:
        self._ticks += 1
        is_step = self._ticks % STEP == 0
        if is_step or self._viewers:
            changed, point = self._look(), {}
            if is_step and self._history.add(self._picture.step()):
                point = {"count": self._history.count, "values": self._history.last}
            if is_step:
                self._whole = None
            if changed or point:
                self._tell(changed, point)
        if self._ticks % BEAT == 0:
            self._on_beat()
            self._send(self._event("beat"))

    def _failed(self, why: Failure) -> None:
        self._log.failure("the dashboard shows nothing new from now on", why)

    def _look(self) -> Change:
        shown = self._picture.look()
        found = change(self._shown, shown)
        self._shown = shown
        if found:
            self._whole = None
        return found

    def _tell(self, changed: Change, point: dict[str, Any]) -> None:
        if self._viewers:
            self._events += 1
            told = changed._asdict() | ({"point": point} if point else {})
            self._send(self._event("change", **told))

    def _send(self, event: bytes) -> None:
        for viewer in list(self._viewers):
            viewer.send(event)

    def _event(self, name: str, **data: Any) -> bytes:
        told = json.dumps({"now": round(self._clock.seconds(), 3), **data}, separators=(",", ":"))
        return f"id: {self._events}\nevent: {name}\ndata: {told}\n\n".encode()
