"""The module of the Python host behind a bgpy server: the three tasks, one call at a time.

Clients call `initialize`, `execute` and `terminate` here. All tasks run in one thread, in the order
in which they came; who waits for a response is told it, or why there is none.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from hangerd.client.bgpy.places import LEVEL_VARIABLE, LOG_VARIABLE, TASKS_VARIABLE
from hangerd.hosts.runners.python.loading import load_file
from hangerd.hosts.runners.python.standin import ClientSocket
from hangerd.hosts.runners.python.state import Rollback
from hangerd.hosts.runners.python.tasks import takes_socket

__all__ = ["execute", "initialize", "terminate"]

MOST_WAITING: Final = 10_000
"""Requests that wait without their client; more are refused."""

Reply = dict[str, Any]
Task = Callable[..., Any]

_log = logging.getLogger("hangerd.bgpy")


class Answer:
    """What one client is told: what its task responds first, or how that ended without."""

    cancelled = False

    def __init__(self) -> None:
        self.future: Future[Reply] = Future()

    def settle(self, value: Reply) -> None:
        """Take a response."""
        if not self.future.done():
            self.future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """Take what the task raised; the log has it too."""
        if not self.future.done():
            self.future.set_exception(error)


class Server:
    """The tasks, once there are some, and their state: what the last one returned."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="tasks")
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._tasks: tuple[Task, Task] | None = None
        self._state: Any = None
        self._rollback = Rollback()

    def initialize(self, init_task: Task, exec_task: Task, exit_task: Task) -> Reply:
        """Run init_task, unless that was done. Raises what it raises."""
        return self._worker.submit(self._initialize, init_task, exec_task, exit_task).result()

    def _initialize(self, init_task: Task, exec_task: Task, exit_task: Task) -> Reply:
        if self._tasks is not None:
            _log.warning("Already initialized")
            return {"message": "Already initialized."}
        _log.info("Executing 'init_task'")
        self._state = init_task(ClientSocket()) if takes_socket(init_task) else init_task()
        self._tasks = exec_task, exit_task
        _log.info("Initialization successful")
        return {"message": "Initialization successful."}

    def execute(self, exec_args: dict[str, Any], awaits: bool) -> Reply:
        """Let exec_task run; with `awaits` return its response. Raises what it raises then."""
        if awaits:
            return self._begin(self._execute, exec_args).result()
        if not self._room.acquire(blocking=False):
            raise RuntimeError(f"{MOST_WAITING} requests wait already")
        self._begin(self._execute, exec_args).add_done_callback(lambda _: self._room.release())
        if self._tasks is None:
            return {"message": "Not yet initialized."}
        return {"message": "Received 'EXEC'"}

    def terminate(self, exit_args: dict[str, Any], awaits: bool) -> Reply:
        """Run exit_task after all that came before; its response, or that it was received."""
        answer = self._begin(self._exit, exit_args).result()
        return answer if awaits else {"message": "Received 'EXIT'"}

    def _begin(
        self, task: Callable[[Answer, dict[str, Any]], None], given: dict[str, Any]
    ) -> Future[Reply]:
        answer = Answer()
        self._worker.submit(self._do, task, answer, given)
        return answer.future

    def _do(
        self, task: Callable[[Answer, dict[str, Any]], None], answer: Answer, given: dict[str, Any]
    ) -> None:
        try:
            task(answer, given)
            answer.settle({"message": "No response."})
        except BaseException as error:  # SystemExit too: one client must not end the server
            _log.exception("The task failed")
            answer.fail(error)

    def _execute(self, answer: Answer, given: dict[str, Any]) -> None:
        if self._tasks is None:
            _log.warning("Not yet initialized")
            answer.settle({"message": "Not yet initialized."})
            return
        _log.info("Executing 'exec_task'")
        copy = self._rollback.copy(self._state)
        try:
            self._state = self._tasks[0](ClientSocket(answer), self._state, given)
        except BaseException:
            self._state = self._rollback.restore(copy, self._state)
            raise

    def _exit(self, answer: Answer, given: dict[str, Any]) -> None:
        if self._tasks is not None:
            _log.info("Executing 'exit_task'")
            self._tasks[1](ClientSocket(answer), self._state, given)
            self._tasks = None


def _make() -> Server:
    """Make the server that the environment asks for, with the tasks of a file if it names one."""
    logging.basicConfig(
        level=os.environ.get(LEVEL_VARIABLE, "INFO").upper(),
        filename=os.environ.get(LOG_VARIABLE),
        format="[%(asctime)s %(process)d %(levelname)s] %(message)s (%(name)s)",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    server = Server()
    if path := os.environ.get(TASKS_VARIABLE):
        _log.info("Loading tasks from '%s'", path)
        tasks = load_file(path)
        server.initialize(tasks.init_task, tasks.exec_task, tasks.exit_task)
    return server


if LEVEL_VARIABLE in os.environ:  # in its host, and nowhere else
    _server = _make()
    initialize, execute, terminate = _server.initialize, _server.execute, _server.terminate
