"""`python -m bench`: play the suites that are asked for, and write down what they gave."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bench.contest import Contest, matching
from bench.machine import machine, versions
from bench.options import Options, parse
from bench.peers.offer import Offer
from bench.processes import require_two_cores
from bench.report import write
from bench.results import SuiteResult
from bench.rounds import play
from bench.suites import channel, hosts, scripts, slots
from bench.table import table
from bench.wrk import require_wrk
from bench.wrk import version as wrk_version

_CONTESTS: Final[Mapping[str, Sequence[Callable[[Options], Contest[Any]]]]] = {
    "slots": [slots.contest],
    "scripts": [scripts.contest],
    "hosts": [hosts.node, hosts.python],
    "channel": [channel.contest],
}
_OFFERS: Final[Mapping[str, Sequence[Offer[Any]]]] = {
    "slots": slots.OFFERS,
    "scripts": scripts.OFFERS,
    "hosts": [*hosts.NODE, *hosts.PYTHON],
    "channel": channel.OFFERS,
}


def main() -> None:
    """Measure."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: told to end"))  # servers end too
    options = parse({suite: [each.name for each in offers] for suite, offers in _OFFERS.items()})
    require_wrk()
    require_two_cores()
    for make in (make for name in options.only for make in _CONTESTS[name]):
        contest = matching(make(options), options.rows)
        if not contest.cases:
            _say(f"{contest.name} has no row that {options.rows} matches")
            continue
        result = _played(contest, options)
        if options.out:
            write(result, options.out)
        else:
            _say("not a whole run: nothing is written (--out FOLDER does)")
        print(table(result))


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _played(contest: Contest[Any], options: Options) -> SuiteResult:
    rows = play(contest, options.rounds, _say)
    told = versions() | {"wrk": wrk_version()}
    for contestant in contest.contestants:
        told |= contestant.versions
    return SuiteResult(
        contest.name,
        contest.about,
        [contestant.name for contestant in contest.contestants],
        rows,
        options.rounds,
        options.seconds,
        machine(),
        told,
        dict(contest.absent),
        contest.remarks,
    )


if __name__ == "__main__":
    main()
