"""`hangerctl status`: what a daemon holds, once or live."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from hangerd.cli.failing import line_of
from hangerd.cli.hosts import host_table
from hangerd.cli.showing import console, json_option, show_json, table
from hangerd.cli.target import Target, pass_target
from hangerd.client import HangerdError, Unreachable

if TYPE_CHECKING:
    from rich.console import RenderableType

Look = Callable[[], dict[str, Any]]


@click.command()
@click.option("-w", "--watch", is_flag=True, help="Show it live, until Ctrl-C.")
@click.option("--interval", type=click.FloatRange(0.1), default=1.0, help="Seconds between looks.")
@json_option
@pass_target
def status(target: Target, watch: bool, interval: float, as_json: bool) -> None:
    """Show the daemon, its slots, runs and hosts."""
    look = _looker(target)
    if not watch:
        told = look()
        show_json(told) if as_json else console().print(picture(told))
    elif as_json:
        for told in looks(look, interval):
            show_json(told)
    else:
        _show_live(look, interval)


def _looker(target: Target) -> Look:
    client = target.connect()
    finder = target.finder()

    def look() -> dict[str, Any]:
        place = finder.find()
        return {"address": f"{place.http}{place.base}", **client.status()}

    return look


def looks(
    look: Look, interval: float, sleep: Callable[[float], None] = time.sleep
) -> Iterator[dict[str, Any]]:
    """Look again and again; a daemon that is away is `{"error": TEXT}`, and may come back."""
    while True:
        try:
            yield look()
        except Unreachable as error:
            yield {"error": line_of(error)}
        except HangerdError as error:
            if error.code != "connection_lost":
                raise
        sleep(interval)


def _show_live(look: Look, interval: float) -> None:
    from rich.live import Live

    with Live(console=console(), auto_refresh=False) as live:
        for told in looks(look, interval):
            live.update(picture(told), refresh=True)


def picture(told: Mapping[str, Any]) -> RenderableType:
    """Return tables of what `look` found."""
    from rich.console import Group
    from rich.text import Text

    if "error" in told:
        return Text(told["error"], style="red")
    daemon = ["ready" if told["ready"] else "not ready", told["address"]]
    parts: list[RenderableType] = [table("Daemon", ["state", "address"], [daemon])]
    if told["slots"] is not None:
        names = ("slots", "waiting", "written", "stored", "writes", "connections")
        parts.append(table("Slots", names, [[told["slots"].get(name) for name in names]]))
    if told["runs"] is not None:
        parts.append(_runs(told["runs"]))
    parts.append(host_table(told["hosts"]))
    return Group(*parts)


def _runs(told: Mapping[str, Any]) -> RenderableType:
    title = "Runs: {busy} of {threads} threads busy, {queued} queued".format_map(told)
    columns = ("script", "client", "seconds", "waits_for", "bytes", "id")
    return table(title, columns, [[run[name] for name in columns] for run in told["runs"]])
