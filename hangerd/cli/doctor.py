"""`hangerctl doctor`: looks at what commonly goes wrong, and says what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hangerd.cli.failing import FAILED
from hangerd.cli.showing import console, json_option, show_json, table
from hangerd.cli.target import Target, pass_target
from hangerd.client import HangerdError
from hangerd.client.finding import read_ready

if TYPE_CHECKING:  # the settings bring in pydantic, which other commands do without
    from hangerd.cli.checks import Check
    from hangerd.config import Settings


@click.command(short_help="Check daemon, files, limits and proxies.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The daemon's settings, to be checked too.",
)
@click.option("--proxy", metavar="URL", help="Check a proxy: the address that visitors use.")
@click.option(
    "--script",
    metavar="PATH",
    help="With --proxy: a script that may be run, best one that asks something, to see its "
    "output and a websocket pass.",
)
@json_option
@pass_target
def doctor(
    target: Target, config: Path | None, proxy: str | None, script: str | None, as_json: bool
) -> None:
    """Check daemon, token, ports, folders, limits and Node, and say what to do.

    Exit status: 1 if a check failed. A proxy is seen to pass on a waiting read, which takes as
    long as the daemon's read_hop (25 s).
    """
    from hangerd.cli.checks import Check, failed
    from hangerd.config import Settings, load_settings
    from hangerd.errors import SettingsError

    found: list[Check] = []
    settings = Settings()
    if config is not None:
        try:
            settings = load_settings({}, config)
            found.append(Check("settings", "ok", f"{config} can be read"))
        except SettingsError as error:
            found.append(failed("settings", error))
    found += _look(target, settings)
    if proxy is not None:
        from hangerd.cli.proxy import check_proxy

        click.echo("Waiting for the proxy to pass on a read ...", err=True)
        found += check_proxy(proxy, script, target.token)
    _show(found, as_json=as_json)
    if any(check.state == "fail" for check in found):
        raise SystemExit(FAILED)


def _look(target: Target, settings: Settings) -> Iterator[Check]:
    from hangerd.cli import checks

    finder = target.finder()
    ready = _ready(finder.state_dir) if finder.local else None
    try:
        client = target.connect()
    except HangerdError as error:
        yield checks.failed("daemon", error)
        if finder.local:
            yield from checks.taken_ports(settings)
    else:
        with client:
            yield checks.Check("daemon", "ok", f"answers at {finder.find().http}")
            yield checks.check_token_accepted(client)
    if finder.local:
        yield from _look_here(ready, settings, finder.state_dir)


def _look_here(
    ready: Mapping[str, Any] | None, settings: Settings, state_dir: Path
) -> Iterator[Check]:
    from hangerd.cli import checks

    for at in (ready or {}).get("public", []):
        yield _check_door(at)
    token = (ready or {}).get("control_token_file") or settings.control_token_file
    yield checks.check_token_file(Path(token or state_dir / "control-token"))
    runtime = checks.runtime_dir(ready, state_dir, os.environ)
    yield checks.check_folder("state directory", state_dir)
    yield checks.check_folder("runtime directory", runtime)
    yield checks.check_socket_path(state_dir, runtime)
    limit, whose = checks.file_limit((ready or {}).get("pid"))
    yield checks.check_files(limit, settings, whose)
    yield checks.check_node(os.environ.get("PATH", os.defpath))


def _check_door(at: str) -> Check:
    """Whether a public port of the running daemon can be reached from here."""
    from hangerd.cli.checks import Check, failed
    from hangerd.client import connect

    kind, _, address = at.partition(":")
    if kind != "tcp":
        return Check("port", "skip", f"{at} is not asked")
    host = address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")
    try:
        connect(f"http://{host}", token="").close()  # a visitor's
    except (HangerdError, OSError) as error:
        said = error if isinstance(error, HangerdError) else HangerdError(str(error))
        return failed("port", said)
    return Check("port", "ok", f"the public door answers at {address}")


def _ready(state_dir: Path) -> dict[str, Any] | None:
    try:
        return read_ready(state_dir)
    except (OSError, ValueError):
        return None


def _show(found: list[Check], *, as_json: bool) -> None:
    if as_json:
        show_json([asdict(check) for check in found])
        return
    rows = [(check.state, check.name, check.message, check.remedy) for check in found]
    console().print(table("Checks", ["state", "check", "found", "what to do"], rows))
