"""`python -m hangerd.client.bgpy server|terminate|version`: bgpy's command line.

Whatever cannot be done is said in one line on standard error, with exit status 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from getpass import getpass
from importlib.metadata import version

from hangerd.client.bgpy.client import Client
from hangerd.client.bgpy.server import TOKEN_VARIABLE, Server
from hangerd.client.errors import HangerdError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hangerd.client.bgpy", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("server", help="run a server until a client terminates it")
    terminate = commands.add_parser("terminate", help="run a server's exit task and end it")
    for command in (server, terminate):
        command.add_argument("host", help="address of the server")
        command.add_argument("port", type=int, help="port of the server")
        command.add_argument(
            "-t", "--token", action="store_true", help=f"ask for a token [${TOKEN_VARIABLE}]"
        )
        command.add_argument("-l", "--log-level", default="INFO", help="what is logged [INFO]")
        command.add_argument("-f", "--log-file", help="where it is logged [standard error]")
    server.add_argument("-i", "--init-file", help="a file with the three tasks")
    commands.add_parser("version", help="say the version")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what a command line says; return the exit status."""
    given = _parser().parse_args(arguments)
    if given.command == "version":
        print(f"hangerd {version('hangerd')}")
        return 0
    token = getpass("Token: ") if given.token else os.environ.get(TOKEN_VARIABLE)
    try:
        if given.command == "terminate":
            return _terminate(Client(given.host, given.port, token))
        Server(
            given.host, given.port, token, given.log_level, given.log_file, given.init_file
        ).run()
    except (HangerdError, OSError) as error:
        remedy = getattr(error, "remedy", "")
        print(f"bgpy: {error}" + (f"; {remedy}" if remedy else ""), file=sys.stderr)
        return 1
    return 0


def _terminate(client: Client) -> int:
    message = str(client.terminate().get("message"))
    print(message)
    return int(message == "Invalid client authentication.")


if __name__ == "__main__":
    sys.exit(main())
