"""Tests of `hangerd.control`: one token for all that ask, and what a change of it does."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.control import ControlSecret
from hangerd.hosts.tokens import EVERYTHING, CallTokens


class ControlSecretTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.secret = ControlSecret("the first token")

    def test_only_the_last_one_counts(self) -> None:
        self.assertTrue(self.secret.is_token(b"the first token"))
        self.secret.change("another token")
        self.assertFalse(self.secret.is_token(b"the first token"))
        self.assertTrue(self.secret.is_token(b"another token"))
        self.assertEqual(self.secret.value, b"another token")

    def test_a_wrong_token_has_somebody_look(self) -> None:
        looks: list[int] = []

        def look() -> None:
            looks.append(1)
            if len(looks) == 2:
                self.secret.change("another token")

        self.secret.looking(look)
        self.assertTrue(self.secret.is_token(b"the first token"))
        self.assertEqual(looks, [])
        self.assertFalse(self.secret.is_token(b"another token"))
        self.assertTrue(self.secret.is_token(b"another token"))
        self.assertFalse(self.secret.is_token(b"the first token"))
        self.assertEqual(len(looks), 3)

    def test_call_tokens_change_with_it(self) -> None:
        tokens = CallTokens(self.secret)
        old, new = tokens.of("work"), CallTokens(ControlSecret("another token")).of("work")
        self.secret.looking(lambda: self.secret.change("another token"))
        self.assertEqual(tokens.good_for(old), "work")
        self.assertEqual(tokens.good_for(new), "work")
        self.assertIsNone(tokens.good_for(old))
        self.assertIsNone(tokens.good_for("the first token"))
        self.assertEqual(tokens.good_for("another token"), EVERYTHING)

    def test_who_is_told(self) -> None:
        told: list[str] = []
        end = self.secret.when_changed(lambda: told.append("one"))
        self.secret.when_changed(lambda: told.append("two"))
        self.secret.change("the first token")
        self.assertEqual(told, [])
        self.secret.change("another token")
        end()
        self.secret.change("a third token")
        self.assertEqual(told, ["one", "two", "two"])
