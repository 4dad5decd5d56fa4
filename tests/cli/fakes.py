"""A daemon that is only pretended, for hangerctl: hosts and slots by name, and what was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event as Flag
from typing import Any, cast

from click.testing import CliRunner, Result

from hangerd.cli.program import hangerctl
from hangerd.client import Asked, Ended, Event, HangerdError, SlotClosed

HOST = {
    "name": "tasks",
    "kind": "python",
    "state": "ready",
    "reason": "",
    "instances": [{"pid": 7}],
    "calls": 3,
    "faults": {"function": 1},
    "latency": {"median": 0.0015},
}
STATUS = {
    "ready": True,
    "hosts": {"tasks": HOST},
    "slots": {"slots": 5, "waiting": 1, "written": 0, "stored": 0, "writes": 9, "connections": 2},
    "runs": None,
}


class FakeSlot:
    def __init__(self, client: FakeClient, read: str, write: str) -> None:
        self.client, self.read_token, self.write_token = client, read, write

    def write(self, value: str | bytes, *, replace: bool = False, wait: float = 0.0) -> bool:
        self.client.answered.set()
        if self.write_token in self.client.ended:
            raise SlotClosed("cancel")
        self.client.asked.append(("write", self.write_token, value, replace, wait))
        return self.client.is_read

    def read(self, timeout: float | None = None) -> str | bytes:
        self.client.asked.append(("read", self.read_token, timeout))
        if not self.client.values:
            raise TimeoutError
        return self.client.values.pop()

    def close(self, reason: str) -> None:
        self.client.answered.set()
        self.client.asked.append(("close", self.write_token, reason))


class FakeHost:
    def __init__(self, client: FakeClient, name: str) -> None:
        self.client, self.name = client, name

    def _told(self, what: str) -> dict[str, Any]:
        self.client.asked.append((what, self.name))
        return {**HOST, "name": self.name, "state": "stopped" if what == "stop" else "ready"}

    def start(self) -> dict[str, Any]:
        return self._told("start")

    def stop(self) -> dict[str, Any]:
        return self._told("stop")

    def restart(self) -> dict[str, Any]:
        return self._told("restart")

    def invoke(
        self, function: str, args: Sequence[Any], kwargs: Mapping[str, Any], timeout: float | None
    ) -> Any:
        self.client.asked.append((function, args, kwargs, timeout))
        if isinstance(self.client.returns, HangerdError):
            raise self.client.returns
        return self.client.returns

    def log(self, lines: int, *, follow: bool) -> Iterator[str]:
        self.client.asked.append(("log", lines, follow))
        yield from ["one", "two"]


class FakeRun:
    """Events that come; after a question, when `answered` is set."""

    def __init__(self, answered: Flag, *events: Event) -> None:
        self.answered = answered
        self.events = events
        self.stopped = 0

    def __iter__(self) -> Iterator[Event]:
        for event in self.events:
            yield event
            if isinstance(event, Asked):
                assert self.answered.wait(20)

    def __enter__(self) -> FakeRun:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def stop(self) -> None:
        self.stopped += 1


class FakeClient:
    """Stands for hangerd.client.Client; connects to nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.ca: Path | None = None
        self.connected: list[tuple[Any, ...]] = []
        self.error: HangerdError | KeyboardInterrupt | None = None
        self.returns: Any = None
        self.values: list[str | bytes] = []
        self.is_read = True
        self.ended: set[str] = set()
        self.answered = Flag()
        self.events: tuple[Event, ...] = (Ended(0),)

    def connect(
        self,
        url: str | None,
        token: str | None,
        *,
        state_dir: Path | None = None,
        ca: Path | None = None,
    ) -> FakeClient:
        self.ca = ca
        self.connected.append((url, token, state_dir))
        if self.error is not None:
            raise self.error
        return self

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def hosts(self) -> dict[str, Any]:
        return {"tasks": HOST}

    def status(self) -> dict[str, Any]:
        return STATUS

    def host(self, name: str) -> FakeHost:
        return FakeHost(self, name)

    def open(self, *, ttl: float | None = None) -> FakeSlot:
        self.asked.append(("open", ttl))
        return FakeSlot(self, "r", "w")

    def slot(self, *, read: str = "", write: str = "") -> FakeSlot:
        return FakeSlot(self, read, write)

    def run(self, script: str, *argv: str) -> FakeRun:
        self.asked.append(("run", script, argv))
        return FakeRun(self.answered, *self.events)

    def ctl(self, *words: str, given: str | bytes | None = None, **environ: str) -> Result:
        """Run hangerctl with this client."""
        told = {"HANGERD_URL": None, "HANGERD_TOKEN": None, "COLUMNS": "200", **environ}
        obj = cast(Any, self.connect)
        return CliRunner().invoke(hangerctl, words, input=given, env=told, obj=obj)


ASKED = Asked("who? ", "w")
