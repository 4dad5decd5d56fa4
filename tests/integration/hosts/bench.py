"""What the tests of hosts work with: a service, a folder of sources, and short ways to call."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from textwrap import dedent
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hangerd.hosts.calls import Request
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.host import Host
from hangerd.hosts.replies import Reply, Stream
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from tests.integration.hosts.family import MARK


class Bench:
    """Defines hosts from sources; every process of theirs carries `mark`."""

    def __init__(self, service: HostsService, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.mark = uuid.uuid4().hex

    def write(self, name: str, source: str) -> Path:
        path = self.folder / name
        beside = path.with_name(f".{name}")  # in one step, as editors do
        beside.write_text(dedent(source))
        beside.replace(path)
        return path

    def python(self, source: str, name: str = "work", **spec: Any) -> Host:
        self.write(f"{name}.py", source)
        return self.define(name, kind="python", path=f"{name}.py", **spec)

    def define(self, name: str, **spec: Any) -> Host:
        given = {"env": {MARK: self.mark}, **spec}
        return self.service.define(name, parse_spec(name, given, self.folder))


def call(host: Host, function: str, *args: Any, **options: Any) -> Deferred[Reply | Stream]:
    payload = json.dumps({"args": args}).encode()
    return host.call(Request(function, payload, passing="arguments", **options))


def value(host: Host, function: str, *args: Any, **options: Any) -> Deferred[Any]:
    return call(host, function, *args, **options).addCallback(_value)


def _value(reply: Reply | Stream) -> Any:
    assert isinstance(reply, Reply)
    return reply.value()


def fault_of(host: Host, function: str, *args: Any, **options: Any) -> Deferred[Fault]:
    """The fault of a call that must fail."""
    return value(host, function, *args, **options).addCallbacks(_not_wanted, _fault)


def _not_wanted(answer: Any) -> Fault:
    raise AssertionError(f"it answered {answer!r}")


def _fault(failure: Failure) -> Fault:
    assert isinstance(failure.value, CallError)
    return failure.value.fault
