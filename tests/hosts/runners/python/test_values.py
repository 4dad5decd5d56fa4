from __future__ import annotations

import json
import pickle
import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.runners.python.faults import CallError
from hangerd.hosts.runners.python.values import (
    decode_arguments,
    encode_json,
    encode_value,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


class EncodeTests(SynchronousTestCase):
    @given(JSON)
    def test_json_comes_back(self, value: Any) -> None:
        self.assertEqual(json.loads(encode_json(value)), value)

    def test_what_json_lacks_is_null(self) -> None:
        value = {"a": [float("nan"), (float("inf"), 1.5, "x")], 2: -float("inf")}
        self.assertEqual(json.loads(encode_json(value)), {"a": [None, [None, 1.5, "x"]], "2": None})

    def test_lone_surrogates_are_escaped(self) -> None:
        self.assertEqual(encode_json("\ud800\u00e4"), b'"\\ud800\\u00e4"')
        self.assertEqual(encode_json("\u00e4"), '"\u00e4"'.encode())

    def test_what_cannot_be_said(self) -> None:
        ring: list[Any] = []
        ring.append(ring)
        for value in ({1}, object(), {(1,): 1}, ring, [float("nan"), {1}], b"inside"):
            with self.assertRaises(CallError) as caught:
                encode_json([value])
            self.assertEqual(caught.exception.code, "encoding")

    def test_bytes_are_bytes_whatever_is_accepted(self) -> None:
        for value in (b"ab", bytearray(b"ab"), memoryview(b"ab")):
            for accept in (None, "json", "pickle"):
                self.assertEqual(encode_value(value, accept, False), ("bytes", b"ab"))

    def test_the_rest_is_json(self) -> None:
        self.assertEqual(encode_value([1], None, False), ("json", b"[1]"))

    def test_pickles(self) -> None:
        kind, payload = encode_value({1}, "pickle", True)
        self.assertEqual((kind, pickle.loads(payload)), ("pickle", {1}))
        with self.assertRaises(CallError) as caught:
            encode_value({1}, "pickle", False)
        self.assertEqual(caught.exception.code, "pickle")
        with self.assertRaises(CallError) as caught:
            encode_value(threading.Lock(), "pickle", True)
        self.assertEqual(caught.exception.code, "encoding")


class DecodeTests(SynchronousTestCase):
    def decode(self, payload: bytes, pickles: Any = False, **header: Any) -> tuple[Any, Any, Any]:
        given = decode_arguments(header, payload, pickles)
        return given.args, given.kwargs, given.value

    def code(self, payload: bytes, pickles: Any = False, **header: Any) -> Any:
        with self.assertRaises(CallError) as caught:
            self.decode(payload, pickles, **header)
        return caught.exception.code

    def test_values(self) -> None:
        self.assertEqual(self.decode(b""), ((), {}, None))
        self.assertEqual(self.decode(b'{"a": 1}'), ((), {"a": 1}, {"a": 1}))
        self.assertEqual(self.decode(b"[1, 2]"), ((1, 2), {}, [1, 2]))
        self.assertEqual(self.decode(b"0"), ((0,), {}, 0))
        self.assertEqual(self.decode(b"\xff", type="bytes"), ((b"\xff",), {}, b"\xff"))

    def test_lists_of_arguments(self) -> None:
        way = {"as": "arguments"}
        both = b'{"args": [1], "kwargs": {"a": 2}}'
        self.assertEqual(self.decode(both, **way), ((1,), {"a": 2}, 1))
        self.assertEqual(self.decode(b'{"kwargs": {"a": 2}}', **way), ((), {"a": 2}, {"a": 2}))
        self.assertEqual(self.decode(b"{}", **way), ((), {}, None))
        for wrong in (b"1", b"[1]", b'{"args": 1}', b'{"kwargs": [1]}'):
            self.assertEqual(self.code(wrong, **way), "arguments")

    def test_pickles(self) -> None:
        data = pickle.dumps(((1,), {"a": {2}}))
        self.assertEqual(self.code(data, type="pickle"), "pickle")
        self.assertEqual(self.decode(data, True, type="pickle")[0], (((1,), {"a": {2}}),))
        way = {"as": "arguments"}
        self.assertEqual(self.decode(data, True, type="pickle", **way), ((1,), {"a": {2}}, 1))
        self.assertEqual(self.code(b"junk", True, type="pickle"), "arguments")

    def test_what_is_wrong(self) -> None:
        self.assertEqual(self.code(b"{"), "arguments")
        self.assertEqual(self.code(b"[" * 100000), "arguments")
        self.assertEqual(self.code(b"1", type="yaml"), "arguments")
        self.assertEqual(self.code(b"1", type=["json"]), "arguments")
