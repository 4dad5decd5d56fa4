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


def new_token(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Make a token in which each character is as likely as any other."""
    letters = b""
    while len(letters) < LENGTH:
        letters += random_bytes(2 * LENGTH).translate(_LETTERS, _UNEVEN)
    return letters[:LENGTH].decode("ascii")
