"""A real hangerd in a process of its own, for the length of a test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.integration.channels import on_channel

TWISTD = Path(sys.executable).with_name("twistd")
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


class Daemon:
    """Starts on ports of the system's choice, and is there when its ready-file is."""

    def __init__(self, folder: Path, *flags: str, settings: str = "", reactor: str = "") -> None:
        self.folder = folder
        self.state_dir = folder / "state"
        self._ready_file = folder / "ready.json"
        self._log = (folder / "log").open("ab")
        config = folder / "hangerd.toml"
        config.write_text(on_channel(settings))
        self.command = [
            *(str(TWISTD), "-n", "--pidfile="),
            *([f"--reactor={reactor}"] if reactor else []),
            *("hangerd", "--config", str(config)),
            *([] if "--port" in flags else ["--port", "tcp:0:interface=127.0.0.1"]),
            *([] if "--admin" in flags else ["--admin", "tcp:0:interface=127.0.0.1"]),
            *("--state-dir", str(self.state_dir), "--ready-file", str(self._ready_file)),
            *flags,
        ]

    def start(self) -> Daemon:
        """Start, and return when it listens."""
        environ = {**os.environ, "PYTHONWARNINGS": "default", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            self.command, cwd=self.folder, env=environ, stdout=self._log, stderr=self._log
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the daemon did not start:\n{self.log()}")
            time.sleep(0.02)
        self.told: dict[str, Any] = json.loads(self._ready_file.read_text())
        return self

    def start_again(self) -> Daemon:
        """Start one that has ended, with the same settings and state."""
        self._ready_file.unlink(missing_ok=True)
        return self.start()

    @property
    def port(self) -> int:
        """The first public TCP port."""
        return self._ports("public")[0]

    @property
    def url(self) -> str:
        """The public door, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_url(self) -> str:
        """The operator's door, without a slash at the end."""
        return f"http://127.0.0.1:{self._ports('admin')[0]}"

    @property
    def token(self) -> str:
        """The control token that it made."""
        return (self.state_dir / "control-token").read_text().strip()

    @property
    def measured(self) -> psutil.Process:
        """Its process, to measure memory and processor time."""
        return psutil.Process(self.process.pid)

    def log(self) -> str:
        """All that it has written so far."""
        return (self.folder / "log").read_text()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def stop(self) -> float:
        """Ask it to stop; returns how many seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the daemon did not stop:\n{self.log()}") from None
        self._log.close()
        return time.monotonic() - began

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()

    def _ports(self, door: str) -> list[int]:
        return [int(at.rsplit(":", 1)[1]) for at in self.told[door] if at.startswith("tcp:")]
