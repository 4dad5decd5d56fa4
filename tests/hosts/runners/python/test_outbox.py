from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.runners.python.outbox import Outbox


def drain(outbox: Outbox) -> list[bytes]:
    frames = []
    while (frame := outbox.next()) is not None:
        frames.append(frame)
    return frames


class OutboxTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.outbox = Outbox()

    def test_nothing_waits_at_first(self) -> None:
        self.assertFalse(self.outbox)
        self.assertIsNone(self.outbox.next())

    def test_keys_take_turns(self) -> None:
        self.outbox.push(1, iter([b"1a", b"1b", b"1c"]))
        self.outbox.push(2, iter([b"2a"]))
        self.outbox.push(3, iter([b"3a", b"3b"]))
        self.assertTrue(self.outbox)
        self.assertEqual(drain(self.outbox), [b"1a", b"2a", b"3a", b"1b", b"3b", b"1c"])
        self.assertFalse(self.outbox)

    def test_messages_of_one_key_do_not_overlap(self) -> None:
        self.outbox.push(1, iter([b"item 1", b"item 2"]))
        self.outbox.push(1, iter([b"end"]))
        self.outbox.push(None, iter([b"other"]))
        self.assertEqual(drain(self.outbox), [b"item 1", b"other", b"item 2", b"end"])

    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4))))
    def test_everything_leaves_in_its_own_order(self, messages: list[tuple[int, int]]) -> None:
        outbox = Outbox()
        expected: dict[int, list[bytes]] = {}
        for index, (key, count) in enumerate(messages):
            frames = [b"%d %d %d" % (key, index, part) for part in range(count)]
            expected.setdefault(key, []).extend(frames)
            outbox.push(key, iter(frames))
        left = drain(outbox)
        for key, frames in expected.items():
            self.assertEqual([frame for frame in left if frame.startswith(b"%d " % key)], frames)
        self.assertEqual(len(left), sum(count for _, count in messages))
