"""Tests of `hangerd.client.bgpy.serving`: the tasks of a server, without the server."""

from __future__ import annotations

import logging
import threading
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.bgpy import respond, serving
from hangerd.client.bgpy.example import exec_task, exit_task, init_task
from hangerd.client.bgpy.serving import Server


class ServingTests(SynchronousTestCase):
    def setUp(self) -> None:
        logging.getLogger("hangerd.bgpy").disabled = True
        self.addCleanup(setattr, logging.getLogger("hangerd.bgpy"), "disabled", False)
        self.server = Server()
        self.addCleanup(self.server._worker.shutdown)

    def begin(self, task: Any = exec_task, init: Any = init_task) -> None:
        reply = self.server.initialize(init, task, exit_task)
        self.assertEqual(reply, {"message": "Initialization successful."})

    def test_the_example(self) -> None:
        self.begin()
        for command, change in (("increase", 10), ("decrease", 100), ("nothing", 5)):
            given = {"command": command, "value_change": change}
            self.assertEqual(self.server.execute(given, False), {"message": "Received 'EXEC'"})
        ended = {"request_count": 4, "value": 910, "status": "Exited."}
        self.assertEqual(self.server.terminate({}, True), ended)

    def test_tasks_are_taken_once(self) -> None:
        self.begin()
        again = self.server.initialize(init_task, exec_task, exit_task)
        self.assertEqual(again, {"message": "Already initialized."})

    def test_before_there_are_tasks(self) -> None:
        for awaits in (False, True):
            self.assertEqual(self.server.execute({}, awaits), {"message": "Not yet initialized."})
        self.assertEqual(self.server.terminate({}, False), {"message": "Received 'EXIT'"})

    def test_a_response_is_told_before_the_task_ends(self) -> None:
        go_on = threading.Event()

        def slow(client_socket: Any, state: Any, given: Any) -> Any:
            respond(client_socket, {"got": given["x"]})
            go_on.wait(20)
            return state

        self.begin(slow)
        self.assertEqual(self.server.execute({"x": 1}, True), {"got": 1})
        go_on.set()

    def test_no_response(self) -> None:
        self.begin()
        given = {"command": "nothing"}
        self.assertEqual(self.server.execute(given, True), {"message": "No response."})

    def test_a_task_that_fails_leaves_the_state_and_the_server(self) -> None:
        def fails(client_socket: Any, state: Any, given: Any) -> Any:
            if given.get("ask"):
                respond(client_socket, dict(state))
                return state
            state["value"] = 0
            raise LookupError("no such thing")

        self.begin(fails)
        with self.assertRaisesRegex(LookupError, "no such thing"):
            self.server.execute({}, True)
        self.server.execute({}, False)
        self.assertEqual(self.server.execute({"ask": 1}, True)["value"], 1000)

    def test_both_kinds_of_init_task(self) -> None:
        self.begin(init=lambda client_socket: {"request_count": 7, "value": 1})
        self.assertEqual(self.server.terminate({}, True)["request_count"], 8)

    def test_an_init_task_that_fails_may_be_sent_again(self) -> None:
        def fails() -> None:
            raise LookupError("no such thing")

        with self.assertRaises(LookupError):
            self.server.initialize(fails, exec_task, exit_task)
        self.begin()

    def test_what_waits_is_limited(self) -> None:
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.patch(serving, "MOST_WAITING", 3)
        self.server = Server()
        self.addCleanup(self.server._worker.shutdown)
        self.begin(lambda *given: go_on.wait(20))
        for _ in range(3):
            self.server.execute({}, False)
        with self.assertRaisesRegex(RuntimeError, "3 requests wait"):
            self.server.execute({}, False)
        go_on.set()
        self.server.execute({}, True)
        self.server.execute({}, False)
