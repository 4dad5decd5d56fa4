"""Entry: makes this folder a package under a private name, out of the way of the user's modules."""

import importlib
import os
import sys
from types import ModuleType

PACKAGE = "_hangerd_runner"


def main() -> int:
    """Run the host; return the exit status."""
    folder = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == folder:
        del sys.path[0]
    package = ModuleType(PACKAGE)
    package.__path__ = [folder]
    sys.modules[PACKAGE] = package
    # -B is for the user's modules, whose edits must show; ours may be compiled once for all starts
    uncached, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    program = importlib.import_module(f"{PACKAGE}.program")
    sys.dont_write_bytecode = uncached
    status: int = program.main()
    return status


if __name__ == "__main__":
    sys.exit(main())
