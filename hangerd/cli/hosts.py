"""`hangerctl host`: hosts are listed, started, stopped, called, and their logs read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from hangerd.cli.completion import complete_host
from hangerd.cli.showing import console, json_option, show_json, show_value, table
from hangerd.cli.target import Target, pass_target
from hangerd.client import CallError, Host

if TYPE_CHECKING:
    from rich.table import Table

name_argument = click.argument("name", shell_complete=complete_host)
names_argument = click.argument("names", nargs=-1, required=True, shell_complete=complete_host)


@click.group(short_help="Start, stop, call and watch hosts.")
def host() -> None:
    """Look after hosts: Node and Python processes that are kept warm."""


@host.command("list")
@json_option
@pass_target
def list_hosts(target: Target, as_json: bool) -> None:
    """List the hosts with their states."""
    with target.connect() as client:
        hosts = client.hosts()
    show_json(hosts) if as_json else console().print(host_table(hosts))


def host_table(hosts: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return a table of the states of hosts; times in milliseconds."""
    columns = ("name", "kind", "state", "pids", "calls", "faults", "median ms", "why")
    return table("Hosts", columns, [_row(name, hosts[name]) for name in sorted(hosts)])


def _row(name: str, told: Mapping[str, Any]) -> list[object]:
    pids = " ".join(str(one["pid"]) for one in told["instances"])
    faults = sum(told["faults"].values())
    median = told["latency"]["median"]
    shown = "" if median is None else f"{median * 1000:.2f}"
    return [name, told["kind"], told["state"], pids, told["calls"], faults, shown, told["reason"]]


@host.command(short_help="Start hosts, also those that have failed.")
@names_argument
@json_option
@pass_target
def start(target: Target, names: Sequence[str], as_json: bool) -> None:
    """Start hosts, also those that have failed; returns when they are ready."""
    _for_each(target, names, lambda one: one.start(), as_json=as_json)


@host.command()
@names_argument
@json_option
@pass_target
def stop(target: Target, names: Sequence[str], as_json: bool) -> None:
    """Stop hosts; the next call starts them again."""
    _for_each(target, names, lambda one: one.stop(), as_json=as_json)


@host.command()
@names_argument
@json_option
@pass_target
def restart(target: Target, names: Sequence[str], as_json: bool) -> None:
    """Let new processes take over, without a failed call."""
    _for_each(target, names, lambda one: one.restart(), as_json=as_json)


def _for_each(
    target: Target, names: Sequence[str], do: Callable[[Host], dict[str, Any]], *, as_json: bool
) -> None:
    with target.connect() as client:
        for name in names:
            told = do(client.host(name))
            show_json(told) if as_json else click.echo(f"{name}: {told['state']}")


@host.command(
    short_help="Call a FUNCTION, and print what it returns.",
    context_settings={"ignore_unknown_options": True},
)
@name_argument
@click.argument("function")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--timeout", type=click.FloatRange(0), help="Seconds, 0 for none; else the host's.")
@click.option("--trace", is_flag=True, help="When it fails, show the remote stack.")
@json_option
@pass_target
def call(
    target: Target,
    name: str,
    function: str,
    arguments: Sequence[str],
    timeout: float | None,
    trace: bool,
    as_json: bool,
) -> None:
    """Call a FUNCTION of a host and print what it returns; of a generator each value.

    Each of ARGUMENTS is JSON, or else text: 3, '[1, 2]', Ada. With a name and = in front it is a
    keyword argument: name=Ada. '"a=b"' is a text.
    """
    args, kwargs = read_arguments(arguments)
    with target.connect() as client:
        try:
            found = client.host(name).invoke(function, args, kwargs, timeout)
            for value in found if isinstance(found, Iterator) else [found]:
                show_json(value) if as_json else show_value(value)
        except CallError as error:
            if trace:
                click.echo("\n".join(getattr(error, "__notes__", [])), err=True)
            raise


def read_arguments(words: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
    """Understand the arguments of a call: positional ones, and those by keyword."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if sign and name.isidentifier():
            kwargs[name] = _value(value)
        else:
            args.append(_value(word))
    return args, kwargs


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


@host.command()
@name_argument
@click.option("-n", "--lines", type=click.IntRange(0), default=100, help="How many of the last.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@json_option
@pass_target
def log(target: Target, name: str, lines: int, follow: bool, as_json: bool) -> None:
    """Print the last lines of a host's log."""
    with target.connect() as client:
        for line in client.host(name).log(lines, follow=follow):
            show_json({"line": line}) if as_json else click.echo(line, color=True)
