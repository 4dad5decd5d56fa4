"""`hangerctl`: what an operator does with a daemon, from a shell. See docs/hangerctl.md."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NEEDED = ("click", "rich")


def main() -> None:
    """Run the command line, or say what is not installed. Ends the process with its status."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        print(
            f"hangerctl: {' and '.join(missing)} is not installed. "
            "Install it with: pip install 'hangerd[ctl]'",
            file=sys.stderr,
        )
        raise SystemExit(1)
    from hangerd.cli.program import hangerctl

    hangerctl(prog_name="hangerctl")
