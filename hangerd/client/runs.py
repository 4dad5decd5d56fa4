"""A run of a script as its visitor: what it prints and asks, as it comes (docs/console.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hangerd.client.errors import ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangerd.client.http_links import Web
    from hangerd.client.pipes import Io
    from hangerd.client.streams import Lines

_SILENCE: Final = 60.0  # seconds; a run shows life every 15


@dataclass(frozen=True, slots=True)
class Printed:
    """Text that the script printed, to standard error if `error`; any piece of it."""

    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: its answer is written to the slot of `token`, without a line break.

    Closing that slot with "eof" or "interrupt" raises EOFError or KeyboardInterrupt there.
    """

    prompt: str
    token: str
    password: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The end: `status` as a shell would see it, `error` why it failed, after so many `seconds`."""

    status: int
    error: str = ""
    seconds: float = 0.0


Event = Printed | Asked | Ended


class RunCore:
    """One run; `id` stops it. Closing it ends the script, as when a visitor leaves."""

    def __init__(self, io: Io, web: Web, lines: Lines) -> None:
        self._io = io
        self._web = web
        self._lines = lines
        self._over = False
        self.id = ""

    async def begin(self) -> None:
        """Learn the run's id. Raises ConnectionLost."""
        name, told = await self._read()
        if name != "start":
            raise ConnectionLost(f"a run began with {name!r:.50}", "Is that address hangerd's?")
        self.id = str(told["run"])

    async def next(self) -> Event:
        """Return what came next. Raises StopAsyncIteration after the end, ConnectionLost."""
        while not self._over:
            name, told = await self._read()
            event = _event(name, told)
            self._over = isinstance(event, Ended)
            if event is not None:
                return event
        raise StopAsyncIteration

    async def _read(self) -> tuple[str, dict[str, Any]]:
        from json import loads

        name = ""
        while True:
            field, _, value = (await self._line()).partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, loads(value)

    async def _line(self) -> str:
        try:
            return await self._lines.next(self._io.now() + _SILENCE)
        except StopAsyncIteration:
            raise ConnectionLost("the run's events ended before the run", "Run it again.") from None
        except TimeoutError:
            self.close()
            raise ConnectionLost("the daemon shows no life", "Look at it, or at a proxy.") from None

    async def stop(self) -> None:
        """End the run; what it still prints, and its end, come as ever."""
        await self._web.ask("POST", f"/-/run/{self.id}/stop")

    def close(self) -> None:
        """Want no more."""
        self._over = True
        self._lines.close()


def _event(name: str, told: dict[str, Any]) -> Event | None:
    match name:
        case "out" | "err":
            return Printed(told["text"], name == "err")
        case "input":
            return Asked(told["prompt"], told["token"], told["password"])
        case "exit":
            return Ended(told["status"], told["error"], told["seconds"])
    return None


async def start_run(io: Io, web: Web, script: str, argv: Sequence[str]) -> RunCore:
    """Start a script by its path below the daemon's root. Raises Refused, Unreachable."""
    from json import dumps
    from urllib.parse import quote

    from hangerd.client.http_links import check
    from hangerd.client.streams import Lines

    target = "/-/run/" + quote(script.removeprefix("/"))
    body = dumps({"argv": [*argv]}).encode()
    headers = {"Content-Type": "application/json"}
    answer = await web.open("POST", target, body=body, headers=headers)
    if answer.answer.status != 200:
        check(await answer.rest(None))
    run = RunCore(io, web, Lines(answer))
    await run.begin()
    return run
