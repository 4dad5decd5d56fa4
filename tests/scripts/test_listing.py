from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.disk import Disk
from hangerd.scripts.listing import MAX_NAMES, Entry, FolderNames, in_order
from hangerd.scripts.paths import Listing, PathRules, RootSettings


class EntriesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.root = Path(self.mktemp()).absolute()
        self.root.mkdir()

    def entries(self, *, scripts: bool = True) -> list[Entry]:
        disk = Disk()
        rules = PathRules(RootSettings(str(self.root), listing=True), disk, scripts=scripts)
        listing = rules.decide(b"/")
        assert isinstance(listing, Listing)
        names = FolderNames(rules, disk, listing)
        self.more = names.more
        return [replace(entry, changed=0.0) for entry in names if entry is not None]

    def write(self, *names: str) -> None:
        for name in names:
            (self.root / name).write_text("x")

    def test_only_what_would_be_served(self) -> None:
        self.write("b.txt", "a ñ.txt", "run.py", "x.php", ".env", "_p.txt", "a..b.txt", "a:b.txt")
        (self.root / "folder").mkdir()
        (self.root / "_private").mkdir()
        (self.root / "outside").symlink_to("..")
        (self.root / "gone").symlink_to("nowhere")
        os.mkfifo(self.root / "pipe")
        (self.root / os.fsdecode(b"\xff.txt")).write_text("x")
        served = [
            Entry("a ñ.txt", "a%20%C3%B1.txt", 1),
            Entry("b.txt", "b.txt", 1),
            Entry("folder/", "folder/"),
            Entry("run.py", "run.py"),
        ]
        self.assertEqual(self.entries(), served)
        self.assertEqual(self.entries(scripts=False), served[:3])
        self.assertFalse(self.more)

    def test_when_each_was_changed(self) -> None:
        self.write("a.txt")
        os.utime(self.root / "a.txt", (9, 1_234_567))
        disk = Disk()
        rules = PathRules(RootSettings(str(self.root), listing=True), disk)
        (entry,) = FolderNames(rules, disk, Listing(str(self.root), b"/"))
        self.assertEqual(entry, Entry("a.txt", "a.txt", 1, 1_234_567))

    def test_names_that_are_never_shown_take_no_place(self) -> None:
        self.write(*(f".{number:04}" for number in range(MAX_NAMES)), "shown.txt")
        self.assertEqual([entry.name for entry in self.entries()], ["shown.txt"])
        self.assertFalse(self.more)

    def test_order(self) -> None:
        names = ("b.txt", "A.txt", "é.txt", "c/", "Z/")
        found = in_order(Entry(name, name) for name in names)
        self.assertEqual([entry.name for entry in found], ["c/", "Z/", "A.txt", "b.txt", "é.txt"])

    def test_no_more_than_a_page_full(self) -> None:
        self.write(*(f"{number:04}.txt" for number in range(MAX_NAMES + 1)))
        self.assertEqual(len(self.entries()), MAX_NAMES)
        self.assertTrue(self.more)
