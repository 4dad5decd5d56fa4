"""What `make bench` can be told."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

HELD: Final = 4000
"""How many reads hang, where the goals speak of them."""
OUT: Final = Path(__file__).parent.parent / "docs" / "performance"
"""Where the results of whole runs are kept."""
_ROUNDS_TO_KEEP: Final = 3  # of fewer nobody sees whether they agree
_WRITES: Final = (
    "A run with --rows, --peers, --peer-url, another --held or fewer than "
    f"{_ROUNDS_TO_KEEP} rounds only prints its tables, unless --out says where to write."
)


@dataclass(frozen=True)
class Options:
    """How long, what, beside whom, and where results go (None: they are only printed)."""

    only: Sequence[str]
    rounds: int = 5
    seconds: int = 3
    held: int = HELD
    peer_url: str = ""
    peers: Sequence[str] = ()
    rows: str = ""
    out: Path | None = None

    @property
    def whole(self) -> bool:
        """Whether it gives whole suites, whose results may replace those that are kept."""
        partial = self.rows or self.peers or self.peer_url
        return not partial and self.held == HELD and self.rounds >= _ROUNDS_TO_KEEP


def parse(peers: Mapping[str, Sequence[str]], arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; `peers` has the suites, and the names of each one's peers.

    Exits with a message when it is wrong.
    """
    parser = _parser(peers)
    given = parser.parse_args(arguments)
    only = _known(parser, "suite", given.only, peers) or tuple(peers)
    there = [name for suite in only for name in peers[suite]]
    options = Options(
        only,
        given.rounds,
        given.seconds,
        given.held,
        given.peer_url,
        _known(parser, "peer", given.peers, there),
        given.rows,
        given.out,
    )
    if reason := _wrong(options):
        parser.error(reason)
    return replace(options, out=OUT) if options.whole and not options.out else options


def _parser(peers: Mapping[str, Sequence[str]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure hangerd beside its peers; write tables, plots and JSON.",
        epilog=_WRITES,
    )
    there = "; ".join(f"{suite}: {', '.join(names)}" for suite, names in peers.items())
    parser.add_argument("--only", default="", help=f"suites, by commas [{','.join(peers)}]")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds [5]")
    parser.add_argument("--seconds", type=int, default=3, help="length of one load [3]")
    parser.add_argument(
        "--held", type=int, default=HELD, help=f"reads that hang [{HELD}, of which the goals speak]"
    )
    parser.add_argument("--rows", default="", help="only loads with a row that this matches")
    parser.add_argument("--peers", default="", help=f"only these peers, by commas ({there})")
    parser.add_argument(
        "--peer-url",
        default="",
        help="a running server to measure beside: slots below it speak /open/, /TOKEN/write/ and "
        "/TOKEN/read/; scripts are the files that bench/site.py writes; functions are called by "
        "POST /function/NAME; not for the suite channel",
    )
    parser.add_argument(
        "--out", type=Path, help="folder of the results [docs/performance for whole runs]"
    )
    return parser


def _known(
    parser: argparse.ArgumentParser, kind: str, told: str, known: Collection[str]
) -> tuple[str, ...]:
    names = tuple(filter(None, told.split(",")))
    if unknown := set(names) - set(known):
        there = ", ".join(known)
        parser.error(f"no such {kind}: {', '.join(sorted(unknown))} (there are {there})")
    return names


def _wrong(options: Options) -> str:
    """Say what can not be; empty when all can."""
    if min(options.rounds, options.seconds, options.held) < 1:
        return "--rounds, --seconds and --held are at least 1"
    if options.peer_url and set(options.only) == {"channel"}:
        return "--peer-url: the suite channel measures no server, but two channels of one program"
    try:
        re.compile(options.rows)
    except re.error as error:
        return f"--rows: {options.rows!r} is not a regular expression: {error}"
    return ""
