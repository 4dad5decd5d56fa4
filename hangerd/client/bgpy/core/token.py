"""Tokens, where bgpy has them."""

from hangerd.hosts.runners.python.standin import token_create

__all__ = ["token_create"]
