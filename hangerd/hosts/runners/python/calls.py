"""The calls of one connection: decodes and queues them, passes cancel and credit on.

Runs in the reading thread, except `_ended`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .aio import Loop
from .call import Call
from .connection import Connection
from .faults import CallError, describe_error
from .frames import Header
from .interrupt import MainThread
from .loading import Target
from .values import decode_arguments, encode_json


class Service:
    """What all connections of this process share: the user's code and what runs it."""

    def __init__(
        self,
        target: Target,
        queue: Callable[[Call], None],
        pickles: bool,
        loop: Loop,
        main: MainThread,
    ) -> None:
        self.target = target
        self.queue = queue
        self.pickles = pickles
        self.loop = loop
        self.main = main


class Calls:
    """Calls in flight, by their number; `accepting` says whether new ones are taken.

    `emptied` is called, by any thread, when the last of them has ended.
    """

    def __init__(
        self, service: Service, connection: Connection, accepting: Callable[[], bool]
    ) -> None:
        self._service = service
        self._connection = connection
        self._accepting = accepting
        self._flying: dict[int, Call] = {}
        self.emptied: Callable[[], None] = _nothing

    @property
    def any(self) -> bool:
        """Whether a call is in flight."""
        return bool(self._flying)

    def begin(self, header: Header, payload: bytes) -> None:
        """Queue a call, or answer why not."""
        service = self._service
        try:
            if not self._accepting():
                raise CallError("stopping", "This instance takes no new calls.")
            work = service.target.work(str(header.get("function")))
            arguments = decode_arguments(header, payload, service.pickles)
        except CallError as error:
            self._refuse(header["id"], error)
            return
        call = Call(header, work, arguments, self._connection, service, self._ended)
        self._flying[call.id] = call
        service.queue(call)

    def _ended(self, number: int) -> None:
        self._flying.pop(number, None)
        if not self._flying:
            self.emptied()

    def _refuse(self, number: Any, error: CallError) -> None:
        fault = encode_json(describe_error(error))
        self._connection.send({"op": "fault", "id": number, "code": error.code}, fault)

    def credit(self, header: Header) -> None:
        """Allow more items of a stream."""
        call, items = self._flying.get(header.get("id", 0)), header.get("items")
        if call and isinstance(items, int) and items > 0:
            call.credit(items)

    def cancel(self, header: Header) -> None:
        """Cancel a call, whether it runs, waits, or has not come whole."""
        number = header.get("id", 0)
        if call := self._flying.get(number):
            call.cancel(str(header.get("reason", "cancelled")))
        elif self._connection.assembler.drop(number):
            self._refuse(
                number, CallError("cancelled", "The call was cancelled before it had come whole.")
            )

    def cancel_all(self, reason: str) -> None:
        """Cancel every call of this connection."""
        for call in list(self._flying.values()):
            call.cancel(reason)


def _nothing() -> None:
    """Stand for what nobody waits for."""
