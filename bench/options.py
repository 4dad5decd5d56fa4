"""What `make bench` can be told."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUITES: Final = ("slots", "scripts", "hosts", "channel")
OUT: Final = Path(__file__).parent.parent / "docs" / "performance"


@dataclass(frozen=True)
class Options:
    """How long, what, and beside whom."""

    only: Sequence[str] = SUITES
    rounds: int = 5
    seconds: int = 3
    held: int = 4000
    peer_url: str = ""
    peers: Sequence[str] = ()
    rows: str = ""
    out: Path = OUT


def parse(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line. Exits with a message when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure hangerd beside its peers; write tables, plots and JSON.",
    )
    parser.add_argument("--only", default=",".join(SUITES), help="suites, by commas")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds [5]")
    parser.add_argument("--seconds", type=int, default=3, help="length of one load [3]")
    parser.add_argument("--held", type=int, default=4000, help="reads that hang [4000]")
    parser.add_argument("--rows", default="", help="only loads with a row that this matches")
    parser.add_argument("--peers", default="", help="only these peers, by commas [all]")
    parser.add_argument(
        "--peer-url",
        default="",
        help="a running server to measure beside: slots below it speak /open/, /TOKEN/write/ and "
        "/TOKEN/read/; scripts are the files that bench/site.py writes; functions are called by "
        "POST /function/NAME",
    )
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the results")
    given = parser.parse_args(arguments)
    only = tuple(given.only.split(",")) if given.only else SUITES
    if unknown := set(only) - set(SUITES):
        parser.error(f"no such suite: {', '.join(sorted(unknown))} (there are {', '.join(SUITES)})")
    if min(given.rounds, given.seconds, given.held) < 1:
        parser.error("--rounds, --seconds and --held are at least 1")
    peers = tuple(filter(None, given.peers.split(",")))
    return Options(
        only, given.rounds, given.seconds, given.held, given.peer_url, peers, given.rows, given.out
    )
