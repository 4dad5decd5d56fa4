"""Tests of `hangerd.client.bgpy`: what is decided before a daemon is started."""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from io import StringIO
from unittest.mock import patch

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.bgpy import Client, Server, token_create
from hangerd.client.bgpy.__main__ import main
from hangerd.client.bgpy.places import control_token, known_token, state_dir
from hangerd.client.bgpy.server import TokenRequired


class ServerTests(SynchronousTestCase):
    def test_a_token_is_required_off_the_loopback(self) -> None:
        for host in ("0.0.0.0", "", "192.0.2.1"):
            with self.assertRaises(TokenRequired):
                Server(host, 50014).run_background()
            with self.assertRaises(ValueError):
                Server(host, 50014).run()

    def test_tokens(self) -> None:
        self.assertNotEqual(token_create(), token_create())
        self.assertGreaterEqual(len(token_create(8)), 8)
        self.assertGreaterEqual(len(control_token("x")), 16)
        self.assertNotIn("secret", control_token("secret"))

    def test_another_daemons_token_is_not_told(self) -> None:
        state = {"XDG_STATE_HOME": self.mktemp(), "HANGERD_TOKEN": "of another daemon"}
        with patch.dict(os.environ, state):
            self.assertNotEqual(known_token("127.0.0.1", 50014), "of another daemon")
            self.assertIn("127.0.0.1-50014", str(state_dir("127.0.0.1", 50014)))

    def test_for_people(self) -> None:
        self.assertEqual(repr(Client("h", 1, "secret")), "Client('h', 1)")
        self.assertIn("'h:1'", str(Client("h", 1)))
        self.assertEqual(repr(Server("h", 1, "secret")), "Server('h', 1)")
        self.assertIn("'h:1'", str(Server("h", 1)))

    def test_the_version(self) -> None:
        with redirect_stdout(StringIO()) as told:
            self.assertEqual(main(["version"]), 0)
        self.assertRegex(told.getvalue(), r"^hangerd \d")
