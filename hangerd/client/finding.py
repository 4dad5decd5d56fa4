"""Where the daemon is, and by which token: an argument, the environment, or its state directory.

A running daemon says in `ready.json` of its state directory where it listens.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hangerd.client.errors import Unreachable
from hangerd.client.pipes import Address
from hangerd.places import READY_NAME, default_state_dir


@dataclass(frozen=True, slots=True)
class Place:
    """Where one daemon listens: frames (None: only HTTP), HTTP, and the tokens for both.

    `door_token` is said at the door for frames, where the same user needs none. `base` stands
    before the paths of HTTP, where a proxy has the daemon below one.
    """

    http: Address
    token: str = ""
    calls: Address | None = None
    door_token: str = ""
    base: str = ""


Start = Callable[[Path, float | None], Awaitable[None]]
"""Starts a daemon with this state directory; returns when one is there, or raises StartFailed."""


class Finder:
    """Finds one daemon, again each time that it was restarted; starts it if it may."""

    def __init__(
        self,
        environ: Mapping[str, str],
        url: str | None = None,
        token: str | None = None,
        state_dir: str | Path | None = None,
        start: Start | None = None,
        ca: str | Path | None = None,
    ) -> None:
        given = url or (None if state_dir else environ.get("HANGERD_URL"))
        self._token = environ.get("HANGERD_TOKEN", "") if token is None else token
        self._url = None if not given else parse_url(given)
        if self._url is not None and self._url[0].tls:
            address, base = self._url
            trusted = environ.get("HANGERD_CA", "") if ca is None else str(ca)
            self._url = replace(address, ca=trusted), base
        self.state_dir = Path(state_dir or default_state_dir(environ)).absolute()
        self._start = None if self._url else start

    @property
    def local(self) -> bool:
        """Whether it is this machine's, found by its state directory."""
        return self._url is None

    def find(self) -> Place:
        """Return where the daemon is, or was last. Raises Unreachable."""
        if self._url is not None:
            address, base = self._url
            return Place(address, self._token, base=base)
        return read_place(self.state_dir, self._token)

    async def start(self, why: Unreachable, deadline: float | None) -> Place:
        """Start the daemon if that was wished, and return where it is; else raise `why`."""
        if self._start is None:
            raise why
        await self._start(self.state_dir, deadline)
        return self.find()


def parse_url(url: str) -> tuple[Address, str]:
    """Understand http://HOST:PORT[/BASE], https:// or unix:PATH: where, and the path before all.

    Raises Unreachable.
    """
    if url.startswith("unix:"):
        return Address(path=url.removeprefix("unix:")), ""
    try:
        told = urlsplit(url)
        tls = told.scheme == "https"
        if told.scheme in {"http", "https"} and told.hostname and not told.query + told.fragment:
            port = told.port or (443 if tls else 80)
            return Address(host=told.hostname, port=port, tls=tls), told.path.rstrip("/")
    except ValueError:
        pass
    raise Unreachable(
        f"{url!r:.200} is no address of a daemon", "Write http://HOST:PORT, https:// or unix:PATH."
    )


def read_place(state_dir: Path, token: str = "") -> Place:
    """Read where the daemon of a state directory listens. Raises Unreachable."""
    try:
        told = read_ready(state_dir)
        calls, http = (_first_unix(told.get(door, [])) for door in ("calls", "local"))
        own = token or Path(told["control_token_file"]).read_text(encoding="ascii").strip()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreachable(
            f"no hangerd is running with the state directory {state_dir} ({error})",
            "Start one, set HANGERD_URL and HANGERD_TOKEN, or connect(spawn=True).",
        ) from None
    if http is None:
        raise Unreachable(
            f"the daemon of {state_dir} has no socket for programs",
            'Start it without --calls "none", or give its URL and token.',
        )
    return Place(http, own, calls, door_token=token)


def read_ready(state_dir: Path) -> dict[str, Any]:
    """Read what a running daemon says of itself. Raises OSError, ValueError."""
    told = json.loads((state_dir / READY_NAME).read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise ValueError(f"{READY_NAME} holds no object")
    return told


def _first_unix(addresses: list[str]) -> Address | None:
    found = (one for one in addresses if one.startswith("unix:"))
    first = next(found, None)
    return None if first is None else Address(path=first.removeprefix("unix:"))
