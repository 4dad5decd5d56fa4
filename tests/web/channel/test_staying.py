"""Whom the channel reads on from at once, and for how long at most."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from hangerd.awake import SOON, Awake
from hangerd.web.channel.staying import LOOK, OFTEN, STAY, Staying
from tests.web.channel.rig import DirectRequest, Rig, statuses
from tests.web.channel.tcp import Tcp

TICK = LOOK / 5
"""Seconds that a look takes."""


class StayingTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.awake = Awake(self.clock)
        self.awake.in_a_row = OFTEN
        self.staying = Staying(self.clock, self.awake)
        self.tcp = Tcp()
        self.tcp.looked = lambda: self.clock.advance(TICK)

    def pieces(self, *comes: Any) -> list[bytes]:
        self.tcp.comes = list(comes)
        return list(self.staying.pieces(self.tcp))

    def test_what_comes_at_once(self) -> None:
        self.assertEqual(self.pieces(b"a", None, b"b", None, None, None, b"c"), [b"a", b"b", b"c"])

    def test_who_does_not_come_is_not_looked_for_again(self) -> None:
        self.assertEqual(self.pieces(None), [])
        self.assertAlmostEqual(self.clock.seconds(), LOOK)
        self.assertEqual(self.pieces(b"a"), [])
        for _ in range(OFTEN - 1):
            self.awake.answered()
        self.assertEqual(self.pieces(b"a"), [])
        self.awake.answered()
        self.assertEqual(self.pieces(b"a"), [b"a"])

    def test_not_beside_others(self) -> None:
        self.awake.asked(self)
        self.awake.in_a_row = OFTEN
        self.awake.asked(self)
        self.assertEqual(self.pieces(b"a"), [b"a"])
        self.awake.asked(self.clock)
        self.assertEqual(self.pieces(b"a"), [])

    def test_who_took_his_time_once_is_not_looked_for(self) -> None:
        self.awake.answered()
        self.clock.advance(SOON * 1.1)
        self.awake.answered()
        self.assertEqual(self.pieces(b"a"), [])

    def test_the_reactor_has_its_turn_however_much_comes(self) -> None:
        self.pieces(*[b"a"] * 1000)
        self.assertTrue(STAY < self.clock.seconds() <= STAY + 2 * TICK)

    def test_however_the_clock_goes(self) -> None:
        self.tcp.looked = lambda: self.clock.advance(-1)
        self.assertLess(len(self.pieces(*[b"a"] * 1000)), 1000)
        self.assertEqual(self.pieces(), [])

    def test_the_end_is_left_to_the_reactor(self) -> None:
        self.assertEqual(self.pieces(b"a", b"", b"b"), [b"a"])
        self.assertFalse(self.tcp.aborted)

    def test_an_error_that_the_reactor_would_not_see_any_more(self) -> None:
        self.assertEqual(self.pieces(b"a", ConnectionResetError(), b"b"), [b"a"])
        self.assertTrue(self.tcp.aborted)

    def test_only_plain_tcp_with_nothing_to_send(self) -> None:
        self.assertEqual(list(self.staying.pieces(StringTransport())), [])
        self.tcp.dataBuffer = b"x"
        self.assertEqual(self.pieces(b"a"), [])


class ChannelTests(SynchronousTestCase):
    """A client that is looked for after its next request."""

    def setUp(self) -> None:
        self.tcp = Tcp()
        self.rig = Rig(transport=self.tcp, direct=DirectRequest)
        self.send(b"/")
        for _ in range(OFTEN - 1):
            self.send(b"/")
        self.tcp.sent.clear()
        self.tcp.written.clear()

    def send(self, target: bytes, *comes: bytes) -> None:
        self.tcp.comes = list(comes)
        self.tcp.looked = lambda: self.rig.clock.advance(TICK)
        self.rig.send(_get(target))

    @property
    def answered(self) -> list[int]:
        return statuses(self.tcp.value())

    def test_its_next_requests_are_answered_in_the_same_turn(self) -> None:
        self.send(b"/", _get(b"/"), _get(b"/"))
        self.assertEqual(self.answered, [200] * 3)

    def test_one_that_is_not_answered_at_once_is_the_last(self) -> None:
        self.send(b"/", _get(b"/later"), _get(b"/"))
        self.assertEqual(self.answered, [200])
        self.assertEqual(self.tcp.comes, [_get(b"/")])

    def test_so_is_half_a_request(self) -> None:
        whole = _get(b"/")
        self.send(b"/", whole[:9], whole[9:])
        self.assertEqual(self.tcp.comes, [whole[9:]])
        self.rig.send(self.tcp.comes.pop())
        self.assertEqual(self.answered, [200] * 2)

    def test_and_one_that_is_refused(self) -> None:
        self.send(b"/", b"nonsense\r\n\r\n", _get(b"/"))
        self.assertEqual(self.answered, [200, 400])
        self.assertEqual(self.tcp.comes, [_get(b"/")])

    def test_nobody_is_looked_for_beside_others(self) -> None:
        self.rig.parts.turn_end.awake.asked(self)
        self.send(b"/", _get(b"/"))
        self.assertEqual(self.answered, [200])
        self.assertEqual(self.tcp.comes, [_get(b"/")])


def _get(target: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: t\r\n\r\n" % target
