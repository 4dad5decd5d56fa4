"""What `hangerctl doctor` looks at on this machine; a check is a function that says one thing."""

from __future__ import annotations

import os
import re
import resource
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from hangerd.client import Client, HangerdError, NotAllowed
from hangerd.client.pipes import Address
from hangerd.config import Settings
from hangerd.hosts.errors import LaunchError
from hangerd.hosts.folders import find_runtime_dir
from hangerd.hosts.runners.find import find_node

State = Literal["ok", "warn", "fail", "skip"]
OLDEST_NODE: Final = 20
_SPARE_FILES: Final = 1000  # for what is no held request: logs, hosts, idle connections


@dataclass(frozen=True, slots=True)
class Check:
    """What was found; `remedy` says what to do about it."""

    name: str
    state: State
    message: str
    remedy: str = ""


def failed(name: str, error: HangerdError) -> Check:
    """Return the check that ended with an error."""
    return Check(name, "fail", error.message, error.remedy)


def check_token_accepted(client: Client) -> Check:
    """Whether the daemon takes the token that was found."""
    try:
        client.hosts()
    except NotAllowed:
        return Check(
            "token",
            "fail",
            "the daemon does not take this token",
            "Compare HANGERD_TOKEN or --token with its file",
        )
    except HangerdError as error:
        return failed("token", error)
    return Check("token", "ok", "the daemon takes it")


def check_token_file(file: Path) -> Check:
    """Whether the token's file can be read by its owner alone, and holds one."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Run this as the daemon's user; the first start makes it"
        return Check("token file", "warn", f"cannot read {file}: {error}", remedy)
    if mode & 0o077:
        found = f"others may use {file} (mode {mode:o})"
        return Check("token file", "fail", found, f"chmod 600 {file}; hangerctl token --rotate")
    if len(text) < 16:
        found = f"the token in {file} is shorter than 16 characters"
        return Check("token file", "fail", found, "hangerctl token --rotate")
    return Check("token file", "ok", f"{file}, mode {mode:o}")


def check_folder(name: str, folder: Path) -> Check:
    """Whether only its owner can enter a folder of the daemon's."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return Check(name, "ok", f"{folder} is made at the first start")
    except OSError as error:
        return Check(name, "warn", f"cannot look at {folder}: {error.strerror}", "Run this as root")
    mode = stat.S_IMODE(found.st_mode)
    shown = f"{folder}, mode {mode:o}"
    if mode & 0o022:
        return Check(name, "fail", f"others may write to {shown}", f"chmod 700 {folder}")
    if mode & 0o055:
        return Check(name, "warn", f"others may look into {shown}", f"chmod 700 {folder}")
    if os.geteuid() not in {0, found.st_uid}:
        return Check(name, "warn", f"{shown}, belongs to another user", "Is it the daemon's?")
    return Check(name, "ok", shown)


def runtime_dir(
    ready: Mapping[str, Any] | None, state_dir: Path, environ: Mapping[str, str]
) -> Path:
    """Return where the sockets are, by the daemon's word; else where they would be."""
    at = next((one for one in (ready or {}).get("calls", []) if one.startswith("unix:")), None)
    return Path(at[5:]).parent if at else find_runtime_dir(state_dir, environ)


def check_socket_path(state_dir: Path, runtime: Path) -> Check:
    """Whether the sockets are beside the state: a long path has them elsewhere."""
    if runtime == state_dir.absolute() / "run":
        return Check("sockets", "ok", f"the path of {runtime} is short enough")
    found = f"they are in {runtime}: $RUNTIME_DIRECTORY, or the state directory's path is too long"
    return Check("sockets", "ok", found)


def check_files(limit: int, settings: Settings, whose: str) -> Check:
    """Whether as many requests can wait as the settings allow: each is an open file."""
    needed = settings.slots.max_held + _SPARE_FILES
    found = f"{whose} may have {_count(limit)}; max_held asks for {needed:,}"
    if limit == resource.RLIM_INFINITY or limit >= needed:
        return Check("open files", "ok", found)
    remedy = "Raise the hard limit (LimitNOFILE in the unit, ulimit -Hn), or lower max_held"
    return Check("open files", "warn", found, remedy)


def _count(limit: int) -> str:
    return "any number" if limit == resource.RLIM_INFINITY else f"{limit:,}"


def file_limit(pid: int | None) -> tuple[int, str]:
    """Return how many files the daemon may have open, and whose limit that is."""
    if pid is not None:
        try:
            return resource.prlimit(pid, resource.RLIMIT_NOFILE)[1], f"the daemon ({pid})"
        except (OSError, AttributeError):
            pass
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1], "a program started here"


def check_node(path: str) -> Check:
    """Whether there is a Node for js hosts, new enough."""
    try:
        node = find_node(None, path)
        ran = subprocess.run(  # noqa: S603 - the one that hosts run with
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        )
    except LaunchError as error:
        return Check("node", "warn", error.message, error.remedy)
    except (OSError, subprocess.SubprocessError) as error:
        return Check("node", "warn", f"it does not run: {error}", "Install Node.js anew")
    version = re.match(r"v(\d+)\.", ran.stdout)
    if version is None or int(version[1]) < OLDEST_NODE:
        found = f"{node} is {ran.stdout.strip() or 'no Node'}"
        return Check("node", "warn", found, f"js hosts need Node.js {OLDEST_NODE} or later")
    return Check("node", "ok", f"{node} {ran.stdout.strip()}")


def taken_ports(settings: Settings) -> Iterator[Check]:
    """Say which ports of the settings somebody else has, while the daemon does not run."""
    import socket

    for endpoint in (*settings.port, settings.admin):
        if (at := tcp_of(endpoint)) is None:
            continue
        with socket.socket(socket.AF_INET6 if ":" in at.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((at.host, at.port))
            except OSError as error:
                remedy = "Stop what has it, or choose another (--port, --admin)"
                yield Check("port", "fail", f"cannot have {at}: {error.strerror}", remedy)
            else:
                yield Check("port", "ok", f"{at} is free")


def tcp_of(endpoint: str) -> Address | None:
    """Return where an endpoint in Twisted's notation listens, if that is a plain TCP port."""
    kind, _, rest = endpoint.partition(":")
    port, _, options = rest.partition(":")
    if kind not in {"tcp", "tcp6", "ssl"} or not port.isdecimal():
        return None
    found = re.search(r"(?:^|:)interface=((?:\\:|[^:])*)", options)
    host = found[1].replace("\\:", ":") if found else ""
    return Address(host=host or "0.0.0.0", port=int(port))
