"""hangerd itself, of this working copy: on ports of the system's choice, its log written away."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.processes import server, wait_until


@dataclass(frozen=True)
class Daemon:
    """A hangerd that runs; `url` has no slash at its end."""

    url: str
    state_dir: Path
    process: psutil.Popen

    @property
    def token(self) -> str:
        """Its control token."""
        return (self.state_dir / "control-token").read_text().strip()


@contextmanager
def hangerd(settings: str = "", *flags: str) -> Iterator[Daemon]:
    """Run hangerd with these settings (TOML) in a context."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config, ready, log = (folder / part for part in ("hangerd.toml", "ready.json", "log"))
        config.write_text(settings)
        command = [
            *(Path(sys.executable).with_name("twistd"), "-n", "--pidfile=", "hangerd"),
            *("--config", config, "--port", "tcp:0:interface=127.0.0.1", "--admin", "none"),
            *("--state-dir", folder / "state", "--ready-file", ready, *flags),
        ]
        with server(command, log, cwd=folder) as process:
            wait_until(ready.exists, process, log)
            told = json.loads(ready.read_text())
            port = int(told["public"][0].rpartition(":")[2])
            yield Daemon(f"http://127.0.0.1:{port}", folder / "state", process)
