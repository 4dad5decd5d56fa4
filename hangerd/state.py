"""The state directory: that only one daemon has it, and the control token in it."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from twisted.application.service import Service

from hangerd.errors import SettingsError
from hangerd.places import LOCK_NAME


class StateDirectory:
    """A directory that belongs to one daemon as long as that runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def lock(self) -> None:
        """Make the directory if need be, and take it.

        The lock goes with the process, however that ends.

        Raises:
            SettingsError: it cannot be made or written, or another daemon has it.
        """
        file = self.path / LOCK_NAME
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SettingsError(
                f"cannot use the state directory {self.path}: {error.strerror}",
                "name one that can be written with --state-dir",
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise SettingsError(
                f"another hangerd uses the state directory {self.path}",
                "stop that one, or give this one its own with --state-dir",
            ) from None
        self._lock = lock

    def unlock(self) -> None:
        """Give the directory back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def own_token_file(self) -> Path:
        """Where the control token is when the operator names no file."""
        return self.path / "control-token"

    def control_token(self, file: Path | None = None) -> str:
        """The token of who may control the daemon: from `file`, else from here, made at first.

        Raises:
            SettingsError: the file cannot be read or holds no token.
        """
        own = file or self.own_token_file
        try:
            if file is None and not own.exists():
                write_new_token(own)
        except OSError as error:
            raise _unreadable(own, error) from None
        return read_control_token(own)


class StateService(Service):
    """Gives the state directory back when all other services have stopped."""

    name = "state"

    def __init__(self, state: StateDirectory) -> None:
        self._state = state

    def stopService(self) -> None:
        """Let another daemon have it."""
        super().stopService()
        self._state.unlock()


def read_control_token(file: Path) -> str:
    """Read the control token. Raises SettingsError."""
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(file, error) from None
    if len(token) < 16:
        raise SettingsError(
            f"the control token in {file} is shorter than 16 characters",
            "put a longer one there, for example from: openssl rand -hex 32",
        )
    return token


def _unreadable(file: Path, error: Exception) -> SettingsError:
    reason = error.strerror if isinstance(error, OSError) else "it is not plain text"
    return SettingsError(
        f"cannot read the control token in {file}: {reason}",
        "name a readable file with --control-token-file",
    )


def write_new_token(file: Path) -> None:
    """Make a control token. Raises OSError."""
    write_private(file, secrets.token_urlsafe(32) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    fresh.rename(path)
