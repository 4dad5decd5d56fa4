"""The hosts for threads of this daemon: a call goes over to the reactor, its answer comes back.

What threads call only hands over; everything else is on the reactor thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from hangerd.hosts.calls import Request
from hangerd.hosts.errors import HostUnknown
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.replies import Reply, Stream
from hangerd.hosts.service import HostsService


class Awaiting(Protocol):
    """Who waits in a thread for one answer."""

    @property
    def items(self) -> Any:
        """The stream that was brought, if one was."""

    def settle(
        self,
        value: Reply | None = None,
        *,
        items: Stream | None = None,
        fault: Fault | None = None,
    ) -> None:
        """Take a value, a stream or a fault; none of these says that a stream has ended."""


class ThreadDoor:
    """Calls functions for threads. `hand_over` is as callFromThread."""

    def __init__(self, hosts: HostsService, hand_over: Callable[..., Any]) -> None:
        self._hosts = hosts
        self._hand_over = hand_over
        self._asked: dict[Awaiting, Deferred[Any]] = {}

    def call(
        self,
        host: str,
        function: str,
        payload: bytes,
        kind: Literal["json", "bytes"],
        timeout: float | None,
        awaited: Awaiting,
    ) -> None:
        """Call a function. `timeout` in seconds, 0 for none, None for the host's own."""
        passing: Literal["value", "arguments"] = "arguments" if kind == "json" else "value"
        request = Request(function, payload, kind, passing, timeout=timeout)
        self._hand_over(self._call, host, request, awaited)

    def following(self, items: Stream, awaited: Awaiting) -> None:
        """Ask for the next item of a stream."""
        self._hand_over(self._following, items, awaited)

    def close(self, items: Stream) -> None:
        """Want no more of a stream."""
        self._hand_over(items.close)

    def cancel(self, awaited: Awaiting) -> None:
        """Give up what was asked for, if it is not over."""
        self._hand_over(self._cancel, awaited)

    def _call(self, name: str, request: Request, awaited: Awaiting) -> None:
        try:
            host = self._hosts.get(name)
        except HostUnknown as error:
            awaited.settle(fault=Fault("no_host", "HostUnknown", error.message, host=str(name)))
            return
        seconds = host.spec.call_timeout if request.timeout is None else request.timeout
        self._settle(awaited, host.call(replace(request, timeout=seconds or None)))

    def _following(self, items: Stream, awaited: Awaiting) -> None:
        self._settle(awaited, Deferred.fromCoroutine(items.__anext__()))

    def _settle(self, awaited: Awaiting, answer: Deferred[Any]) -> None:
        """Bring the answer to who waits for it, when it comes."""

        def came(found: Reply | Stream) -> None:
            if isinstance(found, Stream):
                awaited.settle(items=found)
            else:
                awaited.settle(found)

        def failed(why: Failure) -> None:
            if why.check(CallError):
                assert isinstance(why.value, CallError)  # noqa: S101 - checked
                awaited.settle(fault=why.value.fault)
            elif why.check(StopAsyncIteration):
                awaited.settle()
            else:
                why.trap(CancelledError)  # nobody waits any more

        self._asked[awaited] = answer
        answer.addCallbacks(came, failed)
        answer.addBoth(lambda _: self._asked.pop(awaited, None))

    def _cancel(self, awaited: Awaiting) -> None:
        answer = self._asked.pop(awaited, None)
        if answer is not None:
            answer.cancel()
        elif awaited.items is not None:  # it came when nobody waited any more
            awaited.items.close()
