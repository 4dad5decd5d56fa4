from __future__ import annotations

import os
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.disk import Disk
from hangerd.scripts.lookup import Kind


class DiskTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.root = Path(self.mktemp()).absolute()
        self.root.mkdir()
        (self.root / "file").write_bytes(b"content")
        os.mkfifo(self.root / "pipe")
        (self.root / "link").symlink_to("file")
        (self.root / "loop").symlink_to("loop")
        (self.root / "dangling").symlink_to("nowhere")
        self.disk = Disk()

    def test_kinds(self) -> None:
        for name, kind in (
            ("file", Kind.FILE),
            ("link", Kind.FILE),
            (".", Kind.FOLDER),
            ("pipe", Kind.NOTHING),
            ("loop", Kind.NOTHING),
            ("dangling", Kind.NOTHING),
            ("none", Kind.NOTHING),
            ("file/below", Kind.NOTHING),
            ("n" * 300, Kind.NOTHING),
            ("nul\0", Kind.NOTHING),
            ("\udcff\ud800", Kind.NOTHING),
        ):
            self.assertEqual((name, self.disk.kind(str(self.root / name))), (name, kind))

    def test_what_leads_straight(self) -> None:
        folder = str(self.root)
        for steps, straight in (
            (["file"], True),
            ([".", "file"], True),
            (["link"], False),
            (["pipe"], False),
            ([".", "none"], False),
            (["file", "file"], False),
            (["."], False),
            (["nul\0"], False),
        ):
            paths = [f"{folder}/{step}" for step in steps]
            self.assertEqual((steps, self.disk.leads_straight(paths)), (steps, straight))

    def test_real_paths(self) -> None:
        real = str(self.root.resolve())
        for name, expected in (("link", "file"), ("none", "none"), ("dangling", "nowhere")):
            self.assertEqual(self.disk.real_path(str(self.root / name)), f"{real}/{expected}")
        self.assertEqual(self.disk.real_path("/a\ud800"), "/a\ud800")

    def test_names(self) -> None:
        self.assertEqual(
            self.disk.names(str(self.root)), ["dangling", "file", "link", "loop", "pipe"]
        )
        self.assertEqual(self.disk.names(str(self.root / "file")), [])

    def test_open(self) -> None:
        opened = self.disk.open(str(self.root / "file"))
        self.addCleanup(opened.file.close)
        state = (self.root / "file").stat()
        self.assertEqual(opened.file.read(), b"content")
        self.assertEqual(
            (opened.size, opened.mtime_ns, opened.inode), (7, state.st_mtime_ns, state.st_ino)
        )

    def test_only_regular_files_are_opened(self) -> None:
        """Neither a link nor a pipe put there meanwhile is followed or waited for."""
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        for name in ("link", "pipe", ".", "none", "loop"):
            self.assertRaises(OSError, self.disk.open, str(self.root / name))
        self.assertEqual(len(list(Path("/proc/self/fd").iterdir())), descriptors)
