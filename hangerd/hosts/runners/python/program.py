"""One instance of a python host: a thread that reads, and workers; the main thread is the first."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from .aio import Loop
from .call import Call
from .calls import Calls, Service
from .connection import Connection
from .crew import Crew
from .direct import Direct
from .faults import describe_error, stack_of
from .frames import Header, ProtocolError
from .interrupt import MainThread
from .loading import Target, load
from .poller import Poller
from .sources import Sources
from .values import encode_json

PROTOCOL = 1
MAX_MESSAGE = 256 * 1024 * 1024
"""Bytes, until `start` says otherwise."""
SWITCH_INTERVAL = 0.0005
"""Seconds a computing function keeps the reading thread from the interpreter; Python has 5 ms."""
LAST_WORDS = 1.0
"""Seconds that the fault of a failed start may take to reach the daemon."""


class Program:
    """From `start` to the exit. `main` is the main thread's, the rest the reading thread's."""

    def __init__(self, sock: socket.socket, listener: socket.socket | None) -> None:
        self._listener = listener
        self._poller = Poller()
        self._crew = Crew(self._poller, _deaf)
        self._settings: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._sources = Sources()
        self._calls: Calls | None = None
        self._direct: Direct | None = None
        self._stopping = False
        self._daemon = Connection(sock, self._poller, MAX_MESSAGE, self._receive, _abandoned)

    def _receive(self, header: Header, payload: bytes) -> None:
        operation = header["op"]
        if operation == "start":
            self._settings.put(json.loads(payload))
        elif operation == "ping":
            self._daemon.send({"op": "pong", "id": header.get("id")})
        elif operation == "stop":
            self._stop(header.get("grace"))
        elif self._calls is None:
            raise ProtocolError(f"{operation!r} before ready")
        elif operation == "call":
            self._calls.begin(header, payload)
        elif operation == "cancel":
            self._calls.cancel(header)
        elif operation == "credit":
            self._calls.credit(header)
        elif operation == "drain":
            self._drain()
        elif operation == "ticket":
            self._ticket(header)
        else:
            raise ProtocolError(f"unknown operation {operation!r}")

    def _drain(self) -> None:
        if self._direct:
            self._direct.drain()

    def _ticket(self, header: Header) -> None:
        if self._direct:
            self._direct.ticket(header)

    def _stop(self, grace: float | None) -> None:
        if self._stopping:
            return
        self._stopping = True
        if grace is not None:  # threads that the user's code left behind must not outlast it
            self._poller.later(grace, lambda: os._exit(0))
        if self._calls:
            self._calls.cancel_all("stopping")
        if self._direct:
            self._direct.cancel_all("stopping")
        self._settings.put(None)
        self._crew.dismiss()

    def main(self) -> int:
        """Load the user's code, work, and return the exit status."""
        self._crew.start()
        settings = self._settings.get()
        if settings is None:
            return 0
        service = self._prepare(settings)
        if service is None:
            return 1
        self._open(service, settings)
        threads = 1 if service.target.serial else settings.get("threads") or 1
        self._crew.work(threads, self._run)
        return self._finish(service.target)

    def _prepare(self, settings: dict[str, Any]) -> Service | None:
        """Load the user's code; or tell the daemon why that cannot be done."""
        service = Service(
            _Nothing(), self._crew.put, bool(settings.get("pickle")), Loop(), MainThread()
        )
        service.main.install()
        try:
            service.target = load(settings, _waiter(service), self)
        except BaseException as error:  # SystemExit too: it is a failed start
            self._tell_failure(error, settings)
            return None
        return service

    def _tell_failure(self, error: BaseException, settings: dict[str, Any]) -> None:
        fault = describe_error(error)
        path = settings.get("path")
        fault["watch"] = list({*([path] if path else []), *self._sources.fresh()})
        self._daemon.send({"op": "fault", "code": "start"}, encode_json(fault))
        self._flush(LAST_WORDS)

    def _open(self, service: Service, settings: dict[str, Any]) -> None:
        limit = settings.get("max_message") or MAX_MESSAGE
        ready = {
            "protocol": PROTOCOL,
            "version": sys.version.split()[0],
            "pid": os.getpid(),
            "functions": service.target.names(),
            "watch": self._sources.fresh(),
        }
        opened = threading.Event()

        def serve() -> None:
            self._daemon.assembler.limit = limit
            self._calls = Calls(service, self._daemon, lambda: not self._stopping)
            if self._listener:
                self._direct = Direct(self._listener, self._poller, limit, service, self._report)
            self._daemon.send({"op": "ready"}, encode_json(ready))
            opened.set()

        self._poller.soon(serve)
        opened.wait()

    def _report(self, connections: int, calls: int) -> None:
        self._daemon.send({"op": "direct", "connections": connections, "calls": calls})

    def _run(self, call: Call) -> None:
        call.run()
        if fresh := self._sources.fresh():
            self._daemon.send({"op": "watch"}, encode_json(fresh))

    def announce(self) -> None:
        """Tell the daemon that no call is taken any more. Any thread."""
        self._daemon.send({"op": "drain"})

    def leave(self) -> None:
        """End the process after the call that asks for it. Any thread."""
        self._poller.soon(lambda: self._stop(None))

    def _finish(self, target: Target) -> int:
        try:
            target.stop()
        except BaseException as error:
            sys.stderr.write(stack_of(error))
        self._flush(None)
        return 0

    def _flush(self, patience: float | None) -> None:
        written = threading.Event()
        if not self._daemon.when_roomy(written.set):
            written.wait(patience)


class _Nothing:
    """What a host offers before it is loaded."""

    serial = True

    def names(self) -> list[str]:
        return []

    def work(self, name: str) -> Callable[[Call], Any]:
        raise LookupError(name)

    def stop(self) -> None:
        pass


def _waiter(service: Service) -> Callable[[Any], Any]:
    def wait(value: Any) -> Any:
        while hasattr(type(value), "__await__"):
            value = service.loop.submit(value).result()
        return value

    return wait


def _deaf(error: BaseException) -> None:
    """End the process: nobody reads its sockets any more."""
    sys.stderr.write(stack_of(error))
    os._exit(70)


def _abandoned(reason: str) -> None:
    """Exit without hooks: the daemon has gone, or has given this instance up."""
    if reason:
        print(
            f"hangerd: the connection to the daemon failed: {reason}", file=sys.stderr, flush=True
        )
    os._exit(1 if reason else 0)


def _inherited(name: str) -> socket.socket | None:
    """Return the socket whose descriptor a variable names; user code sees neither of them."""
    text = os.environ.pop(name, None)
    if text is None:
        return None
    os.set_inheritable(int(text), False)
    return socket.socket(fileno=int(text))


def main() -> int:
    """Run the host on the sockets that hangerd handed over; return the exit status."""
    sock = _inherited("HANGERD_SOCKET_FD")
    listener = _inherited("HANGERD_LISTEN_FD")
    for name in ("HANGERD_HOST", "HANGERD_INSTANCE"):
        os.environ.pop(name, None)
    if sock is None:
        print("This program is started by hangerd. See docs/wire.md.", file=sys.stderr)
        return 2
    sys.setswitchinterval(SWITCH_INTERVAL)
    if hasattr(sys.stdout, "reconfigure"):  # output is log: by lines, and never an error
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    return Program(sock, listener).main()
