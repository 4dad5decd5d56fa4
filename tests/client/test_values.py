"""Tests of `hangerd.client.values`: what can be sent, and what comes back."""

from __future__ import annotations

import json
import pickle
import sys
from typing import Any
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.errors import HangerdError
from hangerd.client.values import decode_value, encode_arguments


class ArgumentsTests(SynchronousTestCase):
    def test_json(self) -> None:
        told = encode_arguments([1, "ä"], {"k": None})
        self.assertEqual(dict(told.header), {"as": "arguments"})
        self.assertEqual(json.loads(told.payload), {"args": [1, "ä"], "kwargs": {"k": None}})

    def test_nothing(self) -> None:
        self.assertEqual(encode_arguments([], {}).payload, b"{}")

    def test_bytes_go_as_they_are(self) -> None:
        for given in (b"\0", bytearray(b"\0"), memoryview(b"\0")):
            told = encode_arguments([given], {})
            self.assertEqual((dict(told.header), told.payload), ({"type": "bytes"}, b"\0"))

    def test_a_lone_surrogate_is_escaped(self) -> None:
        self.assertEqual(json.loads(encode_arguments(["\ud800"], {}).payload)["args"], ["\ud800"])

    def test_what_json_cannot_say_is_refused(self) -> None:
        for given in (object(), float("nan"), {1, 2}, b"beside"):
            with self.assertRaises((TypeError, ValueError)):
                encode_arguments([given, 1], {})

    def test_a_pickle_when_wished(self) -> None:
        with patch.dict(sys.modules, cloudpickle=None):  # it would stay
            told = encode_arguments([{1, 2}], {"k": 1}, pickled=True)
        self.assertEqual(told.header["type"], "pickle")
        self.assertEqual(pickle.loads(told.payload), (({1, 2},), {"k": 1}))


class ValuesTests(SynchronousTestCase):
    def test_every_value_is_a_result(self) -> None:
        values: tuple[Any, ...] = (None, False, 0, "", [], {}, 1.5, "ä")
        for value in values:
            self.assertEqual(decode_value("json", json.dumps(value).encode()), value)
        self.assertIsNone(decode_value("json", b""))
        self.assertEqual(decode_value("bytes", b""), b"")

    def test_a_pickle_is_loaded_only_when_wished(self) -> None:
        payload = pickle.dumps({1})
        self.assertEqual(decode_value("pickle", payload, pickled=True), {1})
        with self.assertRaises(HangerdError):
            decode_value("pickle", payload)
        with self.assertRaises(HangerdError):
            decode_value("other", payload, pickled=True)
