"""Functions of a js host: callbacks, promises, streams, `this`, errors, signals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.wireclient import Program


def functions(shop: Workshop, text: str) -> Program:
    return shop.js(f"module.exports = {{marker: 'kept', functions: {{{text}}}}}")


def test_this_is_name_host_and_signal(shop: Workshop) -> None:
    host = functions(
        shop,
        "f: function(data, cb) { cb(null, [this.name, this.host.config.marker, data,"
        " this.timeout, this.signal.aborted, Object.keys(this.host.functions),"
        " typeof this.host.logger.info, this.req === undefined, this.host.getUrl()]); }",
    )
    answer = host.call("f", timeout=2.5)
    assert answer == [
        "f", "kept", {}, 2.5, False, ["f"], "function", True, "http://127.0.0.1:9009",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "type_"),
    [
        ("cb('a string')", "a string", "Error"),
        ("cb(new TypeError('t'))", "t", "TypeError"),
        ("cb({toString: () => 'odd'})", "odd", "Error"),
        ("cb(require('vm').runInNewContext('new RangeError(\"far\")'))", "far", "RangeError"),
        ("throw 'thrown text'", "thrown text", "Error"),
        ("throw null", "null", "Error"),
        ("return Promise.reject('rejected')", "rejected", "Error"),
        ("return Promise.reject(undefined)", "undefined", "Error"),
    ],
)
def test_every_kind_of_error_is_a_fault(
    shop: Workshop, body: str, message: str, type_: str
) -> None:
    host = functions(shop, f"f(data, cb) {{ {body} }}")
    code, fault = host.fault("f")
    assert (code, fault["message"], fault["type"]) == ("function", message, type_)
    assert fault["stack"].startswith(f"{type_}: {message}")


def test_causes_are_told(shop: Workshop) -> None:
    host = functions(shop, "f() { throw new Error('outer', {cause: new TypeError('inner')}); }")
    _, fault = host.fault("f")
    assert (fault["cause"]["type"], fault["cause"]["message"]) == ("TypeError", "inner")


def test_a_second_callback_is_only_logged(shop: Workshop) -> None:
    host = functions(
        shop,
        "twice(data, cb) { cb(null, 1); cb(null, 2); cb('three'); },"
        " ok(data, cb) { cb(null, 'ok'); }",
    )
    assert host.call("twice") == 1
    assert host.call("ok") == "ok"
    line = 'Function "twice" called its callback more than once'
    assert host.log("stderr").count(line) == 2


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("f(data, cb) { cb(null, 'called'); return 'returned'; }", "called"),
        ("f(data, cb) { setTimeout(() => cb(null, 'called'), 5); return 'returned'; }", "called"),
        ("async f(data, cb) { setTimeout(() => cb(null, 'called'), 5); }", "called"),
        ("async f(data, cb) { cb(null, 'called'); return 'returned'; }", "called"),
        ("async f(data, cb) { return 'returned'; }", "returned"),
        ("f(data) { return 'returned'; }", "returned"),
        ("f: (...all) => { setTimeout(() => all[1](null, 'called'), 5); }", "called"),
        ("f: () => ({then(done) { done('thenable'); }})", "thenable"),
        ("f: async () => {}", None),
        ("f: () => Promise.resolve()", None),
        ("f(data, cb) { cb(null, Promise.resolve('inside')); }", "inside"),
    ],
)
def test_ways_to_answer(shop: Workshop, function: str, value: Any) -> None:
    assert functions(shop, function).call("f") == value


@pytest.mark.parametrize(
    ("function", "items"),
    [
        ("*f() { yield 1; yield Promise.resolve(2); yield null; }", [1, 2, None]),
        ("async *f() { yield Buffer.from('a'); yield 'b'; }", [b"a", "b"]),
        ("f: () => require('stream').Readable.from(['a', 'b'])", ["a", "b"]),
        ("f(data, cb) { cb(null, (function*() { yield 1; })()); }", [1]),
        ("async *f() {}", []),
    ],
)
def test_streams(shop: Workshop, function: str, items: list[Any]) -> None:
    host = functions(shop, function)
    assert list(host.items(host.begin("f"))) == items


def test_large_items_of_a_stream_come_in_order(shop: Workshop) -> None:
    host = functions(shop, "async *f() { for (const x of [1, 2]) yield Buffer.alloc(600000, x); }")
    assert [item[0] for item in host.items(host.begin("f"))] == [1, 2]


def test_a_cancelled_generator_cleans_up(shop: Workshop) -> None:
    host = functions(
        shop, "async *f() { try { for (;;) yield 1; } finally { console.log('cleaned'); } },"
        " async ok() {}",
    )  # fmt: skip
    number = host.begin("f", window=1)
    host.wait_for("item")
    host.send({"op": "cancel", "id": number, "reason": "gone"})
    assert host.fault_of(number)[0] == "cancelled"
    host.call("ok")
    assert "cleaned" in host.log("stdout")


@pytest.mark.parametrize(("reason", "name"), [("timeout", "TimeoutError"), ("gone", "AbortError")])
def test_cancel_aborts_the_signal(shop: Workshop, reason: str, name: str) -> None:
    host = functions(
        shop,
        "f(data, cb, {signal}) {"
        " signal.addEventListener('abort', () => { console.log(signal.reason.name); cb('late'); });"
        "}, async ok() {}",
    )
    number = host.begin("f")
    host.send({"op": "cancel", "id": number, "reason": reason})
    assert host.fault_of(number)[0] == "cancelled"
    host.call("ok")
    assert host.log("stdout") == f"{name}\n"


def test_the_logger_is_log(shop: Workshop) -> None:
    host = functions(
        shop,
        "async f() { const l = this.host.logger; l.info('i %d', 1); l.warn('w');"
        " l.error(new Error('e').message); }",
    )
    host.call("f")
    assert host.log("stdout") == "info: i 1\n"
    assert host.log("stderr") == "warn: w\nerror: e\n"


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"args": [5]}, 5),
        ({"args": []}, {}),
        ({"kwargs": {"a": 1}}, {"a": 1}),
        ({"args": [None], "kwargs": {}}, None),
        (None, {}),
    ],
)
def test_arguments(shop: Workshop, given: Any, answer: Any) -> None:
    host = functions(shop, "f(data, cb) { cb(null, data); }")
    assert host.call("f", given, **{"as": "arguments"}) == answer


@pytest.mark.parametrize(
    "given", [{"args": [1, 2]}, {"args": [1], "kwargs": {"a": 1}}, {"args": 1}]
)
def test_more_than_one_argument_is_refused(shop: Workshop, given: Any) -> None:
    host = functions(shop, "f(data, cb) { cb(null, data); }")
    assert host.fault("f", given, **{"as": "arguments"})[0] == "arguments"


def test_a_blocked_loop_shows_in_the_lag(shop: Workshop) -> None:
    host = functions(
        shop, "async f() { const end = Date.now() + 900; while (Date.now() < end); },"
        " rest: () => new Promise((done) => setTimeout(done, 700))",
    )  # fmt: skip
    host.call("f")
    host.call("rest")
    host.send({"op": "ping", "id": 1})
    assert host.wait_for("pong")[0]["lag"] > 0.3
    host.send({"op": "ping", "id": 2})
    assert host.wait_for("pong")[0]["lag"] == 0
