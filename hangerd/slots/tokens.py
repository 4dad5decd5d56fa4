"""Tokens: sixteen characters of [a-z0-9], 82.7 bits, from the system's random source.

Pure but for that source, which tests replace. Every character is as likely as any other: a byte
that would favour some is thrown away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

LENGTH = 16
_ALPHABET = b"abcdefghijklmnopqrstuvwxyz0123456789"
# 252 is the largest multiple of 36 in a byte: the bytes above it would favour the first letters.
_LETTERS = bytes(_ALPHABET[value % 36] for value in range(256))
_UNEVEN = bytes(range(252, 256))


# Bytes asked for at once: some sixty tokens, of which a system call each would cost as much as
# all else that opening does to the table.
_AT_ONCE = 1024


class Tokens:
    """Makes tokens: call it. Letters that it has ready are in no token yet, and will be in one.

    Not to be used on both sides of a fork, which would make the same tokens.
    """

    def __init__(self, random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._random_bytes = random_bytes
        self._ready: list[str] = []

    def __call__(self) -> str:
        """Make a token in which each character is as likely as any other."""
        while not self._ready:
            self._prepare()
        return self._ready.pop()

    def _prepare(self) -> None:
        letters = self._random_bytes(_AT_ONCE).translate(_LETTERS, _UNEVEN).decode("ascii")
        whole = len(letters) - len(letters) % LENGTH
        self._ready = [letters[at : at + LENGTH] for at in range(0, whole, LENGTH)]
