"""Tests of `hangerd.dashboard.changes`."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.changes import change

PICTURES = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 2) | st.none())


class ChangeTests(SynchronousTestCase):
    def test_what_is_new_other_and_gone(self) -> None:
        found = change({"a": 1, "b": {"x": 1}, "c": None}, {"b": {"x": 2}, "c": None, "d": []})
        self.assertEqual(found, ({"b": {"x": 2}, "d": []}, ["a"]))
        self.assertTrue(found)

    def test_nothing(self) -> None:
        self.assertFalse(change({"a": [1]}, {"a": [1]}))
        self.assertFalse(change({}, {}))

    def test_a_key_of_nothing_is_still_new(self) -> None:
        self.assertEqual(change({}, {"a": None}).changed, {"a": None})

    @given(PICTURES, PICTURES)
    def test_it_turns_one_into_the_other(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        found = change(before, after)
        turned = {k: v for k, v in {**before, **found.changed}.items() if k not in found.gone}
        self.assertEqual(turned, after)
