"""How hangerctl ends when something went wrong: one line for people, a status for programs."""

from __future__ import annotations

import json
from typing import Any, Final

import click

from hangerd.client import HangerdError, NotAllowed, Unreachable

FAILED: Final = 1
UNREACHABLE: Final = 3
NOT_ALLOWED: Final = 4
NOT_WATCHED: Final = 125
"""Of `run`, whose other statuses are the script's: it was not started, or not seen to its end."""
INTERRUPTED: Final = 130
_AS_JSON: Final = "hangerd.json"


class Failed(HangerdError):
    """hangerctl itself cannot do what it was asked to."""

    code = "failed"


class Program(click.Group):
    """Says errors of hangerd in one line, and ends with the status that stands for them."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except HangerdError as error:
            complain(error)
            ctx.exit(status_of(error))
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def note_json(ctx: click.Context, param: click.Parameter, given: bool) -> bool:
    """Take note that a command was told --json: so are its errors then."""
    ctx.meta[_AS_JSON] = given
    return given


def complain(error: HangerdError) -> None:
    """Print what was wrong and what to do to standard error: in one line, as JSON with --json."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and ctx.meta.get(_AS_JSON):
        told = {"error": error.code, "message": error.message, "remedy": error.remedy}
        click.echo(json.dumps(told, ensure_ascii=False), err=True)
    else:
        click.echo(f"hangerctl: {line_of(error)}", err=True)


def line_of(error: HangerdError) -> str:
    """Return message and remedy as one line, with nothing in it that a terminal obeys."""
    said = [part.strip().rstrip(".;") for part in (error.message, error.remedy)]
    text = " ".join(part if part.endswith("?") else f"{part}." for part in said if part)
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def status_of(error: HangerdError) -> int:
    """Return the exit status of an error."""
    if isinstance(error, NotAllowed):
        return NOT_ALLOWED
    return UNREACHABLE if isinstance(error, Unreachable) else FAILED
