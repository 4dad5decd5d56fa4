"""Tests of `hangerd.web.types`."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.answers import TEXT
from hangerd.web.types import BYTES, essence, served_type


class TypeTests(SynchronousTestCase):
    def test_essence(self) -> None:
        for given, kind in (
            ("", ""),
            ("Text/Plain", "text/plain"),
            (" text/html ; charset=x", "text/html"),
            (";x", ""),
        ):
            self.assertEqual(essence(given), kind)

    def test_text(self) -> None:
        for given in ("", "text/html", "TEXT/x;y", "application/x-www-form-urlencoded; x=y"):
            self.assertEqual(served_type(given), TEXT)

    def test_bytes(self) -> None:
        for given in ("image/svg+xml", "texty/plain", "image/png;text/", "x", "application/json"):
            self.assertEqual(served_type(given), BYTES)
