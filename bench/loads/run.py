"""Runs one load with one caller, in a Python that has the caller's client; says it as JSON.

    python -m bench.loads.run CALLER WHERE LOAD PARAMETERS

WHERE and PARAMETERS are JSON. Says {"figures": [...]}, or {"unable": reason}, which is that of
the caller or of a server that refuses.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module

from bench.callers.caller import Unable
from bench.loads.calls import LOADS
from bench.loads.http import Refused


def main(caller: str, where: str, load: str, parameters: str) -> None:
    """Run it."""
    make, found = import_module(f"bench.callers.{caller}").make, json.loads(where)
    try:
        told: dict[str, object] = {
            "figures": LOADS[load](lambda: make(found), **json.loads(parameters))
        }
    except (Unable, Refused) as reason:
        told = {"unable": str(reason)}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
