"""System checks: what is wrong with the settings or the machine, with what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Warning

from hangerd.client.django.conf import Config, base_dir, read_config
from hangerd.client.errors import HangerdError
from hangerd.client.sync import connect
from hangerd.errors import SettingsError
from hangerd.hosts.errors import LaunchError, SpecError
from hangerd.hosts.runners.find import find_node
from hangerd.hosts.spec import parse_spec


def check_settings(**_: Any) -> list[CheckMessage]:
    """Check HANGERD and JS_HOST; a daemon is only looked for where none would be started."""
    try:
        config = read_config()
    except SettingsError as error:
        return [Error(error.message, hint=error.remedy, id="hangerd.E001")]
    return [*_check_hosts(config), *_check_node(config), *_check_daemon(config)]


def _check_hosts(config: Config) -> Iterator[CheckMessage]:
    for name, given in config.hosts.items():
        try:
            spec = parse_spec(name, given, base_dir())
        except SpecError as error:
            yield Error(error.message, hint=error.remedy, id="hangerd.E002")
            continue
        if spec.kind == "command":
            yield Error(
                f"host {name}: a command has no functions to call",
                hint="Define it in the daemon's settings.",
                id="hangerd.E002",
            )
        elif spec.path is not None and not Path(spec.path).is_file():
            yield Error(
                f"host {name}: there is no file {spec.path}",
                hint="Correct its path, which begins at BASE_DIR.",
                id="hangerd.E003",
            )


def _check_node(config: Config) -> Iterator[CheckMessage]:
    if config.url is not None:
        return  # it is the other machine that needs it
    wanted = {spec.get("interpreter") for spec in config.hosts.values() if spec.get("kind") == "js"}
    for interpreter in wanted:
        try:
            find_node(interpreter, os.environ.get("PATH", os.defpath))
        except LaunchError as error:
            yield Warning(error.message, hint=error.remedy, id="hangerd.W001")


def _check_daemon(config: Config) -> Iterator[CheckMessage]:
    if config.spawn and config.url is None:
        return
    try:
        connect(config.url, config.token, state_dir=config.state_dir, ca=config.ca).close()
    except HangerdError as error:
        yield Warning(
            f"no hangerd answers: {error.message}",
            hint=error.remedy or "Start one, or set SPAWN in HANGERD.",
            id="hangerd.W002",
        )
