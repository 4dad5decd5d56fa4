"""What `hangerctl doctor --proxy URL` sees of a proxy, by doing what visitors do."""

from __future__ import annotations

import base64
import http.client
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from hangerd.cli.checks import Check, failed
from hangerd.client import HangerdError, Refused
from hangerd.client.blocking import BlockingIo
from hangerd.client.connecting import make_core
from hangerd.client.core import Core
from hangerd.client.http1 import Answer, target_of
from hangerd.client.running import run

_PATIENCE: Final = 90.0  # seconds until a read has to go on its way
_AT_ONCE: Final = 10.0  # seconds for what nothing should hold up
_NGINX: Final = "etc/nginx-site.conf shows how nginx does it"


def check_proxy(url: str, script: str | None, token: str | None) -> Iterator[Check]:
    """Check the proxy at the address that visitors use; `script` may be run."""
    try:
        core = make_core(BlockingIo(), url, token, None, None)
        run(core.begin())
    except HangerdError as error:
        yield failed("proxy", error)
        return
    yield Check("proxy", "ok", f"hangerd answers through {url}")
    yield check_hop(core)
    if script is None:
        remedy = "Name a script that may be run with --script PATH"
        yield Check("proxy streams", "skip", "not looked at", remedy)
        yield Check("proxy websockets", "skip", "not looked at", remedy)
    else:
        yield check_streams(url, script)
        yield check_websockets(url, script)
    core.close()


def check_hop(core: Core) -> Check:
    """Whether a read that waits is passed on, goes on its way in time, and finds its value."""
    began = time.monotonic()
    try:
        slot = _ask(core, "/hanger/open/", _AT_ONCE).decode()
        read = target_of("hanger", slot, "read", "")
        waited = run(core.web.ask("POST", read, deadline=began + _PATIENCE))
        seconds = time.monotonic() - began
        if waited.status != 307:
            return _cut(f"a waiting read was answered {waited.status} after {seconds:.0f} s")
        onward = _onward(core, read, waited)
        _ask(core, target_of("hanger", slot, "write", ""), _AT_ONCE, b"passed")
        if _ask(core, onward, _AT_ONCE) != b"passed":
            return _cut(f"a read that went on its way to {onward} lost its value")
    except TimeoutError:
        found = f"a read did not go on its way within {_PATIENCE:g} s"
        return Check("proxy reads", "warn", found, "Is read_hop 0? Then set it, below 30 s")
    except HangerdError as error:
        return _cut(error.message)
    return Check("proxy reads", "ok", f"a read went on its way after {seconds:.1f} s, as it should")


def _ask(core: Core, target: str, within: float, body: bytes = b"") -> bytes:
    answer = run(core.web.ask("POST", target, body=body, deadline=time.monotonic() + within))
    if answer.status != 200:
        path = target.partition("?")[0]
        raise Refused(f"POST {path} was answered {answer.status}", "", answer.status)
    return bytes(answer.body)


def _onward(core: Core, read: str, answer: Answer) -> str:
    """Return where a read goes on, without the path in front. Raises Refused."""
    base = core.finder.find().base
    location = answer.headers.get("location", "")
    onward = urlsplit(urljoin(f"http://proxy{base}{read}", location))
    target = f"{onward.path}?{onward.query}"
    if not target.startswith(f"{base}/hanger/"):
        raise Refused(f"a read is sent on its way to {location!r:.200}, which leaves the proxy")
    return target.removeprefix(base)


def _cut(found: str) -> Check:
    remedy = f"Let the proxy wait for longer than read_hop (25 s), and keep redirects; {_NGINX}"
    return Check("proxy reads", "fail", found, remedy)


def check_streams(url: str, script: str) -> Check:
    """Whether what a script says comes at once: its run begins with an event."""
    began = time.monotonic()
    connection, base = _connection(url, _AT_ONCE)
    try:
        body = json.dumps({"argv": []})
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"{base}/-/run/{quote(script.lstrip('/'))}", body, headers)
        answer = connection.getresponse()
        if answer.status != 200:
            found = f"{script} is not run: {answer.status} {_message(answer)}"
            return Check("proxy streams", "fail", found, "Name a script of the root with --script")
        run_id = _begun(answer)
    except (OSError, http.client.HTTPException) as error:
        remedy = f"Turn the proxy's buffering off; {_NGINX}"
        return Check("proxy streams", "fail", f"a script's output is held up ({error})", remedy)
    finally:
        connection.close()
    seconds = time.monotonic() - began
    _stop(url, run_id)
    return Check("proxy streams", "ok", f"a script's output came after {seconds:.2f} s")


def _begun(answer: http.client.HTTPResponse) -> str:
    """Read the first event of a run; returns the run's id. Raises OSError, HTTPException."""
    for line in answer:
        field, _, value = line.decode().partition(": ")
        if field == "data":
            return str(json.loads(value)["run"])
    raise http.client.IncompleteRead(b"")


def _stop(url: str, run_id: str) -> None:
    connection, base = _connection(url, _AT_ONCE)
    with suppress(OSError, http.client.HTTPException):  # it ends by itself too
        connection.request("POST", f"{base}/-/run/{run_id}/stop")
        connection.getresponse()
    connection.close()


def check_websockets(url: str, script: str) -> Check:
    """Whether a request to become a websocket arrives as one (RFC 6455, 4.1)."""
    connection, base = _connection(url, _AT_ONCE)
    headers = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    try:
        connection.request("GET", f"{base}/{quote(script.lstrip('/'))}", headers=headers)
        answer = connection.getresponse()
        status, said = answer.status, _message(answer) if answer.status >= 500 else ""
    except (OSError, http.client.HTTPException) as error:
        return Check("proxy websockets", "fail", str(error), f"See the proxy's log; {_NGINX}")
    finally:
        connection.close()
    if status == 101:
        return Check("proxy websockets", "ok", "a websocket was opened")
    if status == 501:
        return Check("proxy websockets", "warn", said, "pip install 'hangerd[websocket]'")
    remedy = f"Let the proxy pass on Upgrade and Connection, by HTTP/1.1; {_NGINX}"
    return Check("proxy websockets", "fail", f"one was answered {status}", remedy)


def _connection(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection of its own, which may be given up, and the path in front of all."""
    told = urlsplit(url)
    secure = told.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    return kind(told.hostname or "", told.port, timeout=timeout), told.path.rstrip("/")


def _message(answer: http.client.HTTPResponse) -> str:
    try:
        return str(json.loads(answer.read(10_000))["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason
