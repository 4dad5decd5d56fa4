"""Tests of `hangerd.ready`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.errors import SettingsError
from hangerd.notify import Notifier
from hangerd.ready import ReadyService


class Told:
    """A notifier that keeps what it is told."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def tell(self, state: str) -> None:
        self.states.append(state)


class ReadyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.hooks: list[Callable[[], None]] = []
        self.told = Told()
        self.refused: list[SettingsError] = []
        folder = Path(self.mktemp())
        folder.mkdir()
        self.file = folder / "ready.json"

    def service(self, file: Path | None) -> ReadyService:
        addresses: dict[str, Any] = {"public": ["tcp:127.0.0.1:1"], "admin": []}
        return ReadyService(
            self.hooks.append,
            lambda: addresses,
            cast(Notifier, self.told),
            [file] if file else [],
            self.refused.append,
        )

    def run_hooks(self) -> None:
        for hook in self.hooks:
            hook()

    def test_ready_when_the_reactor_runs(self) -> None:
        service = self.service(self.file)
        service.startService()
        self.assertFalse(service.ready)
        self.assertFalse(self.file.exists())
        self.run_hooks()
        self.assertTrue(service.ready)
        self.assertEqual(self.told.states, ["READY=1"])
        self.assertEqual(
            json.loads(self.file.read_text()),
            {"pid": os.getpid(), "public": ["tcp:127.0.0.1:1"], "admin": []},
        )

    def test_stopping(self) -> None:
        service = self.service(self.file)
        service.startService()
        self.run_hooks()
        service.stopService()
        self.assertFalse(service.ready)
        self.assertFalse(self.file.exists())
        self.assertEqual(self.told.states, ["READY=1", "STOPPING=1"])

    def test_stopped_before_the_reactor_ran(self) -> None:
        service = self.service(self.file)
        service.startService()
        service.stopService()
        self.run_hooks()
        self.assertFalse(service.ready)
        self.assertFalse(self.file.exists())
        self.assertEqual(self.told.states, ["STOPPING=1"])

    def test_without_a_file(self) -> None:
        service = self.service(None)
        service.startService()
        self.run_hooks()
        self.assertTrue(service.ready)
        service.stopService()
        self.assertEqual(list(self.file.parent.iterdir()), [])

    def test_an_old_file_goes_at_once(self) -> None:
        self.file.write_text("old")
        self.service(self.file).startService()
        self.assertFalse(self.file.exists())
        self.assertEqual(self.refused, [])

    def test_a_file_that_cannot_be_written(self) -> None:
        for file in (self.file.parent, self.file / "below", self.file.parent / "no" / "file"):
            self.file.write_text("")
            self.service(file).startService()
            error = self.refused.pop()
            self.assertTrue(error.message.startswith(f"--ready-file {file}: "), error.message)
            self.assertTrue(error.remedy)
