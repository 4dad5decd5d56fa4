"""`python -m hangerd DIR`: serves a folder at once, by what twistd is made of."""

from __future__ import annotations

import os
import sys

from twisted.scripts.twistd import ServerOptions, runApp  # type: ignore[attr-defined]

from hangerd.errors import SettingsError
from hangerd.folder_options import read_folder_options
from hangerd.options import refuse_start


def main() -> None:
    """Serve until a signal ends it. The exit status is 1 when it could not start."""
    try:
        told = read_folder_options(sys.argv[1:], os.environ)
        config = ServerOptions()
        config.parseOptions(["-n", "--pidfile=", "hangerd", *told.flags])
        config.subOptions.set_further(told.tables)
    except SettingsError as error:
        refuse_start(error)
    runApp(config)


if __name__ == "__main__":
    main()
