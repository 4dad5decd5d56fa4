"""The hosts over HTTP: each route decodes a request, calls the hosts, and encodes what they say."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from hangerd.hosts.definitions import Definitions
from hangerd.hosts.host import Host
from hangerd.hosts.instance import Instance
from hangerd.hosts.replies import Stream
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import Spec
from hangerd.web import query
from hangerd.web.answers import answer, answer_json, give
from hangerd.web.errors import BadRequest, Forbidden, answer_errors_of
from hangerd.web.hosts.access import HostAccess
from hangerd.web.hosts.answers import HostAnswers, call_fault
from hangerd.web.hosts.leases import hold_host
from hangerd.web.hosts.streams import send_log, send_stream
from hangerd.web.plain import Answer
from hangerd.web.request import Request

LEASE_SECONDS: Final = 60.0
LONGEST_LEASE: Final = 86_400.0
_LINES: Final = 100
JS_HOST_VERSION: Final = "0.12.0"


class HostsApp:
    """The routes under /hosts/. Without `definitions` no host is defined or removed here."""

    app = Klein()
    app.url_map.merge_slashes = False
    answer_errors_of(app)

    def __init__(
        self,
        hosts: HostsService,
        access: HostAccess,
        calls: HostAnswers,
        definitions: Definitions | None,
        clock: IReactorTime,
    ) -> None:
        self._clock = clock
        self._hosts = hosts
        self._access = access
        self._calls = calls
        self._definitions = definitions

    @app.route("/", methods=["GET"])
    def list(self, request: Request) -> bytes:
        """The state of every host, by name."""
        self._access.require_control(request)
        told = {name: self._hosts.describe(name) for name in self._hosts}
        return answer_json(request, 200, {"hosts": told})

    @app.route("/<name>/", methods=["PUT"], strict_slashes=False)
    def define(self, request: Request, name: str) -> bytes:
        """Define a host, or let it become what the body says without failing its calls."""
        definitions = self._require_specs(request)
        known = name in self._hosts
        host = definitions.define(name, _json_object(request))
        return answer_json(request, 200 if known else 201, self._told_spec(host))

    @app.route("/<name>/", methods=["GET"], strict_slashes=False)
    def spec(self, request: Request, name: str) -> bytes:
        """What a host is; the values of its environment are not shown."""
        self._access.require_control(request)
        return answer_json(request, 200, self._told_spec(self._hosts.get(name)))

    @app.route("/<name>/", methods=["DELETE"], strict_slashes=False)
    def remove(self, request: Request, name: str) -> Deferred[bytes]:
        """Stop a host and forget it."""
        return self._require_specs(request).remove(name).addCallback(lambda _: answer(request, 204))

    @app.route("/<name>/start", methods=["POST"], strict_slashes=False)
    def start(self, request: Request, name: str) -> Deferred[bytes]:
        """Start a host, also one that has failed; answers when it is ready."""
        self._access.require_control(request)
        return self._told_when(request, self._hosts.get(name).start(), name)

    @app.route("/<name>/stop", methods=["POST"], strict_slashes=False)
    def stop(self, request: Request, name: str) -> Deferred[bytes]:
        """Stop a host; answers when nothing of it is left. The next call starts it again."""
        self._access.require_control(request)
        return self._told_when(request, self._hosts.get(name).stop(), name)

    @app.route("/<name>/restart", methods=["POST"], strict_slashes=False)
    def restart(self, request: Request, name: str) -> Deferred[bytes]:
        """Let new instances take over; answers when they have."""
        self._access.require_control(request)
        return self._told_when(request, self._hosts.get(name).restart(), name)

    @app.route("/<name>/state", methods=["GET"], strict_slashes=False)
    def state(self, request: Request, name: str) -> bytes:
        """What an operator wants to know of a host."""
        self._access.require_control(request)
        return answer_json(request, 200, self._hosts.describe(name))

    @app.route("/<name>/status", methods=["GET"], strict_slashes=False)
    def status(self, request: Request, name: str) -> Deferred[bytes]:
        """What a js-host says of itself; the host is started for it."""
        host = self._calls.callable(request, name)
        told = host.pool.when_ready().addCallback(
            lambda instance: answer_json(request, 200, js_host_status(instance))
        )
        return told.addErrback(answer_failed_call, request)

    @app.route("/<name>/connect", methods=["POST"], strict_slashes=False)
    def connect(self, request: Request, name: str) -> Deferred[bytes]:
        """Hold a host, which is started for it: with ?hold as long as the answer lasts.

        Else for ?ttl= seconds; or hold ?lease= that much longer.
        """
        host = self._calls.callable(request, name)
        if query.flag(request, "hold"):
            return hold_host(request, host, self._clock).addErrback(answer_failed_call, request)
        asked = query.seconds(request, "ttl")
        ttl = min(LEASE_SECONDS if asked is None else asked, LONGEST_LEASE)
        known = query.text(request, "lease")
        if known is None or not host.leases.renew(known, ttl):
            known = host.leases.acquire(ttl)
        told = host.pool.when_ready().addCallback(
            lambda _: answer_json(request, 200, {"lease": known, "ttl": ttl})
        )
        return told.addErrback(answer_failed_call, request)

    @app.route("/<name>/disconnect", methods=["POST"], strict_slashes=False)
    def disconnect(self, request: Request, name: str) -> bytes:
        """Let a lease go; one that has ended already is no error."""
        host = self._calls.callable(request, name)
        lease = query.text(request, "lease")
        if not lease:
            raise BadRequest("Which lease?", "Give ?lease= with what connect said.")
        return answer_json(request, 200, {"released": host.leases.release(lease)})

    @app.route("/<name>/log", methods=["GET"], strict_slashes=False)
    def log(self, request: Request, name: str) -> Deferred[bytes]:
        """The last ?lines= of a host's log; with ?follow also what comes."""
        follow = query.flag(request, "follow")
        (self._access.require_lasting if follow else self._access.require_control)(request)
        host = self._hosts.get(name)
        count = _LINES if query.text(request, "lines") is None else query.whole(request, "lines")
        return send_log(request, host.log, count, follow=follow)

    @app.route("/<name>/function/<function>", methods=["POST"])
    def call(self, request: Request, name: str, function: str) -> Deferred[bytes]:
        """Call a function."""
        if request.stream is not None:
            return send_stream(request, request.stream)
        return give_called(request, self._calls.call(request.plain(), name, function))

    def _require_specs(self, request: Request) -> Definitions:
        self._access.require_control(request)
        if self._definitions is None:
            raise Forbidden("Hosts are not defined over HTTP here.", "Define them in hangerd.toml.")
        return self._definitions

    def _told_spec(self, host: Host) -> dict[str, Any]:
        return shown_spec(host.spec) | {
            "name": host.name,
            "call_token": self._access.call_token(host.name),
        }

    def _told_when(self, request: Request, done: Deferred[Any], name: str) -> Deferred[bytes]:
        """Answer with the host's state when something is done."""
        told: Deferred[bytes] = done.addCallback(
            lambda _: answer_json(request, 200, self._hosts.describe(name))
        )
        return told.addErrback(answer_failed_call, request)


def give_called(request: Request, called: Deferred[Answer | Stream]) -> Deferred[bytes]:
    """Answer with what a call gives, when it does; cancelled when the client leaves."""

    def told(found: Answer | Stream) -> bytes | Deferred[bytes]:
        if isinstance(found, Stream):
            return send_stream(request, found)
        return give(request, found)

    return called.addCallback(told)


def js_host_status(instance: Instance) -> dict[str, Any]:
    """What js-host answers to GET /status: what the runner says of it, or the like of it."""
    said = (instance.ready or {}).get("status")
    if isinstance(said, dict):
        return said
    config = {"functions": [*instance.functions]}
    return {"type": "Host", "version": JS_HOST_VERSION, "config": config}


def shown_spec(spec: Spec) -> dict[str, Any]:
    """A spec as JSON, without the values of its environment."""
    return asdict(spec) | {"env": dict.fromkeys(spec.env, "...")}


def answer_failed_call(why: Failure, request: Request) -> bytes:
    """Answer the fault of a call; everything else is for the answers to errors of the app."""
    return give(request, call_fault(why, request))


def _json_object(request: Request) -> dict[str, Any]:
    try:
        told = json.loads(request.content.read())
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.", "Send a JSON object of fields.") from None
    if not isinstance(told, dict):
        raise BadRequest("The body is not a JSON object.", "Send a JSON object of fields.")
    return told
