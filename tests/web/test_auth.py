"""Tests of `hangerd.web.auth`, at the one place that asks for the control token."""

from __future__ import annotations

import base64
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.web.harness import Answer, Daemon


def basic(password: str, user: str = "anybody") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class ControlTokenTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)
        self.token = self.daemon.token
        self.file = Path(str(self.daemon.settings.state_dir)) / "control-token"

    def ask(self, authorization: str | None = None, **headers: str) -> Answer:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if authorization is not None:
            told["Authorization"] = authorization
        return self.daemon.ask("GET", "/-/slots", headers=told, door="admin")

    def test_bearer(self) -> None:
        for scheme in ("Bearer", "bearer", "BEARER"):
            self.assertEqual(self.ask(f"{scheme} {self.token}").status, 200)
        self.assertEqual(self.ask(f"Bearer   {self.token} ").status, 200)

    def test_a_new_token_counts_at_once(self) -> None:
        self.file.write_text("a-new-token-0123456789\n")
        self.assertEqual(self.ask(f"Bearer {self.token}").status, 200)  # nobody has looked yet
        self.assertEqual(self.ask("Bearer a-new-token-0123456789").status, 200)
        self.assertEqual(self.ask(f"Bearer {self.token}").status, 401)

    def test_an_old_token_does_not_outlive_its_file_by_long(self) -> None:
        self.file.write_text("a-new-token-0123456789\n")
        self.daemon.clock.advance(1.0)
        self.assertEqual(self.ask(f"Bearer {self.token}").status, 401)

    def test_a_file_that_holds_no_token_changes_nothing(self) -> None:
        for text in ("", "short\n", "\u2013" * 20):
            self.file.write_text(text)
            self.assertEqual(self.ask("Bearer short").status, 401)
            self.assertEqual(self.ask(f"Bearer {self.token}").status, 200)
        self.file.unlink()
        self.assertEqual(self.ask("Bearer wrong").status, 401)
        self.assertEqual(self.ask(f"Bearer {self.token}").status, 200)

    def test_bearer_from_a_page(self) -> None:
        """A page that knows the token may use it: it did not get it from the browser."""
        answer = self.ask(f"Bearer {self.token}", Origin="https://a.example")
        self.assertEqual(answer.status, 200)

    def test_basic_for_programs(self) -> None:
        self.assertEqual(self.ask(basic(self.token)).status, 200)
        self.assertEqual(self.ask(basic(self.token), Sec_Fetch_Site="none").status, 200)

    def test_basic_never_from_a_page(self) -> None:
        for name, value in (
            ("Origin", "null"),
            ("Origin", ""),
            ("Sec_Fetch_Site", "same-origin"),
            ("Sec_Fetch_Site", "cross-site"),
            ("Sec_Fetch_Site", ""),
        ):
            self.assertEqual(self.ask(basic(self.token), **{name: value}).status, 401)

    def test_refused(self) -> None:
        for wrong in (
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            f"Bearer {self.token}x",
            f"Bearer {self.token[:-1]}",
            self.token,
            f"Digest {self.token}",
            basic("wrong"),
            basic("", self.token),
            "Basic !!!",
            "Basic \xe9",
            "Bearer \xe9",
        ):
            answer = self.ask(wrong)
            self.assertEqual((answer.status, answer.json["error"]), (401, "unauthorized"), wrong)
            self.assertEqual(answer.header("www-authenticate"), 'Bearer realm="hangerd"')
            self.assertNotIn(self.token, answer.body.decode())

    def test_cookies_never_count(self) -> None:
        self.assertEqual(self.ask(Cookie=f"token={self.token}").status, 401)

    def test_only_at_the_operators_door(self) -> None:
        answer = self.daemon.ask(
            "GET", "/-/slots", headers={"Authorization": f"Bearer {self.token}"}
        )
        self.assertEqual(answer.status, 404)
