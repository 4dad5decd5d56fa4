"""`hangerctl run`: a script of a daemon's root, in this terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final
from urllib.parse import unquote, urlsplit

import click

from hangerd.cli.failing import NOT_WATCHED, complain
from hangerd.cli.keyboard import Keyboard
from hangerd.cli.showing import json_option, show_json
from hangerd.cli.target import Target, pass_target
from hangerd.cli.terminal import Terminal, show_plainly
from hangerd.client import Asked, Ended, Event, HangerdError

_CONSOLE: Final = "/-/console/"


@click.command(
    short_help="Run a script page in this terminal.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("script", metavar="URL-OR-PATH")
@click.argument("argv", metavar="[--] [ARGUMENTS]...", nargs=-1, type=click.UNPROCESSED)
@json_option
@pass_target
def run(target: Target, script: str, argv: Sequence[str], as_json: bool) -> None:
    """Run a script page: its output here, its questions asked here.

    The script is named by its path below the daemon's root (scripts/guess.py), by its address, or
    by that of its console, which also works behind a proxy's path. Ctrl-C interrupts a question,
    or stops the script; Ctrl-D ends its input. The exit status is the script's.
    """
    try:
        status = _follow(target, script, argv, as_json=as_json)
    except HangerdError as error:
        complain(error)
        status = NOT_WATCHED
    raise SystemExit(status)


def _follow(target: Target, script: str, argv: Sequence[str], *, as_json: bool) -> int:
    at, path = split_address(script)
    if at is not None:
        # A visitor needs no token, and another daemon must not be sent that of ours.
        target = replace(target, url=at, token="")
    show = _show_json if as_json else show_plainly
    keys = Keyboard(silent=as_json)
    with target.connect() as client, client.run(path, *argv) as started, keys as keyboard:
        try:
            return Terminal(client, started, keyboard, show).follow()
        except KeyboardInterrupt:  # one too early or too many: no script is left running
            started.stop()
            raise


def split_address(script: str) -> tuple[str | None, str]:
    """Return the daemon's address, None where it is not told, and the script's path there."""
    told = urlsplit(script)
    if told.scheme not in {"http", "https"}:
        return None, script
    base, console, path = told.path.partition(_CONSOLE)
    if not console:
        base, path = "", told.path
    return f"{told.scheme}://{told.netloc}{base}", unquote(path)


def _show_json(event: Event) -> None:
    kind = {Asked: "asked", Ended: "ended"}.get(type(event), "printed")
    show_json({"event": kind, **asdict(event)})
