"""A bgpy task file as a host: init_task once, exec_task one call at a time, exit_task at the end.

The state is what the last task returned; a task that fails leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

from .call import Call
from .faults import CallError
from .frames import Payload
from .standin import Caller, ClientSocket
from .state import Checkpoint, Rollback


class End(Protocol):
    """How the process ends when a caller asks for it. Both may be called by any thread."""

    def announce(self) -> None:
        """Tell the daemon that no call is taken any more."""

    def leave(self) -> None:
        """End the process after this call."""


class Tasks:
    """The three tasks and their state."""

    serial = True
    """Its calls run one at a time, in the main thread: what waits for its turn can be cancelled."""

    def __init__(
        self,
        module: ModuleType,
        checkpoint: Checkpoint | None,
        wait: Callable[[Any], Any],
        end: End,
    ) -> None:
        self._module = module
        self._checkpoint = checkpoint
        self._wait = wait
        self._end = end
        self._rollback = Rollback()
        self._exited = False
        self._state: Any = None

    def initialize(self) -> None:
        """Run init_task; its state counts unless a checkpoint has a later one."""
        init = self._module.init_task
        arguments = (ClientSocket(),) if takes_socket(init) else ()
        self._state = self._wait(init(*arguments))
        if self._checkpoint:
            self._state = self._checkpoint.load(self._state)

    def names(self) -> list[str]:
        """Return what can be called."""
        return ["exec_task", "exit_task"] if hasattr(self._module, "exit_task") else ["exec_task"]

    def work(self, name: str) -> Callable[[Call], Any]:
        """Return what a call of this name does. Raises CallError `no_function`."""
        if name not in self.names():
            raise CallError(
                "no_function", f"A task file has no {name!r} to call: only exec_task and exit_task."
            )
        return self._execute if name == "exec_task" else self._exit

    def _execute(self, call: Call) -> None:
        if self._exited:
            raise CallError("stopping", "exit_task has run: the host is about to end.")
        if self._checkpoint is None:
            self._step(call, call)
            return
        held = _Held(call)  # what a caller has been told must not be lost with the process
        self._step(call, held)
        self._checkpoint.save(self._state)
        held.release()

    def _step(self, call: Call, caller: Caller) -> None:
        copy = self._rollback.copy(self._state)
        task = self._module.exec_task
        try:
            self._state = call.user(task, ClientSocket(caller), self._state, _given(call))
        except BaseException:
            self._state = self._rollback.restore(copy, self._state)
            raise

    def _exit(self, call: Call) -> None:
        """Run exit_task for a caller: as in bgpy, the process ends and the next begins anew."""
        if self._exited:
            raise CallError("stopping", "exit_task has run: the host is about to end.")
        self._exited = True
        self._end.announce()
        try:
            call.user(self._module.exit_task, ClientSocket(call), self._state, _given(call))
        finally:
            if self._checkpoint:
                self._checkpoint.forget()
            self._end.leave()

    def stop(self) -> None:
        """Run exit_task for the daemon, unless a caller has; nobody hears its response."""
        if not self._exited and hasattr(self._module, "exit_task"):
            self._exited = True
            self._wait(self._module.exit_task(ClientSocket(), self._state, {}))


class _Held:
    """Stands before a call and keeps the response, as it was given, until it may go."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._response: tuple[str, Payload] | None = None

    @property
    def cancelled(self) -> bool:
        return self._call.cancelled

    def settle(self, value: Any) -> None:
        self._response = self._call.encode(value)

    def release(self) -> None:
        if self._response:
            self._call.settle_encoded(self._response)


def _given(call: Call) -> Any:
    return {} if call.arguments.value is None else call.arguments.value


def takes_socket(init: Callable[..., Any]) -> bool:
    """Say whether an init_task is of the kind that is given a socket: both are in use."""
    code = getattr(init, "__code__", None)
    if code is not None:
        return int(code.co_argcount) >= 1
    import inspect

    return bool(inspect.signature(init).parameters)
