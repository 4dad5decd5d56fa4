"""How to ask a command whether it is ready: a connection, a page, a program."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from hangerd.hosts.fields import Probe
from hangerd.hosts.probe import TRY, Check
from hangerd.hosts.process import Command, Process, Spawner, Stream
from hangerd.hosts.restarts import Exit


def find_check(probe: Probe, reactor: object, spawner: Spawner, command: Command) -> Check:
    """Return how to ask a host that runs `command`, by tcp, http or exec."""
    if probe.tcp is not None:
        host, _, port = probe.tcp.rpartition(":")
        return lambda: _connects(reactor, host.strip("[]"), int(port))
    if probe.http is not None:
        url = probe.http
        return lambda: _answers(reactor, url)
    asking = replace(command, argv=probe.exec or ())
    return lambda: _succeeds(spawner, asking)


class _Knock(Protocol):
    """Connects and leaves."""

    def connectionMade(self) -> None:
        assert self.transport is not None  # noqa: S101
        self.transport.loseConnection()


class _Get(Protocol):
    """Sends one request and reads no more than the status line of its answer."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._head = b""
        self.ok: Deferred[bool] = Deferred(lambda _: self._leave())

    def connectionMade(self) -> None:
        assert self.transport is not None  # noqa: S101
        self.transport.write(self._request)

    def dataReceived(self, data: bytes) -> None:
        self._head += data
        if b"\n" in self._head or len(self._head) > 1000:
            words = self._head.split(None, 2)
            self._leave()
            if not self.ok.called:
                self.ok.callback(len(words) > 1 and words[1][:1] in b"123" and words[1] != b"")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.ok.called:
            self.ok.callback(False)

    def _leave(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()


class _Run:
    """Watches a program until it has ended."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self.ok: Deferred[bool] = Deferred(lambda _: self._kill())

    def _kill(self) -> None:
        if self.process is not None:
            self.process.end(0)

    def process_started(self, pid: int) -> None:
        """Nothing to note."""

    def process_wrote(self, stream: Stream, data: bytes) -> None:
        """Drop it."""

    def process_ended(self, how: Exit) -> None:
        """Wait for what it started, too."""

    def process_gone(self, how: Exit) -> None:
        """Say whether it went well."""
        if not self.ok.called:
            self.ok.callback(how.clean)


def _connects(reactor: object, host: str, port: int) -> Deferred[bool]:
    endpoint = HostnameEndpoint(reactor, host, port, timeout=TRY)
    knocked: Deferred[bool] = connectProtocol(endpoint, _Knock()).addCallback(lambda _: True)
    return knocked


def _answers(reactor: object, url: str) -> Deferred[bool]:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = f"GET {target} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode()
    endpoint = HostnameEndpoint(reactor, parts.hostname or "", parts.port or 80, timeout=TRY)
    got: Deferred[bool] = connectProtocol(endpoint, _Get(request)).addCallback(lambda get: get.ok)
    return got


def _succeeds(spawner: Spawner, command: Command) -> Deferred[bool]:
    run = _Run()
    run.process = spawner.spawn(command, run)
    return run.ok
