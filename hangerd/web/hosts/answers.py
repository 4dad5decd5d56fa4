"""What the call of a host's function answers, by a route and by the direct road alike."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from hangerd.hosts.faults import CallError
from hangerd.hosts.host import Host
from hangerd.hosts.replies import Collector, Reply, Stream
from hangerd.hosts.service import HostsService
from hangerd.web.hosts.access import HostAccess
from hangerd.web.hosts.calls import fault_answer, read_call, reply_answer
from hangerd.web.hosts.exchange import CallExchange
from hangerd.web.plain import Answer, Headed, PlainRequest


class HostAnswers:
    """Calls functions of the hosts of a daemon, for who may."""

    def __init__(self, hosts: HostsService, access: HostAccess) -> None:
        self._hosts = hosts
        self._access = access

    def callable(self, request: Headed, name: str) -> Host:
        """The host, for who may call it; who may not is not told whether there is one.

        Raises:
            Unauthorized, Forbidden: as `HostAccess.require_call`.
            HostUnknown: there is none.
        """
        host = self._hosts.find(name)
        self._access.require_call(request, name, None if host is None else host.spec)
        return self._hosts.get(name) if host is None else host

    def call(self, request: PlainRequest, name: str, function: str) -> Deferred[Answer | Stream]:
        """Call a function; as `call_function`. Raises what `callable` does, and BadRequest."""
        return call_function(request, self.callable(request, name), function)

    def ask(self, request: CallExchange, name: str, function: str) -> Collector:
        """Call a function as `call` does, for a request that is told by itself what comes of it."""
        host = self.callable(request, name)
        return host.ask(read_call(request, function, host.spec), request.came, request.failed)


def call_function(request: PlainRequest, host: Host, function: str) -> Deferred[Answer | Stream]:
    """Call a function of a host; cancelling gives the call up. Raises BadRequest."""

    def told(found: Reply | Stream) -> Answer | Stream:
        return found if isinstance(found, Stream) else reply_answer(request, found)

    called = host.call(read_call(request, function, host.spec))
    return called.addCallbacks(told, call_fault, errbackArgs=(request,))


def call_fault(why: Failure, request: Headed) -> Answer:
    """The answer to a call that failed; raises again what is no fault of a call."""
    error = why.value
    if not isinstance(error, CallError):
        why.raiseException()
        raise AssertionError  # the line before raises
    return fault_answer(request, error)
