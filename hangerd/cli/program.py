"""The root of the command line: which daemon, and the commands."""

from __future__ import annotations

from pathlib import Path

import click

from hangerd.cli.completion import completion
from hangerd.cli.doctor import doctor
from hangerd.cli.failing import Program
from hangerd.cli.hosts import host
from hangerd.cli.run import run
from hangerd.cli.slots import slot
from hangerd.cli.status import status
from hangerd.cli.target import Target
from hangerd.cli.token import token
from hangerd.client import connect


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--url",
    envvar="HANGERD_URL",
    help="A daemon by HTTP: http://HOST:PORT, https://..., unix:PATH.  [$HANGERD_URL]",
)
@click.option(
    "--token",
    "control",
    envvar="HANGERD_TOKEN",
    help="Its control token. Others can see this option: better set $HANGERD_TOKEN.",
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="HANGERD_CA",
    help="Who may have made its certificate: an authority's, in PEM.  [$HANGERD_CA]",
)
@click.option(
    "--state-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="This machine's daemon with this state directory.",
)
@click.version_option(package_name="hangerd", message="hangerctl %(version)s")
@click.pass_context
def hangerctl(
    ctx: click.Context,
    url: str | None,
    control: str | None,
    ca: Path | None,
    state_dir: Path | None,
) -> None:
    """Look after a hangerd: its hosts, slots and scripts.

    Without options it is the daemon of this user.

    Exit status: 0 done, 1 failed, 2 wrong usage, 3 no daemon there, 4 not allowed (the token),
    130 interrupted; `run` has the script's own, and 125 when it could not see to its end.
    """
    where = ctx.get_parameter_source("url")
    if state_dir is not None and where is click.core.ParameterSource.ENVIRONMENT:
        url = None
    ctx.obj = Target(ctx.obj or connect, url, control, state_dir, ca)


for _command in (status, host, slot, run, token, doctor, completion):
    hangerctl.add_command(_command)
