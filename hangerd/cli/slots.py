"""`hangerctl slot`: slots are opened, written, read and closed from a shell."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from hangerd.cli.failing import FAILED, Failed
from hangerd.cli.showing import json_option, show_json
from hangerd.cli.target import Target, pass_target
from hangerd.client import Refused


@click.group(short_help="Open, write, read and close slots.")
def slot() -> None:
    """Use slots: places for one value, where a read waits for the write."""


@slot.command("open", short_help="Open a slot, and print its two tokens.")
@click.option("--ttl", type=click.FloatRange(0, min_open=True), help="Seconds that it may live.")
@json_option
@pass_target
def open_slot(target: Target, ttl: float | None, as_json: bool) -> None:
    """Open a slot, and print the token that reads it and the one that writes it."""
    with target.connect() as client:
        opened = client.open(ttl=ttl)
    tokens = {"read": opened.read_token, "write": opened.write_token}
    if as_json:
        show_json(tokens)
    else:
        click.echo("".join(f"{what} {tokens[what]}\n" for what in tokens), nl=False)


@slot.command()
@click.argument("token")
@click.argument("value", required=False)
@click.option("--replace", is_flag=True, help="Give up a value that nobody has read.")
@click.option("--wait", type=click.FloatRange(0), help="Seconds for its reader to say it came.")
@json_option
@pass_target
def write(
    target: Target, token: str, value: str | None, replace: bool, wait: float | None, as_json: bool
) -> None:
    """Write VALUE, or standard input, into a slot, by its write TOKEN.

    With --wait the exit status is 1 when nobody has read it in time.
    """
    data = sys.stdin.buffer.read() if value is None else value
    with target.connect() as client, _about(token):
        read = client.slot(write=token).write(_text(data), replace=replace, wait=wait or 0.0)
    if as_json:
        show_json({"read": read})
    if wait is not None and not read:
        if as_json:
            raise SystemExit(FAILED)
        raise Failed(f"nobody read it within {wait:g} seconds", "The value stays; it may be read")


@contextmanager
def _about(token: str) -> Iterator[None]:
    """Say what the daemon refused in the words of this command."""
    try:
        yield
    except Refused as error:
        if error.status == 404:
            message = f"{token!r:.80} is no token of a slot"
            raise Failed(message, "Take one that `hangerctl slot open` printed") from None
        if error.status == 409:
            raise Failed(
                "the slot holds a value that nobody has read", "Open another, or --replace it"
            ) from None
        raise


def _text(data: str | bytes) -> str | bytes:
    """Return UTF-8 as text: who reads it is told which it is."""
    try:
        return data.decode() if isinstance(data, bytes) else data
    except UnicodeDecodeError:
        return data


@slot.command(short_help="Wait for a value, and print it.")
@click.argument("token")
@click.option("--timeout", type=click.FloatRange(0), help="Seconds to wait; else for ever.")
@json_option
@pass_target
def read(target: Target, token: str, timeout: float | None, as_json: bool) -> None:
    """Wait for the value of a slot, by its read TOKEN, and print it, byte for byte."""
    with target.connect() as client, _about(token):
        try:
            value = client.slot(read=token).read(timeout)
        except TimeoutError:
            raise Failed(f"nothing was written within {timeout:g} seconds", "Read again") from None
    if as_json:
        show_json({"value": value})
    else:
        click.echo(value, nl=False, color=True)


@slot.command()
@click.argument("token")
@click.option(
    "--reason", type=click.Choice(["cancel", "eof", "interrupt"]), default="cancel", help="Why."
)
@json_option
@pass_target
def close(target: Target, token: str, reason: str, as_json: bool) -> None:
    """End a slot, by either TOKEN: its reader is told the reason."""
    with target.connect() as client, _about(token):
        client.slot(write=token).close(reason)
    if as_json:
        show_json({"closed": reason})
