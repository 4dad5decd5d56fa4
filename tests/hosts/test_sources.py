"""Watching files: one change is told once, after the burst of edits is over."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.recycling import read_memory
from hangerd.hosts.sources import Sources, Stamp, read_stamp


class Watching(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.stamps: dict[str, Stamp] = {"/a": (1, 1, 1), "/b": None}
        self.told: list[str] = []
        self.sources = Sources(self.clock, self.told.append, lambda path: self.stamps[path])

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.clock.advance(0.05)

    def test_a_burst_is_told_once_and_nothing_is_told_without_one(self) -> None:
        self.sources.add(["/a", "/b"])
        self.advance(2)
        self.assertEqual(self.told, [])
        for edit in range(10):
            self.stamps["/a"] = (edit + 2, 1, 1)
            self.advance(0.1)
        self.advance(1)
        self.assertEqual(self.told, ["/a"])
        self.stamps["/b"] = (1, 1, 1)
        self.advance(1)
        self.assertEqual(self.told, ["/a", "/b"])

    def test_a_file_that_is_added_again_keeps_what_was_seen(self) -> None:
        self.sources.add(["/a"])
        self.stamps["/a"] = None
        self.sources.add(["/a"])
        self.advance(1)
        self.assertEqual((self.told, self.sources.paths), (["/a"], ["/a"]))

    def test_stopped_it_leaves_no_timer(self) -> None:
        self.sources.add([])
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.sources.add(["/a"])
        self.sources.stop()
        self.sources.stop()
        self.assertEqual((self.clock.getDelayedCalls(), self.sources.paths), ([], []))

    def test_stamps_of_real_files(self) -> None:
        path = Path(self.mktemp())
        self.assertIsNone(read_stamp(str(path)))
        path.write_text("a")
        first = read_stamp(str(path))
        path.write_text("bc")
        self.assertNotEqual(read_stamp(str(path)), first)

    def test_memory_of_real_processes(self) -> None:
        self.assertGreater(read_memory(os.getpid()), 1_000_000)
        self.assertEqual(read_memory(2**22 + 1), 0)
