"""Where the server of an address keeps what it has, and how it knows its clients.

A server with a token takes whoever has that. One without is on the loopback, and takes programs of
the same user: they can read the token that its daemon has made.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
from pathlib import Path
from typing import Final

from hangerd.client.errors import Unreachable
from hangerd.client.finding import read_place
from hangerd.places import default_state_dir

HOST_NAME: Final = "bgpy"
"""What the host with the tasks is called in its daemon."""

# What the process with the tasks is told by its environment.
TASKS_VARIABLE: Final = "HANGERD_BGPY_TASKS"
LEVEL_VARIABLE: Final = "HANGERD_BGPY_LOG_LEVEL"
LOG_VARIABLE: Final = "HANGERD_BGPY_LOG_FILE"

_NOBODY: Final = "nobody"  # a token that is good for nothing, and keeps $HANGERD_TOKEN at home


def resolve(host: str) -> str:
    """Return the numeric address of a name. Raises OSError."""
    return str(socket.getaddrinfo(host or "0.0.0.0", None, type=socket.SOCK_STREAM)[0][4][0])


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches a numeric address."""
    return ipaddress.ip_address(address).is_loopback


def state_dir(address: str, port: int) -> Path:
    """Return the state directory of the server at an address."""
    return default_state_dir(os.environ) / "bgpy" / f"{address.replace(':', '_')}-{port}"


def control_token(token: str) -> str:
    """Return the daemon's token for the server's: of a length that it takes, and not the same."""
    return hashlib.sha256(f"hangerd bgpy {token}".encode()).hexdigest()


def known_token(host: str, port: int) -> str:
    """Return the token of a server of this user that has none of its own, or a useless one."""
    try:
        folder = state_dir(resolve(host), port)
        if (folder / "token").exists():
            return _NOBODY
        return read_place(folder).token
    except (Unreachable, OSError):
        return _NOBODY
