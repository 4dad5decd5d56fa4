"""`hangerctl completion`: what a shell needs to complete commands, options and names of hosts."""

from __future__ import annotations

from contextlib import suppress

import click
from click.shell_completion import CompletionItem, get_completion_class

from hangerd.client import HangerdError, connect


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion of a SHELL, for its startup file.

    bash, zsh: eval "$(hangerctl completion bash)"; fish: hangerctl completion fish | source
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has these three
    click.echo(kind(click.Group(), {}, "hangerctl", "_HANGERCTL_COMPLETE").source())


def complete_host(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of hosts that begin so; none when there is no daemon to ask."""
    told = ctx.find_root().params
    with suppress(HangerdError, OSError):
        where = told.get("url"), told.get("control")
        with connect(*where, state_dir=told.get("state_dir"), ca=told.get("ca")) as one:
            hosts = one.hosts()
        return [
            CompletionItem(name, help=hosts[name]["state"])
            for name in sorted(hosts)
            if name.startswith(incomplete)
        ]
    return []
