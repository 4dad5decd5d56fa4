"""Logs: lines, the ring, the rotated files, and followers that cannot hold anything up."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.log import MAX_LINE, Follower, HostLog, Line
from hangerd.hosts.rotation import RotatedFile


class NoFile(RotatedFile):
    """Keeps what would be written."""

    def __init__(self) -> None:
        super().__init__(Path("/nowhere"), 1, 1, lambda error: None)
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


def make(ring: int = 10**6) -> tuple[HostLog, NoFile]:
    file = NoFile()
    return HostLog(file, lambda: 1_700_000_000.25, ring), file


def texts(log: HostLog) -> list[str]:
    return [line.text for line in log.tail(1000)]


class Lines(SynchronousTestCase):
    @given(
        st.lists(st.text("ab", max_size=5), min_size=1, max_size=8), st.lists(st.integers(0, 50))
    )
    def test_any_cut_gives_the_same_lines(self, lines: list[str], cuts: list[int]) -> None:
        data = "\n".join([*lines, ""]).encode()
        log, _ = make()
        edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        for number, end in enumerate(edges[1:]):
            log.write(1, "stdout", data[edges[number] : end])
        self.assertEqual(texts(log), lines)

    def test_streams_and_instances_do_not_mix(self) -> None:
        log, file = make()
        log.write(1, "stdout", b"o")
        log.write(1, "stderr", b"e")
        log.write(2, "stderr", b"x\ny")
        log.note(2, "started")
        self.assertEqual(log.stderr_tail(1), "e")
        log.ended(1)
        self.assertEqual(texts(log), ["x", "started", "o", "e"])
        self.assertEqual((log.stderr_tail(1), log.stderr_tail(2)), ("e", "x\ny"))
        self.assertEqual(file.data.splitlines()[0], b"2023-11-14T22:13:20.250Z 2 stderr x")
        self.assertEqual(str(log.tail(1)[0]), "2023-11-14T22:13:20.250Z 1 stderr e")
        self.assertEqual(log.tail(0), [])

    def test_binary_without_newlines_is_cut_and_shown(self) -> None:
        log, _ = make()
        log.write(1, "stdout", b"\xff" * (MAX_LINE // 2))
        log.write(1, "stdout", b"a" * MAX_LINE + b"\n")
        self.assertEqual([len(text) for text in texts(log)], [MAX_LINE, MAX_LINE, MAX_LINE])
        self.assertTrue(texts(log)[0].startswith("\\xff\\xff"))

    def test_the_ring_keeps_the_newest(self) -> None:
        log, _ = make(ring=1000)
        for number in range(100):
            log.write(1, "stderr", b"%d\n" % number)
        self.assertEqual(texts(log)[-1], "99")
        self.assertLess(len(texts(log)), 16)
        self.assertEqual(log.stderr_tail(1, 2), "98\n99")


class Following(SynchronousTestCase):
    def read(self, follower: Follower) -> Deferred[list[Line]]:
        return ensureDeferred(follower.read())

    def test_lines_wake_a_reader_and_close_ends_it(self) -> None:
        log, _ = make()
        log.write(1, "stdout", b"before\n")
        follower = log.follow()
        waiting = self.read(follower)
        self.assertNoResult(waiting)
        log.write(1, "stdout", b"a\nb\n")
        self.assertEqual([line.text for line in self.successResultOf(waiting)], ["a", "b"])
        waiting = self.read(follower)
        log.close()
        self.assertEqual(self.successResultOf(waiting), [])
        self.assertEqual(self.successResultOf(self.read(follower)), [])
        follower.close()
        log.write(1, "stdout", b"after\n")

    def test_a_slow_reader_misses_lines_and_is_told(self) -> None:
        log, _ = make()
        follower = log.follow(limit=3)
        log.write(1, "stdout", b"1\n2\n3\n4\n5\n")
        self.assertEqual(follower.missed, 2)
        lines = self.successResultOf(self.read(follower))
        self.assertEqual([line.text for line in lines], ["3", "4", "5"])

    def test_a_cancelled_read_leaves_the_follower_usable(self) -> None:
        log, _ = make()
        follower = log.follow()
        waiting = self.read(follower)
        waiting.cancel()
        self.failureResultOf(waiting)
        log.write(1, "stdout", b"a\n")
        self.assertEqual(len(self.successResultOf(self.read(follower))), 1)


class Rotation(SynchronousTestCase):
    def test_files_move_up_and_the_oldest_goes(self) -> None:
        path = Path(self.mktemp()) / "logs" / "render.log"
        file = RotatedFile(path, 10, 3, self.fail)
        for number in range(5):
            file.write(b"line %d\n" % number)
        file.close()
        found = {each.name: each.read_bytes() for each in path.parent.iterdir()}
        self.assertEqual(
            found,
            {
                "render.log": b"line 4\n",
                "render.log.1": b"line 3\n",
                "render.log.2": b"line 2\n",
            },
        )
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        file.write(b"x\n")
        file.close()
        self.assertEqual(path.read_bytes(), b"line 4\nx\n")

    def test_a_single_file_begins_anew(self) -> None:
        path = Path(self.mktemp())
        file = RotatedFile(path, 10, 1, self.fail)
        file.write(b"123456\n")
        file.write(b"abcdef\n")
        file.close()
        self.assertEqual(path.read_bytes(), b"abcdef\n")

    def test_a_disk_that_refuses_is_told_once_and_tried_again(self) -> None:
        blocked = Path(self.mktemp())
        blocked.write_bytes(b"a file where a folder should be")
        troubles: list[OSError] = []
        file = RotatedFile(blocked / "x.log", 10, 2, troubles.append)
        file.write(b"1")
        file.write(b"2")
        self.assertEqual(len(troubles), 1)
        blocked.unlink()
        file.write(b"3")
        file.close()
        self.assertEqual((blocked / "x.log").read_bytes(), b"3")
