"""Errors, streams, order, cancel: how a call ends, in both runners."""

from __future__ import annotations

import json

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.wireclient import PIECE, EndedError, Program


@pytest.mark.parametrize("function", ["fail", "fail_later"])
def test_an_error_is_a_fault_with_the_users_frames(host: Program, kind: str, function: str) -> None:
    code, fault = host.fault(function, {"what": "bad"})
    names = {"js": ("TypeError", "RangeError"), "python": ("TypeError", "IndexError")}
    assert code == "function"
    assert fault["type"] == names[kind][function == "fail_later"]
    assert fault["message"] == "it was bad"
    assert function in fault["stack"]
    assert "it was bad" in fault["stack"]
    assert "runners" not in fault["stack"], "the runner's own frames"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


def test_an_unknown_function_is_a_fault(host: Program) -> None:
    code, fault = host.fault("nothing")
    assert code == "no_function"
    assert "nothing" in fault["message"]


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "toString", "__import__", "os", "sys"]
)
def test_only_what_is_offered_can_be_called(host: Program, name: str) -> None:
    assert host.fault(name)[0] == "no_function"


def test_results_come_in_any_order(host: Program) -> None:
    waits = [300, 200, 100, 0]
    numbers = [host.begin("later", json.dumps({"ms": ms, "value": ms}).encode()) for ms in waits]
    answers = [host.read() for _ in waits]
    assert [header["id"] for header, _ in answers] == numbers[::-1]
    assert [json.loads(payload) for _, payload in answers] == waits[::-1]


def test_a_stream_ends_with_end(host: Program) -> None:
    assert list(host.items(host.begin("count", b'{"upto": 200}'))) == list(range(200))


def test_a_stream_waits_for_credit(host: Program) -> None:
    number = host.begin("count", b'{"upto": 10}', window=3)
    seen = [host.read()[0]["op"] for _ in range(3)]
    host.send({"op": "ping", "id": 1})
    assert host.read()[0]["op"] == "pong", "a fourth item came without credit"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1
    host.send({"op": "credit", "id": number, "items": 7})
    seen += [host.read()[0]["op"] for _ in range(7)]
    assert seen == ["item"] * 10
    host.send({"op": "credit", "id": number, "items": 1})
    assert host.read()[0] == {"op": "end", "id": number}


def test_a_stream_that_breaks_off_is_a_fault_after_its_items(host: Program) -> None:
    number = host.begin("break_off")
    assert host.read()[0]["op"] == "item"
    code, fault = host.fault_of(number)
    assert (code, fault["message"]) == ("function", "enough")


@pytest.mark.parametrize("window", [1, 64])
def test_a_stream_is_cancelled(host: Program, window: int) -> None:
    number = host.begin("count", b'{"upto": 1000000}', window=window)
    host.wait_for("item", number)
    host.send({"op": "cancel", "id": number, "reason": "gone"})
    assert host.fault_of(number)[0] == "cancelled"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


@pytest.mark.parametrize("reason", ["timeout", "cancelled", "gone"])
def test_an_asynchronous_call_is_cancelled_at_once(host: Program, reason: str) -> None:
    number = host.begin("later", b'{"ms": 600000, "value": 1}', timeout=600)
    host.send({"op": "cancel", "id": number, "reason": reason})
    assert host.fault_of(number)[0] == "cancelled"


def test_cancel_of_what_is_over_or_unknown_is_ignored(host: Program) -> None:
    number = host.begin("echo", b"[1]")
    host.outcome(number)
    for each in (number, 999):
        host.send({"op": "cancel", "id": each, "reason": "timeout"})
        host.send({"op": "credit", "id": each, "items": 1})
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


def test_a_call_is_cancelled_before_its_pieces_have_come(host: Program) -> None:
    header = {"op": "call", "id": 50, "function": "echo", "type": "bytes", "more": True}
    host.send_frame(header, b"x" * PIECE)
    host.send({"op": "cancel", "id": 50, "reason": "gone"})
    assert host.fault_of(50)[0] == "cancelled"
    host.send_frame({"op": "call", "id": 50, "more": True}, b"x")
    host.send_frame({"op": "call", "id": 50})
    host.send({"op": "ping", "id": 3})
    assert host.read()[0]["op"] == "pong", "a dropped call was answered"


def test_pieces_of_two_calls_may_alternate(host: Program) -> None:
    for payload, more in ((b"a", True), (b"b", True), (b"", False)):
        for number in (60, 61):
            header = {"op": "call", "id": number, "function": "echo", "type": "bytes"}
            host.send_frame({**header, "more": more}, payload)
    assert [host.outcome(number)[1] for number in (60, 61)] == [b"ab", b"ab"]


def test_a_thousand_mixed_calls_get_their_own_answers(host: Program) -> None:
    expected = {}
    for index in range(1000):
        value = {"ms": index % 7, "value": index}
        number = host.begin("later", json.dumps(value).encode())
        if index % 20 == 0:
            host.send({"op": "cancel", "id": number, "reason": "timeout"})
        else:
            expected[number] = index
    for number, index in expected.items():
        header, payload = host.outcome(number)
        assert (header["op"], json.loads(payload)) == ("result", index)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00\x00\x00\x03\x00\x00\x00\x00",
        b"\x7f\xff\xff\xff\x00\x00\x00\x02",
        b"\x00\x00\x00\x06\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x06\x00\x00\x00\x02{]",
        b"\x00\x00\x00\x06\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x10\x00\x00\x00\x0c" + b'{"op":"fly"}',
    ],
)
def test_bad_frames_end_the_connection_and_the_runner(host: Program, frame: bytes) -> None:
    host.sock.sendall(frame)
    with pytest.raises(EndedError):
        host.read()
    assert host.wait() == 1
    assert "connection to the daemon failed" in host.log("stderr")


def test_a_message_over_the_limit_ends_the_runner(shop: Workshop, kind: str) -> None:
    host = shop.alike(kind, max_message=1000)
    assert len(host.outcome(host.begin("echo", b"x" * 1000, type="bytes"))[1]) == 1000
    host.begin("echo", b"x" * 1001, type="bytes")
    assert host.wait() == 1
