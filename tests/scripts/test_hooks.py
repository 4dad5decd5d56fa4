"""Middleware and hooks: who is called when, in which order."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.hooks import App


class HooksTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.told: list[Any] = []
        self.app = App(lambda level, message: self.told.append((level, message)))

    def call(self, moment: Any, **facts: Any) -> None:
        """Call hooks that wait for nothing."""
        self.assertRaises(StopIteration, self.app.call(moment, **facts).send, None)

    def test_low_priorities_are_outermost(self) -> None:
        for priority in (5, 1, 9):
            for moment in ("request", "response"):
                self.app.add_middleware(
                    lambda at=moment, number=priority, **_: self.told.append((at, number)),
                    moment,
                    priority,
                )
        self.call("request")
        self.call("response")
        self.assertEqual([n for at, n in self.told if at == "request"], [1, 5, 9])
        self.assertEqual([n for at, n in self.told if at == "response"], [9, 5, 1])

    def test_coroutines_and_functions_get_the_facts(self) -> None:
        @self.app.on_request
        async def first(**facts: Any) -> None:
            self.told.append(facts)

        @self.app.on_request
        def second(**facts: Any) -> None:
            self.told.append(facts)

        self.call("request", request=1)
        self.assertEqual(self.told, [{"request": 1}] * 2)

    def test_each_moment_has_its_own(self) -> None:
        self.assertFalse(self.app.has("worker_stop"))
        for moment, decorate in (
            ("response", self.app.on_response),
            ("worker_start", self.app.on_worker_start),
            ("worker_stop", self.app.on_worker_stop),
        ):
            decorate(lambda at=moment: self.told.append(at))
            self.assertTrue(self.app.has(moment))  # type: ignore[arg-type]
            self.call(moment)
        self.assertEqual(self.told, ["response", "worker_start", "worker_stop"])
        self.call("request")

    def test_another_moment(self) -> None:
        wrong: Any = "worker_stop"
        self.assertRaises(ValueError, self.app.add_middleware, print, wrong)

    def test_the_log(self) -> None:
        self.app.logger.info("entering %s", "x")
        self.app.logger.debug("not told")
        self.app.logger.error("bad")
        self.assertEqual(self.told, [("info", "entering x"), ("error", "bad")])
