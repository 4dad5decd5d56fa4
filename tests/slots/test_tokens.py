"""Tests of `hangerd.slots.tokens`."""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import partial
from statistics import NormalDist

import pytest
from twisted.trial.unittest import SynchronousTestCase

from hangerd.slots.tokens import LENGTH, Tokens

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
FOLDED = ALPHABET[32:] + ALPHABET[:12]  # what the bytes from 32 to 47 stand for
TOKENS = 1_000_000 if os.environ.get("HANGERD_SOAK") else 100_000


class TokensTests(SynchronousTestCase):
    def test_looks_like_the_seeds(self) -> None:
        self.assertIsNotNone(re.fullmatch("[a-z0-9]{16}", Tokens()()))

    def test_the_bytes_decide(self) -> None:
        tokens = Tokens(lambda _: bytes(range(48)))
        self.assertEqual({tokens() for _ in range(3)}, {ALPHABET[:16], ALPHABET[16:32], FOLDED})
        self.assertEqual(Tokens(lambda size: bytes([36 * 6 + 35]) * size)(), "9" * 16)

    def test_none_comes_twice(self) -> None:
        given = iter([bytes(range(16)), bytes(range(1, 33))])
        tokens = Tokens(lambda _: next(given))
        self.assertEqual(len({tokens() for _ in range(3)}), 3)
        self.assertRaises(StopIteration, tokens)

    def test_uneven_bytes_are_thrown_away(self) -> None:
        given = iter([b"\xff" * 32 + b"\x00\x01", b"\xfc" * 32, b"\xfd\x02" * 16])
        self.assertEqual(Tokens(lambda _: next(given))(), "c" * 16)

    def test_every_even_byte_counts_the_same(self) -> None:
        letters = Counter(Tokens(partial(repeated, byte))()[0] for byte in range(252))
        self.assertEqual(letters, dict.fromkeys(ALPHABET, 7))

    @pytest.mark.soak
    def test_unique_and_uniform(self) -> None:
        """No two alike, and each place's letters pass a chi-square test."""
        new_token = Tokens()
        tokens = [new_token() for _ in range(TOKENS)]
        self.assertEqual(len(set(tokens)), TOKENS)
        # 16 places are tested, so each may fail once in 16 million runs.
        highest = chi_square_bound(len(ALPHABET) - 1, 1 - 1e-6 / LENGTH)
        for letters in zip(*tokens, strict=True):
            self.assertLess(chi_square(Counter(letters)), highest)

    def test_the_test_of_uniformity_can_fail(self) -> None:
        """Plain `byte % 36` favours the first four letters by a seventh: that must show."""
        biased = Counter(ALPHABET[byte % 36] for byte in os.urandom(TOKENS))
        bound = chi_square_bound(len(ALPHABET) - 1, 1 - 1e-6 / LENGTH)
        self.assertGreater(chi_square(biased), bound)


def repeated(byte: int, size: int) -> bytes:
    return bytes([byte]) * size


def chi_square(letters: Counter[str]) -> float:
    expected = letters.total() / len(ALPHABET)
    return sum((letters[letter] - expected) ** 2 / expected for letter in ALPHABET)


def chi_square_bound(freedom: int, probability: float) -> float:
    """The quantile of the chi-square distribution (Wilson and Hilferty's approximation)."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NormalDist().inv_cdf(probability) * spread**0.5) ** 3)
