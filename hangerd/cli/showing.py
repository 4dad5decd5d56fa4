"""What hangerctl prints: JSON for programs, tables for people."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from hangerd.cli.failing import note_json

if TYPE_CHECKING:  # it takes longer to import than most commands run
    from rich.console import Console
    from rich.table import Table

_WIDE: Final = 200  # columns, where no terminal has fewer
_STATES: Final = {
    "ready": "green",
    "ok": "green",
    "starting": "yellow",
    "backing_off": "yellow",
    "draining": "yellow",
    "warn": "yellow",
    "failed": "red",
    "fail": "red",
    "skip": "dim",
}

json_option = click.option(
    "--json", "as_json", is_flag=True, callback=note_json, help="Print JSON, errors too."
)


def show_json(value: Any) -> None:
    """Print a value as one line of JSON; bytes are `{"base64": TEXT}`."""
    click.echo(json.dumps(value, default=_as_json, ensure_ascii=False))


def _as_json(value: object) -> object:
    if isinstance(value, bytes | bytearray):
        return {"base64": base64.b64encode(value).decode()}
    return repr(value)


def show_value(value: object) -> None:
    """Print what a function returned, or a slot held: text and bytes as they are, else JSON."""
    if isinstance(value, bytes | bytearray):
        click.echo(bytes(value), nl=False)
    elif isinstance(value, str):
        click.echo(value, color=True)
    else:
        click.echo(json.dumps(value, default=_as_json, ensure_ascii=False, indent=2))


def console() -> Console:
    """Return where tables go; colours are for terminals, and not with NO_COLOR."""
    from rich.console import Console

    return Console(
        width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False, emoji=False
    )


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table; cells that name a state have its colour."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        made.add_row(*(Text(cell, style=_STATES.get(cell, "")) for cell in cells))
    return made
