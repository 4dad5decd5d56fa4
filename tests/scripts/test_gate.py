"""The gate: what ends a run is raised where it should be, and once."""

from __future__ import annotations

import threading

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import ClientDisconnected, ScriptEnded, Stopped, Timeout
from hangerd.scripts.gate import Gate


class GateTests(SynchronousTestCase):
    """One thread plays the script; injected exceptions are written down."""

    def setUp(self) -> None:
        self.injected: list[tuple[int, type[BaseException]]] = []
        self.gate = Gate(lambda thread, error: self.injected.append((thread, error)))

    def check(self) -> None:
        with self.gate.lock:
            self.gate.check()

    def test_an_end_is_injected_once_into_the_scripts_thread(self) -> None:
        self.gate.enter()
        self.gate.end(Timeout)
        self.gate.end(Stopped)
        self.assertEqual(self.injected, [(threading.get_ident(), Timeout)])
        self.assertIs(self.gate.ended, Timeout)
        self.check()

    def test_other_threads_hear_of_it_every_time(self) -> None:
        self.gate.end(Timeout)
        self.assertRaises(Timeout, self.check)
        self.assertRaises(Timeout, self.check)
        self.assertEqual(self.injected, [])

    def test_a_forked_child_waits_for_nobody(self) -> None:
        self.gate.begin_child()
        self.assertTrue(self.gate.wait(lambda: True))
        self.assertRaises(RuntimeError, self.gate.wait, lambda: False)

    def test_a_run_that_ended_before_it_began(self) -> None:
        self.gate.end(Stopped)
        self.assertRaises(Stopped, self.gate.enter)

    def test_nothing_is_injected_after_leaving(self) -> None:
        self.gate.enter()
        self.gate.leave()
        self.gate.end(Timeout)
        self.gate.leave()
        self.assertEqual(self.injected, [])
        self.assertIs(self.gate.unheard, Timeout)

    def test_what_the_script_has_heard_of(self) -> None:
        self.assertIsNone(self.gate.unheard)
        self.gate.enter()
        self.gate.end(Timeout)
        self.gate.leave()
        self.assertIsNone(self.gate.unheard)

    def test_leaving_outlives_an_exception_under_way(self) -> None:
        struck: list[int] = []

        class StruckLock:
            """Plays an exception that arrives right after the lock was given back."""

            def __enter__(self) -> None:
                return

            def __exit__(self, *_: object) -> None:
                struck.append(1)
                if len(struck) == 1:
                    raise Timeout

        self.gate.enter()
        self.gate.lock = StruckLock()  # type: ignore[assignment]
        self.gate.end_locked(Timeout)
        self.gate.leave()
        self.assertEqual(len(struck), 2)
        self.assertIs(self.gate.unheard, Timeout)

    def test_a_disconnect_is_raised_once_and_not_injected(self) -> None:
        self.gate.enter()
        self.gate.disconnect()
        self.assertTrue(self.gate.over)
        self.assertRaises(ClientDisconnected, self.check)
        self.check()
        self.assertEqual(self.injected, [])

    def test_a_disconnect_can_be_ignored(self) -> None:
        self.gate.enter()
        self.gate.ignoring_disconnect = True
        self.gate.disconnect()
        self.assertFalse(self.gate.over)
        self.check()
        self.gate.ignoring_disconnect = False
        self.assertRaises(ClientDisconnected, self.check)

    def test_an_end_after_a_disconnect_is_raised_too(self) -> None:
        self.gate.enter()
        self.gate.disconnect()
        self.assertRaises(ClientDisconnected, self.check)
        self.gate.end(Timeout)
        self.assertEqual(len(self.injected), 1)

    def test_waiting_ends_at_once_when_ready_or_out_of_time(self) -> None:
        self.gate.enter()
        self.assertTrue(self.gate.wait(lambda: True))
        self.assertFalse(self.gate.wait(lambda: False, 0))

    def test_what_waits_is_woken_instead_of_injected(self) -> None:
        for end, expected in (
            (lambda gate: gate.end(Stopped), Stopped),
            (lambda gate: gate.disconnect(), ClientDisconnected),
        ):
            gate = Gate(lambda thread, error: self.injected.append((thread, error)))
            raised: list[type[ScriptEnded]] = []
            asked = threading.Event()

            def ready(asked: threading.Event = asked) -> bool:
                asked.set()
                return False

            def script(gate: Gate = gate, raised: list[type[ScriptEnded]] = raised) -> None:
                gate.enter()
                try:
                    gate.wait(ready)
                except ScriptEnded as error:
                    raised.append(type(error))

            thread = threading.Thread(target=script)
            thread.start()
            self.assertTrue(asked.wait(10))
            end(gate)
            thread.join(10)
            self.assertEqual((raised, self.injected), ([expected], []))
