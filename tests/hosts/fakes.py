"""Hosts without processes: a launcher whose runners are played by the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from hangerd.hosts.errors import LaunchError
from hangerd.hosts.host import Host, Surroundings
from hangerd.hosts.launch import Launched
from hangerd.hosts.link import Link
from hangerd.hosts.log import HostLog
from hangerd.hosts.probe import Check
from hangerd.hosts.process import Process, Watcher
from hangerd.hosts.recycling import Recycling
from hangerd.hosts.restarts import Exit
from hangerd.hosts.rotation import RotatedFile
from hangerd.hosts.sending import Reading
from hangerd.hosts.spec import Spec, parse_spec
from hangerd.hosts.wire import Decoder, Frame, encode_message, json_payload


@implementer(ITCPTransport)
class Pipe(StringTransport):
    """A transport that can be aborted, and tells how often it was paused."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = 0

    def getTcpNoDelay(self) -> bool:
        return False

    def setTcpNoDelay(self, enabled: bool) -> None:
        pass

    def getTcpKeepAlive(self) -> bool:
        return False

    def setTcpKeepAlive(self, enabled: bool) -> None:
        pass

    def loseWriteConnection(self) -> None:
        pass

    def pauseProducing(self) -> None:
        self.paused += 1

    def resumeProducing(self) -> None:
        self.paused -= 1


class FakeRunner(Process):
    """The process and the runner in it. The test says what it does."""

    def __init__(self, number: int, spec: Spec, watcher: Watcher, link: Link | None) -> None:
        super().__init__(Clock(), watcher, "runner")
        self.number = number
        self.spec = spec
        self.watcher = watcher
        self.link = link
        self.pipe = Pipe()
        self.decoder = Decoder()
        self.frames: list[Frame] = []
        self.ends: list[float] = []
        self.ponged = 0
        self.alive = True
        if link is not None:
            link.makeConnection(self.pipe)

    def end(self, grace: float) -> None:
        self.ends.append(grace)

    def got(self, op: str) -> list[Frame]:
        """What the daemon has sent so far, of one operation."""
        self.frames += self.decoder.feed(self.pipe.value())
        self.pipe.clear()
        return [frame for frame in self.frames if frame.op == op]

    @property
    def calls(self) -> list[Frame]:
        return self.got("call")

    def send(self, op: str, payload: Any = None, **header: Any) -> None:
        self.send_raw(op, b"" if payload is None else json_payload(payload), **header)

    def send_raw(self, op: str, payload: bytes, **header: Any) -> None:
        assert self.link is not None
        for frame in encode_message({"op": op, **header}, payload):
            self.link.dataReceived(frame)

    def ready(self, *functions: str, **more: Any) -> None:
        self.watcher.process_started(1000 + self.number)
        self.send("ready", {"protocol": 1, "functions": list(functions), **more})

    def pong(self) -> None:
        """Answer the pings that have not been answered."""
        for ping in self.got("ping")[self.ponged :]:
            self.ponged += 1
            self.send("pong", id=ping.id)

    def answer(self, value: Any, at: int = -1) -> None:
        self.send("result", value, id=self.calls[at].id)

    def die(self, how: Exit) -> None:
        """The program ends, and everything with it."""
        self.alive = False
        self.watcher.process_ended(how)
        if self.link is not None:
            self.link.connectionLost(Failure(ConnectionDone()))
        self.watcher.process_gone(how)


class FakeLauncher:
    """Starts runners that the test plays."""

    def __init__(self) -> None:
        self.runners: list[FakeRunner] = []
        self.refusal: LaunchError | None = None
        self.checks: list[Deferred[bool]] = []

    def launch(
        self, host: str, number: int, spec: Spec, watcher: Watcher, link: Link | None
    ) -> Launched:
        if self.refusal is not None:
            raise self.refusal
        self.runners.append(FakeRunner(number, spec, watcher, link))
        return Launched(self.runners[-1], Path(f"/run/{host}.{number}"))

    def check(self, host: str, number: int, spec: Spec) -> Check:
        def ask() -> Deferred[bool]:
            self.checks.append(Deferred())
            return self.checks[-1]

        return ask

    def forget(self, launched: Launched) -> None:
        """Nothing was made."""

    @property
    def alive(self) -> list[FakeRunner]:
        return [runner for runner in self.runners if runner.alive]


class NoFile(RotatedFile):
    """Writes nothing."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"), 1, 1, lambda error: None)

    def write(self, data: bytes) -> None:
        pass


class World:
    """Everything fake round a host."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.launcher = FakeLauncher()
        self.memory: dict[int, int] = {}
        self._tokens = iter(range(10**6))
        self.around = Surroundings(
            clock=self.clock,
            launcher=self.launcher,
            random=lambda: 0.0,
            tokens=lambda: f"token{next(self._tokens)}",
            checkpoint=lambda name: f"/state/{name}",
            recycling=Recycling(lambda pid: self.memory.get(pid, 0)),
            reading=Reading(),
        )

    def host(self, **spec: Any) -> Host:
        given = {"kind": "python", "module": "work", **spec}
        if given["kind"] != "python":
            del given["module"]
        log = HostLog(NoFile(), self.clock.seconds)
        return Host("work", parse_spec("work", given, Path("/srv")), log, self.around)

    @property
    def runner(self) -> FakeRunner:
        return self.launcher.runners[-1]

    def advance(self, *seconds: float) -> None:
        """Let time pass in steps, while the runners answer pings."""
        for each in seconds:
            self.clock.advance(each)
            for runner in self.launcher.alive:
                runner.pong()


def shown(frame: Frame) -> Any:
    return json.loads(frame.payload)
