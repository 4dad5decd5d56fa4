"""What leaves directly, what by the transport, and when."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from hangerd.direct_send import sends_directly, unsent
from hangerd.web.channel.sending import GATHERED_AT_MOST, Outbox, TurnEnd
from tests.web.channel.tcp import Tcp


class CountedClock(Clock):
    """Counts the calls that it was asked for; its own `advance` makes several turns at once."""

    asked = 0

    def callLater(self, *call: Any, **more: Any) -> Any:
        self.asked += 1
        return super().callLater(*call, **more)


class OutboxTests(SynchronousTestCase):
    def outbox(self, transport: Any) -> Outbox:
        self.clock = Clock()
        return Outbox(transport, TurnEnd(self.clock))

    def test_a_turn_is_one_direct_send(self) -> None:
        tcp = Tcp()
        outbox = self.outbox(tcp)
        outbox.add(b"a")
        outbox.add_all([b"b", b"c"])
        self.assertTrue(outbox.waiting)
        self.assertEqual(tcp.sent, [])
        self.clock.advance(0)
        self.assertEqual((tcp.sent, tcp.written), ([b"abc"], []))
        self.assertFalse(outbox.waiting)
        outbox.add(b"d")
        self.clock.advance(0)
        self.assertEqual(tcp.sent, [b"abc", b"d"])

    def test_an_answer_to_who_is_alone_at_work_leaves_at_once(self) -> None:
        clock = Clock()
        turn_end = TurnEnd(clock)
        tcps = [Tcp(), Tcp()]
        one, two = [Outbox(tcp, turn_end) for tcp in tcps]
        one.answer(b"a", alone=True)  # who it is, is seen with the second answer
        self.assertEqual(tcps[0].sent, [])
        clock.advance(0)
        clock.advance(1)
        one.answer(b"b", alone=True)
        self.assertEqual(tcps[0].sent, [b"a", b"b"])
        self.assertEqual(clock.getDelayedCalls(), [])
        two.answer(b"c", alone=True)
        one.answer(b"d", alone=True)
        self.assertEqual(tcps[1].sent, [])
        clock.advance(0)
        self.assertEqual((tcps[0].sent[2:], tcps[1].sent), ([b"d"], [b"c"]))

    def test_answers_stay_in_order(self) -> None:
        tcp = Tcp()
        outbox = self.outbox(tcp)
        outbox.answer(b"a", alone=True)
        outbox.answer(b"b", alone=False)  # requests that came together
        outbox.answer(b"c", alone=True)
        self.clock.advance(0)
        self.assertEqual(tcp.sent, [b"abc"])
        outbox.add(b"d")
        outbox.answer(b"e", alone=True)
        self.clock.advance(0)
        self.assertEqual(tcp.sent, [b"abc", b"de"])

    def test_an_answer_after_the_end(self) -> None:
        tcp = Tcp()
        turn_end = TurnEnd(clock := Clock())
        outbox = Outbox(tcp, turn_end)
        outbox.answer(b"a", alone=True)
        outbox.close()
        self.assertIsNone(turn_end.latest)
        outbox.answer(b"b", alone=True)
        outbox.answer(b"c", alone=True)
        self.assertIsNone(turn_end.latest)
        clock.advance(0)
        self.assertEqual(tcp.sent, [])

    def test_one_reactor_call_for_all_connections(self) -> None:
        clock = Clock()
        turn_end = TurnEnd(clock)
        tcps = [Tcp() for _ in range(5)]
        for tcp in tcps:
            Outbox(tcp, turn_end).add(b"a")
        self.assertEqual(len(clock.getDelayedCalls()), 1)
        clock.advance(0)
        self.assertEqual([tcp.sent for tcp in tcps], [[b"a"]] * 5)

    def test_answers_of_what_comes_first_leave_in_the_same_turn(self) -> None:
        turn_end = TurnEnd(clock := Clock())
        tcp, early = Tcp(), Tcp()
        outbox = Outbox(tcp, turn_end)
        Outbox(early, turn_end).add(b"a")
        turn_end.first(lambda: outbox.add(b"b"))
        turn_end.first(lambda: outbox.add(b"c"))
        self.assertEqual(len(clock.getDelayedCalls()), 1)
        clock.advance(0)
        self.assertEqual((early.sent, tcp.sent), ([b"a"], [b"bc"]))
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_what_comes_first_may_ask_for_another_turn(self) -> None:
        turn_end = TurnEnd(clock := CountedClock())
        turns: list[int] = []

        def again() -> None:
            turns.append(clock.asked)
            if len(turns) < 3:
                turn_end.first(again)

        turn_end.first(again)
        clock.advance(0)
        self.assertEqual(turns, [1, 2, 3])

    def test_what_waits_for_another_turn_is_not_called_in_this(self) -> None:
        turn_end = TurnEnd(clock := CountedClock())
        turns: list[int] = []

        def later() -> None:
            turns.append(clock.asked)
            turn_end.call(lambda: turns.append(clock.asked))

        turn_end.first(lambda: turn_end.call(later))
        clock.advance(0)
        self.assertEqual(turns, [1, 2])

    def test_one_failing_does_not_keep_the_others(self) -> None:
        clock = Clock()
        turn_end = TurnEnd(clock)
        turn_end.call(lambda: 1 // 0)  # type: ignore[arg-type]
        tcp = Tcp()
        Outbox(tcp, turn_end).add(b"a")
        clock.advance(0)
        self.assertEqual(tcp.sent, [b"a"])
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_only_bytes(self) -> None:
        outbox = self.outbox(Tcp())
        for add in (outbox.add, lambda data: outbox.add_all([data])):
            with self.assertRaises(TypeError):
                add("text")  # type: ignore[arg-type]
        self.assertFalse(outbox.waiting)

    def test_what_the_kernel_does_not_take(self) -> None:
        tcp = Tcp(takes=2)
        outbox = self.outbox(tcp)
        outbox.add(b"abc")
        outbox.flush()
        self.assertEqual((tcp.sent, tcp.written), ([b"ab"], [b"c"]))
        self.clock.advance(0)
        self.assertEqual(len(tcp.sent), 1)

    def test_an_error_is_left_to_the_ordinary_road(self) -> None:
        tcp = Tcp(takes=BrokenPipeError())
        outbox = self.outbox(tcp)
        outbox.add(b"abc")
        outbox.flush()
        self.assertEqual(tcp.written, [b"abc"])

    def test_behind_what_waits(self) -> None:
        for name, value in (
            ("dataBuffer", b"x"),
            ("_tempDataBuffer", [b"x"]),
            ("disconnecting", 1),
            ("_writeDisconnecting", True),
            ("connected", 0),
            ("TLS", True),
        ):
            tcp = Tcp()
            setattr(tcp, name, value)
            self.assertFalse(sends_directly(tcp), name)
            outbox = self.outbox(tcp)
            outbox.add(b"abc")
            outbox.flush()
            self.assertEqual((tcp.sent, tcp.written), ([], [b"abc"]), name)

    def test_other_transports(self) -> None:
        transport = StringTransport()
        outbox = self.outbox(transport)
        outbox.add(b"abc")
        self.clock.advance(0)
        self.assertEqual(transport.value(), b"abc")

    def test_much_is_handed_over_at_once(self) -> None:
        tcp = Tcp()
        outbox = self.outbox(tcp)
        outbox.add(b"a")
        outbox.add(b"b" * GATHERED_AT_MOST)
        self.assertEqual(tcp.written, [b"a", b"b" * GATHERED_AT_MOST])
        self.clock.advance(0)
        self.assertEqual(tcp.sent, [])

    def test_closed(self) -> None:
        tcp = Tcp()
        outbox = self.outbox(tcp)
        outbox.add(b"a")
        outbox.close()
        outbox.add(b"b")
        outbox.add_all([b"c"])
        self.clock.advance(0)
        self.assertEqual((tcp.sent, tcp.written), ([], []))


class UnsentTests(SynchronousTestCase):
    def test_tcp(self) -> None:
        tcp = Tcp()
        tcp.dataBuffer, tcp.offset, tcp._tempDataLen = b"abcd", 1, 10
        self.assertEqual(unsent(tcp), 13)

    def test_below_tls(self) -> None:
        wrapper = StringTransport()
        wrapper.transport = Tcp()  # type: ignore[attr-defined]
        self.assertEqual(unsent(wrapper), 0)

    def test_not_known(self) -> None:
        self.assertIsNone(unsent(StringTransport()))
