"""How much is printed: the setting VERBOSITY, from nothing to everything."""

from __future__ import annotations

from typing import Final

SILENT: Final = 0
CONNECT: Final = 100  # a connection was opened
PROCESS_START: Final = 200  # a host was started
DISCONNECT: Final = 300  # a connection was closed
PROCESS_STOP: Final = 400  # a host or its daemon was told to stop
FUNCTION_CALL: Final = 500  # a function is called
VERBOSE: Final = 600
