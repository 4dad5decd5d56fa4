"""Which daemon a command is for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from hangerd.client import Client
from hangerd.client.finding import Finder

Connect = Callable[..., Client]


@dataclass(frozen=True, slots=True)
class Target:
    """A daemon, as the options or the environment name it; the last resort is this user's."""

    connector: Connect
    url: str | None = None
    token: str | None = None
    state_dir: Path | None = None
    ca: Path | None = None

    def connect(self) -> Client:
        """Return a client of it. Raises Unreachable, NotAllowed."""
        return self.connector(self.url, self.token, state_dir=self.state_dir, ca=self.ca)

    def finder(self) -> Finder:
        """Return what knows where it is. Raises Unreachable."""
        return Finder(os.environ, self.url, self.token, self.state_dir, ca=self.ca)


pass_target = click.make_pass_decorator(Target)
