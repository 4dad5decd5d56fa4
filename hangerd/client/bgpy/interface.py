"""The functions of bgpy's older interface: one server, by host and port, without a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hangerd.client.bgpy.client import Client, Reply
from hangerd.client.bgpy.server import Server
from hangerd.hosts.runners.python.standin import respond

__all__ = ["execute", "initialize", "respond", "terminate"]

HOST: Final = "127.0.0.1"
PORT: Final = 50014


def initialize(
    init_task: Callable[..., Any],
    exec_task: Callable[..., Any],
    exit_task: Callable[..., Any],
    host: str = HOST,
    port: int = PORT,
) -> Reply:
    """Start a server in the background, unless one is there, and send it its tasks."""
    Server(host, port).run_background()
    return Client(host, port).initialize(init_task, exec_task, exit_task)


def execute(
    exec_args: Mapping[str, Any],
    await_response: bool = False,
    host: str = HOST,
    port: int = PORT,
) -> Reply:
    """As `Client.execute`."""
    return Client(host, port).execute(exec_args, await_response)


def terminate(
    exit_args: Mapping[str, Any] | None = None,
    await_response: bool = False,
    host: str = HOST,
    port: int = PORT,
) -> Reply:
    """As `Client.terminate`."""
    return Client(host, port).terminate(exit_args, await_response)
