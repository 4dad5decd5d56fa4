"""Call tokens are good for one host, and say nothing of the control token."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.control import ControlSecret
from hangerd.hosts.tokens import EVERYTHING, CallTokens


class Tokens(SynchronousTestCase):
    def test_each_opens_its_own_host(self) -> None:
        tokens = CallTokens(ControlSecret("control-token-0123"))
        self.assertEqual(tokens.good_for("control-token-0123"), EVERYTHING)
        self.assertEqual(tokens.good_for(tokens.of("render")), "render")
        self.assertNotEqual(
            tokens.of("render"), CallTokens(ControlSecret("another-control-99")).of("render")
        )
        self.assertIsNone(
            CallTokens(ControlSecret("another-control-99")).good_for(tokens.of("render"))
        )
        self.assertIsNone(tokens.good_for(tokens.of("render").replace("render", "other")))

    @given(st.text())
    def test_nothing_else_opens_anything(self, text: str) -> None:
        self.assertIsNone(CallTokens(ControlSecret("control-token-0123")).good_for(text))
