"""Hosts that were defined while the daemon ran: kept in its state folder, and there again after it.

One file each, so that a broken one costs that host alone. The fields are kept as they were given,
with the folder in which their relative paths begin; what a later version reads is checked anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from hangerd.errors import SettingsError
from hangerd.hosts.errors import NotKept, SpecError
from hangerd.hosts.host import Host
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import parse_spec
from hangerd.state import write_private


class Definitions:
    """Defines and removes hosts for good. `folder` is made when it is needed (mode 0700).

    Relative paths in specs begin at `base`.
    """

    _log = Logger()

    def __init__(self, hosts: HostsService, folder: Path, base: Path) -> None:
        self._hosts = hosts
        self._folder = folder
        self._base = base

    def define(self, name: str, given: Mapping[str, Any]) -> Host:
        """Define or change a host, and keep it. Raises SpecError, or NotKept with nothing done."""
        spec = parse_spec(name, given, self._base)
        kept = json.dumps({"base": str(self._base), "spec": given}, indent=2)
        with self._changing(name):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._file(name), kept + "\n")
        return self._hosts.define(name, spec)

    def remove(self, name: str) -> Deferred[None]:
        """Stop a host and forget it for good; fires when it is gone.

        Raises HostUnknown, or NotKept with nothing done.
        """
        self._hosts.get(name)
        with self._changing(name):
            self._file(name).unlink(missing_ok=True)
        return self._hosts.remove(name)

    def restore(self) -> None:
        """Define what was kept, but for names that are defined already: the settings stand."""
        for file in sorted(self._folder.glob("*.json")):
            name = file.stem
            if name in self._hosts:
                self._log.info("{file} is not used: the settings name that host", file=file)
                continue
            try:
                self._hosts.define(name, _read(name, file))
            except SettingsError as error:
                self._log.error(
                    "a host is left out: {file}: {message}; {remedy}",
                    file=file,
                    message=error.message,
                    remedy=error.remedy,
                )

    @contextmanager
    def _changing(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise NotKept(
                f"what is kept of host {name} in {self._folder} cannot be changed: "
                f"{error.strerror}",
                "Make room in the state directory, or mend its rights.",
            ) from None

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _read(name: str, file: Path) -> Any:
    """Return the spec that a file keeps. Raises SpecError."""
    remedy = "Define the host again, or delete the file."
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        base, given = Path(kept["base"]), kept["spec"]
    except OSError as error:
        raise SpecError(f"it cannot be read ({error.strerror})", remedy) from None
    except (ValueError, RecursionError, KeyError, TypeError):
        raise SpecError("it is broken", remedy) from None
    return parse_spec(name, given, base)
