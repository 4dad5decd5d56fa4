"""Where the sockets of the hosts are: a path of a Unix socket has 107 bytes and no more."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hangerd.errors import SettingsError

_LONGEST: Final = 107
_NAME: Final = "/0123456789ab.1234567"  # the longest name of a socket there


def find_runtime_dir(state: Path, environ: Mapping[str, str]) -> Path:
    """What systemd made ($RUNTIME_DIRECTORY), else `run` in the state directory.

    Where that path is too long, a folder of this user and state directory below the system's
    temporary one.
    """
    given = environ.get("RUNTIME_DIRECTORY")
    folder = Path(given.split(":")[0]) if given else state.absolute() / "run"
    if len(os.fsencode(folder)) + len(_NAME) <= _LONGEST:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hangerd-{os.getuid()}-{digest}"


def make_private(folder: Path) -> None:
    """Make a folder that only this user enters.

    Raises:
        OSError: it cannot be made, or belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to another user")
    folder.chmod(0o700)


def local_endpoints(runtime: Path) -> tuple[str, str]:
    """Where programs of this user find the daemon: by frames, and by HTTP.

    Raises:
        SettingsError: there is no folder for sockets.
    """
    try:
        make_private(runtime)
    except OSError as error:
        raise SettingsError(
            f"cannot make {runtime}: {error}", "name another --state-dir, or set RUNTIME_DIRECTORY"
        ) from None
    calls, http = (f"unix:{runtime}/{name}:mode=600:lockfile=1" for name in ("calls", "http"))
    return calls, http
