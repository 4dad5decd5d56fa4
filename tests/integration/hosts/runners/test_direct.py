"""Direct connections: tickets, calls beside the daemon's, what the daemon hears of them."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from tests.integration.hosts.runners.wireclient import EndedError, Program, Wire


def counts(host: Program) -> tuple[int, int]:
    header, _ = host.wait_for("direct")
    return header["connections"], header["calls"]


def refused(wire: Wire) -> bool:
    try:
        wire.read()
    except EndedError:
        return True
    return False


def test_a_ticket_opens_a_connection(host: Program) -> None:
    guest = host.direct()
    welcome, _ = guest.read()
    assert welcome == {"op": "welcome", "protocol": 1, "max_message": 256 << 20}
    assert guest.call("echo", {"args": ["hi"]}, **{"as": "arguments"}) == "hi"
    assert counts(host) == (1, 0)
    assert counts(host) == (1, 1), "calls are told within a second"
    guest.close()
    assert counts(host) == (0, 1)


def test_a_ticket_is_good_once(host: Program) -> None:
    host.direct("t").read()
    again = host.connect()
    again.send({"op": "hello", "protocol": 1, "ticket": "t"})
    assert refused(again)


def test_an_old_ticket_is_refused(host: Program) -> None:
    assert refused(host.direct("t", ttl=-1))


@pytest.mark.parametrize(
    "hello",
    [
        {"op": "hello", "protocol": 1, "ticket": "guessed"},
        {"op": "hello", "protocol": 1},
        {"op": "hello", "protocol": 2, "ticket": "t"},
        {"op": "call", "id": 1, "function": "echo", "ticket": "t"},
        {"op": "ping", "id": 1},
    ],
)
def test_without_a_good_hello_the_connection_ends(host: Program, hello: dict[str, object]) -> None:
    host.send({"op": "ticket", "ticket": "t", "ttl": 60})
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    stranger = host.connect()
    stranger.send(hello)
    assert refused(stranger)


def test_silence_ends_after_five_seconds(host: Program) -> None:
    assert refused(host.connect())


def test_numbers_belong_to_a_connection(host: Program) -> None:
    guest = host.direct()
    guest.read()
    for value in ("daemon", "guest"):
        wire: Wire = host if value == "daemon" else guest
        payload = json.dumps({"ms": 50, "value": value}).encode()
        wire.send({"op": "call", "id": 1, "function": "later"}, payload)
    assert json.loads(host.outcome(1)[1]) == "daemon"
    assert json.loads(guest.outcome(1)[1]) == "guest"


def test_the_end_of_a_guest_cancels_its_calls_alone(host: Program) -> None:
    guest = host.direct()
    guest.read()
    guest.begin("later", b'{"ms": 600000, "value": 1}')
    number = host.begin("later", b'{"ms": 300, "value": 2}')
    guest.close()
    assert json.loads(host.outcome(number)[1]) == 2


def test_a_guest_that_breaks_the_protocol_is_gone_alone(host: Program) -> None:
    guest = host.direct()
    guest.read()
    guest.send({"op": "stop", "grace": 1})
    assert refused(guest)
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


def test_after_drain_nobody_new_comes_in(host: Program) -> None:
    host.send({"op": "ticket", "ticket": "t", "ttl": 60})
    host.send({"op": "drain"})
    host.send({"op": "ping", "id": 1})
    host.wait_for("pong")
    late = host.connect()
    with suppress(BrokenPipeError):  # it may be closed already
        late.send({"op": "hello", "protocol": 1, "ticket": "t"})
    assert refused(late)


def test_who_drains_counts_only_the_guests_with_calls(host: Program) -> None:
    idle, busy = host.direct("one"), host.direct("two")
    idle.read()
    busy.read()
    number = busy.begin("count", b'{"upto": 150}')
    for _ in range(64):  # the window: the rest waits for credit
        busy.wait_for("item")
    host.send({"op": "drain"})
    while counts(host)[0] != 1:
        pass
    busy.send({"op": "cancel", "id": number, "reason": "gone"})
    while counts(host)[0] != 0:
        pass


def test_guests_are_pinged_and_streamed(host: Program) -> None:
    guest = host.direct()
    guest.read()
    guest.send({"op": "ping", "id": 2})
    assert guest.wait_for("pong")[0]["id"] == 2
    assert list(guest.items(guest.begin("count", b'{"upto": 150}'))) == list(range(150))


def test_a_guest_that_does_not_read_holds_up_nobody(host: Program) -> None:
    guest = host.direct()
    guest.read()
    guest.begin("bytes", b'{"size": 50000000}')
    assert host.call("bytes", {"size": 3}) == b"\x07\x07\x07"
