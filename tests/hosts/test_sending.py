"""Frames on their way out: gathered while input is worked off, then sent at once, in order."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.sending import GATHERED_AT_MOST, Reading, Sender


class Sending(SynchronousTestCase):
    def setUp(self) -> None:
        self.transport = StringTransport()
        self.reading = Reading()
        self.sender = Sender(self.transport, self.reading)

    def sent(self) -> bytes:
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def test_outside_of_a_reading_nothing_waits(self) -> None:
        self.sender.write(b"a")
        self.assertEqual(self.sent(), b"a")

    def test_what_a_reading_causes_is_sent_at_its_end(self) -> None:
        other = Sender(StringTransport(), self.reading)
        self.reading.begin()
        for data in (b"a", b"b"):
            self.sender.write(data)
            other.write(data)
        self.assertEqual(self.sent(), b"")
        self.reading.end()
        self.assertEqual(self.sent(), b"ab")
        self.reading.begin()
        self.sender.write(b"c")
        self.reading.end()
        self.assertEqual(self.sent(), b"c")

    def test_a_reading_within_another_waits_for_the_outer_one(self) -> None:
        self.reading.begin()
        self.reading.begin()
        self.sender.write(b"a")
        self.reading.end()
        self.assertEqual(self.sent(), b"")
        self.reading.end()
        self.assertEqual(self.sent(), b"a")

    def test_with_a_turn_end_what_is_written_outside_of_a_reading_waits_for_it(self) -> None:
        ends: list[Callable[[], None]] = []
        reading = Reading(ends.append)
        sender = Sender(self.transport, reading)
        sender.write(b"a")
        reading.begin()
        sender.write(b"b")
        reading.end()
        self.assertEqual((self.sent(), sender.waiting, len(ends)), (b"", 2, 1))
        ends[0]()
        self.assertEqual((self.sent(), sender.waiting), (b"ab", 0))

    def test_much_is_the_transports_at_once_and_the_order_stays(self) -> None:
        self.reading.begin()
        self.sender.write(b"a")
        self.sender.write(b"b" * GATHERED_AT_MOST)
        self.assertEqual(len(self.sent()), 1 + GATHERED_AT_MOST)
        self.sender.write(b"c")
        self.assertEqual(self.sent(), b"")
        self.reading.end()
        self.assertEqual(self.sent(), b"c")
