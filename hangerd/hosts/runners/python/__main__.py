"""Entry: makes this folder a package under a private name, out of the way of the user's modules."""

import importlib
import json
import os
import struct
import sys
from types import ModuleType

PACKAGE = "_hangerd_runner"
OLDEST = (3, 10)


def refuse(descriptor: int) -> int:
    """Say why this Python cannot run hosts; the rest of the runner may not even load in it."""
    version = ".".join(map(str, sys.version_info[:2]))
    message = f"Python {version} is too old: python hosts need 3.10 or later."
    header = b'{"op":"fault","code":"start"}'
    fault = {"type": "RuntimeError", "message": message, "stack": ""}
    payload = json.dumps(fault).encode()
    lengths = struct.pack("!II", 4 + len(header) + len(payload), len(header))
    os.write(descriptor, lengths + header + payload)
    sys.stderr.write(message + "\n")
    return 1


def main() -> int:
    """Run the host; return the exit status."""
    if sys.version_info < OLDEST and "HANGERD_SOCKET_FD" in os.environ:
        return refuse(int(os.environ["HANGERD_SOCKET_FD"]))
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
