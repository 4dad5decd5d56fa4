"""What js-host's command is called for: reading a config file, starting a manager and hosts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import hangerd.hosts.runners
from hangerd.client.js_host.base_server import Status
from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import ConfigError
from hangerd.client.js_host.js_host import JSHost
from hangerd.client.js_host.manager import JSHostManager, print_at
from hangerd.client.js_host.utils import verbosity

_READ_WITHIN: Final = 30.0
_READER: Final = Path(hangerd.hosts.runners.__file__).parent / "node" / "status.js"


def read_status_from_config_file(
    config_file: str, extra_args: Sequence[str] | None = None
) -> Status:
    """Return what a host of this config would tell of itself; with `--manager`, a manager.

    Node loads the file, for 30 seconds at most. Raises ConfigError.
    """
    print_at(verbosity.VERBOSE, f"Reading config file {config_file}")
    command = [settings.get_path_to_node(), str(_READER), str(Path(config_file).absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - Node, and a file that the program names
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_READ_WITHIN,
            check=True,
        )
        status: Status = json.loads(done.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        raise ConfigError(error.stderr.strip()) from None
    except subprocess.TimeoutExpired:
        raise ConfigError(f"Node did not read {config_file} in {_READ_WITHIN:g} seconds") from None
    except (OSError, ValueError, IndexError) as error:
        raise ConfigError(f"Node did not read {config_file}: {error}") from None
    if "--manager" in (extra_args or ()):
        status["type"] = JSHostManager.expected_type_name
    return status


def spawn_detached_manager(config_file: str, status: Status | None = None) -> JSHostManager:
    """Find or start the daemon that runs hosts, and connect to it. Raises ProcessError."""
    manager = JSHostManager(status=status, config_file=config_file)
    if manager.spawn():
        print_at(verbosity.PROCESS_START, f"Started {manager.get_name()}")
    manager.connect()
    return manager


def spawn_managed_host(
    config_file: str, manager: JSHostManager, connect_on_start: bool = True
) -> JSHost:
    """Start the host of a config file unless it runs. Raises UnexpectedResponse."""
    told = manager.request_host_status(config_file)
    record = told["host"] if told["started"] else manager.start_host(config_file)
    host = JSHost(
        config_file,
        manager=manager,
        logfile=record["logfile"],
        status=json.loads(record["output"]),
    )
    if not told["started"]:
        print_at(verbosity.PROCESS_START, f"Started {host.get_name()}")
    if connect_on_start:
        host.connect()
    return host
