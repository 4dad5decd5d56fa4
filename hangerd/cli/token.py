"""`hangerctl token`: the control token of this machine's daemon, shown or made anew."""

from __future__ import annotations

import os
from pathlib import Path

import click

from hangerd.cli.failing import Failed
from hangerd.cli.showing import json_option, show_json
from hangerd.cli.target import Target, pass_target
from hangerd.client import HangerdError
from hangerd.client.finding import read_ready


@click.command(short_help="Print the control token, or make another.")
@click.option("--rotate", is_flag=True, help="Make a new one; the old is good for nothing then.")
@json_option
@pass_target
def token(target: Target, rotate: bool, as_json: bool) -> None:
    """Print the control token; its file stays readable for its owner only.

    With --rotate a running daemon takes the new one over at once: dashboards are signed out, and
    programs elsewhere need the new one, as call tokens of hosts do.
    """
    finder = target.finder()
    if not finder.local:
        raise Failed(
            "the token of a daemon elsewhere is on its machine",
            "Ask its operator, or do it there",
        )
    file, running = token_file(finder.state_dir)
    if rotate:
        _rotate(file)
        after = _after(target, finder.state_dir, file) if running else ""
        click.echo(f"{file} has a new token. {after}".rstrip(), err=True)
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(
            f"cannot read the token in {file}: {error}",
            "A daemon makes it at its first start; name its --state-dir, or be its user",
        ) from None
    show_json({"token": text, "file": str(file)}) if as_json else click.echo(text)


def token_file(state_dir: Path) -> tuple[Path, bool]:
    """Return where the token of a state directory's daemon is, and whether that runs."""
    try:
        return Path(read_ready(state_dir)["control_token_file"]), True
    except (OSError, ValueError, KeyError, TypeError):
        return state_dir / "control-token", False


def _after(target: Target, state_dir: Path, file: Path) -> str:
    """Say whether the daemon takes the new token; asked with it, it forgets the old one."""
    try:
        text = file.read_text(encoding="ascii").strip()
        with target.connector(None, text, state_dir=state_dir) as client:
            client.hosts()
    except (HangerdError, OSError) as error:
        return f"The daemon does not take it ({error}): look at its log, or restart it."
    return "The old one is good for nothing any more."


def _rotate(file: Path) -> None:
    from hangerd.state import write_new_token

    try:
        file = file.resolve()
        owner = file.stat() if file.exists() else None
        write_new_token(file)
        if owner is not None and owner.st_uid != os.getuid():  # root's, for the daemon's user
            os.chown(file, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise Failed(
            f"cannot write {file}: {error.strerror}", "Be the daemon's user, or root"
        ) from None
