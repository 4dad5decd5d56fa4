"""Every value is a result, in both runners, whole and in pieces."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.wireclient import PIECE, Program

VALUES = [
    None,
    False,
    True,
    0,
    -1,
    1.5,
    2**53 - 1,
    "",
    "a text",
    "\u2028 \U0001f40d \u00e4",
    "\ud800",
    [],
    [None, [False, 0, ""]],
    {},
    {"a": {"b": [1, None]}, "": 0},
]


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_a_value_comes_back(host: Program, value: Any) -> None:
    answer = host.call("echo", {"args": [value]}, **{"as": "arguments"})
    assert answer == value
    assert type(answer) is type(value)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 1_000_000])
def test_bytes_come_back_as_bytes(host: Program, size: int) -> None:
    data = os.urandom(size)
    header, payload = host.outcome(host.begin("echo", data, type="bytes"))
    assert (header["op"], header["type"]) == ("result", "bytes")
    assert payload == data


@pytest.mark.parametrize("size", [1_000_000, 50_000_000])
def test_large_values_come_back_in_pieces(host: Program, size: int) -> None:
    text = "x" * size
    assert host.call("echo", {"args": [text]}, **{"as": "arguments"}) == text


def test_bytes_of_the_host_are_bytes(host: Program) -> None:
    assert host.call("bytes", {"size": 3}) == b"\x07\x07\x07"


def test_a_large_answer_does_not_hold_up_a_small_one(host: Program) -> None:
    large = host.begin("bytes", json.dumps({"size": 50_000_000}).encode())
    small = host.begin("echo", b'"quick"', **{"as": "value"})
    order: list[int] = []
    while len(order) < 2:
        header, payload = host.read()
        order.append(header["id"])
        if header["id"] == large:
            assert len(payload) == 50_000_000
    assert order == [small, large]


def test_what_cannot_be_encoded_is_a_fault(host: Program) -> None:
    code, fault = host.fault("circle")
    assert code == "encoding"
    assert "circular" in fault["message"].lower()
    assert host.call("echo", {"args": ["still here"]}, **{"as": "arguments"}) == "still here"


@pytest.mark.parametrize("payload", [b"{", b"\xff", b"[1,]"])
def test_a_payload_that_is_not_json_is_a_fault(host: Program, payload: bytes) -> None:
    code, _ = host.fault_of(host.begin("echo", payload))
    assert code == "arguments"


def test_an_unknown_type_of_payload_is_a_fault(host: Program) -> None:
    assert host.fault("echo", 1, type="yaml")[0] == "arguments"


def test_pickles_are_refused_unless_allowed(host: Program) -> None:
    # the bytes would stop a process that loaded them
    deadly = b"cos\n_exit\n(I9\ntR."
    assert host.fault_of(host.begin("echo", deadly, type="pickle"))[0] == "pickle"
    assert host.fault("echo", accept="pickle")[0] == "pickle"
    assert host.call("echo", {"args": [1]}, **{"as": "arguments"}) == 1


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("undefined", None),
        ("NaN", None),
        ("-Infinity", None),
        ("[NaN, undefined]", [None, None]),
        ("() => 1", None),
        ("false", False),
        ("0", 0),
        ("''", ""),
        ("new Date(0)", "1970-01-01T00:00:00.000Z"),
        ("Buffer.from('ab')", b"ab"),
        ("new Uint8Array([1, 2]).subarray(1)", b"\x02"),
        ("new Uint8Array([1, 2]).buffer", b"\x01\x02"),
        ("Promise.resolve(Promise.resolve(4))", 4),
    ],
)
@pytest.mark.parametrize("way", ["cb(null, {})", "return Promise.resolve({})"])
def test_every_javascript_value_is_a_result(
    shop: Workshop, expression: str, value: Any, way: str
) -> None:
    parameters = "data, cb" if "cb" in way else "data"
    body = way.format(expression)
    host = shop.js(f"module.exports = {{functions: {{f: function({parameters}) {{ {body} }}}}}}")
    answer = host.call("f")
    assert answer == value
    assert type(answer) is type(value)


def test_a_bigint_is_a_fault_of_its_call(shop: Workshop) -> None:
    host = shop.js("module.exports = {functions: {f: async () => 10n}}")
    assert host.fault("f")[0] == "encoding"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("float('nan')", None),
        ("[float('inf'), {'a': (float('-inf'), 1)}]", [None, {"a": [None, 1]}]),
        ("{1: 2}", {"1": 2}),
        ("(1, 2)", [1, 2]),
        ("bytearray(b'ab')", b"ab"),
        ("memoryview(b'abcd')[::2]", b"ac"),
        ("'\\ud800'", "\ud800"),
        ("map(str, range(2))", ["0", "1"]),
    ],
)
def test_every_python_value_is_a_result(shop: Workshop, expression: str, value: Any) -> None:
    host = shop.python(f"def f(): return {expression}")
    if expression.startswith("map"):
        assert list(host.items(host.begin("f"))) == value
    else:
        assert host.call("f") == value


@pytest.mark.parametrize("expression", ["{1, 2}", "object()", "{(1,): 2}"])
def test_what_json_cannot_say_is_a_fault_of_its_call(shop: Workshop, expression: str) -> None:
    host = shop.python(f"def f(): return {expression}")
    assert host.fault("f")[0] == "encoding"
