"""Tests of `session`, `signed_in` and `own_page`: where a cookie lets whom in."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import HttpSettings, Settings
from hangerd.web.operator.signed_in import without_session
from tests.web.harness import Answer, Daemon

HOST = "127.0.0.1:9096"
ORIGIN = f"http://{HOST}"
# With HTTP/1.1 a cookie is only in one place: what the browser sends.
JSON = {"Content-Type": "application/json"}


class SessionTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self)
        self.token_file = Path(str(self.daemon.settings.state_dir)) / "control-token"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Ask as our own page does, but for the headers that are named; "" leaves one out."""
        told = {"Host": HOST, "Origin": ORIGIN, **JSON}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in told.items() if value}
        return self.daemon.ask(method, path, body, kept, door="admin")

    def sign_in(self, token: str | None = None, **headers: str) -> Answer:
        given = self.daemon.token if token is None else token
        body = json.dumps({"token": given}).encode()
        return self.ask("POST", "/-/session", body, **headers)

    def cookie(self, **headers: str) -> str:
        answer = self.sign_in(**headers)
        self.assertEqual(answer.status, 204)
        return (answer.header("set-cookie") or "").partition(";")[0]


class SignInTests(SessionTestCase):
    def test_the_cookie_is_strict(self) -> None:
        answer = self.sign_in()
        name, _, rest = (answer.header("set-cookie") or "").partition("=")
        token, *words = rest.split("; ")
        self.assertEqual(name, "hangerd-9096")
        self.assertGreaterEqual(len(token), 40)
        self.assertNotIn(self.daemon.token, rest)
        self.assertEqual(words, ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"])

    def test_whoever_signed_in_has_what_the_token_gives(self) -> None:
        cookie = self.cookie()
        for path in ("/-/session", "/-/slots", "/hosts/"):
            self.assertEqual(self.ask("GET", path, Cookie=cookie).status, 200, path)
            self.assertEqual(self.ask("GET", path).status, 401, path)

    def test_a_space_around_the_token_is_of_no_harm(self) -> None:
        self.assertEqual(self.sign_in(f" {self.daemon.token}\n").status, 204)

    def test_a_wrong_token(self) -> None:
        for wrong in ("", "wrong", self.daemon.token[:-1], "\udcff"):
            answer = self.sign_in(wrong)
            self.assertEqual(answer.status, 401)
            self.assertIsNone(answer.header("set-cookie"))

    def test_a_body_that_says_nothing(self) -> None:
        for body in (b"", b"{", b"[]", b'{"token": 1}', b'{"link": null}', b"[" * 100_000):
            self.assertEqual(self.ask("POST", "/-/session", body).status, 400, body[:20])
        right = json.dumps({"token": self.daemon.token}).encode()
        answer = self.ask("POST", "/-/session", right, Content_Type="text/plain")
        self.assertEqual(answer.status, 400)

    def test_who_guesses_has_to_wait_and_then_even_a_right_token_does(self) -> None:
        for _ in range(5):
            self.assertEqual(self.sign_in("wrong").status, 401)
        for token in ("wrong", self.daemon.token):
            answer = self.sign_in(token)
            self.assertEqual((answer.status, answer.header("retry-after")), (429, "10"))
        self.daemon.clock.advance(10.0)
        self.assertEqual(self.sign_in().status, 204)
        self.assertEqual(self.sign_in("wrong").status, 401)

    def test_nothing_secret_is_logged(self) -> None:
        cookie = self.cookie()
        self.sign_in("wrong-guess")
        self.ask("GET", "/-/slots", Cookie=cookie)
        said = repr(self.daemon.events)
        for secret in (self.daemon.token, cookie.partition("=")[2], "wrong-guess"):
            self.assertNotIn(secret, said)


class SignOutTests(SessionTestCase):
    def test_the_cookie_is_taken_back(self) -> None:
        cookie = self.cookie()
        answer = self.ask("DELETE", "/-/session", Cookie=cookie)
        self.assertEqual(answer.status, 204)
        self.assertIn("hangerd-9096=; Path=/; Max-Age=0", answer.header("set-cookie") or "")
        self.assertEqual(self.ask("GET", "/-/slots", Cookie=cookie).status, 401)

    def test_others_stay(self) -> None:
        left, kept = self.cookie(), self.cookie()
        self.ask("DELETE", "/-/session", Cookie=left)
        self.assertEqual(self.ask("GET", "/-/slots", Cookie=kept).status, 200)

    def test_who_was_not_signed_in(self) -> None:
        self.assertEqual(self.ask("DELETE", "/-/session").status, 204)

    def test_another_sign_in_of_a_browser_ends_the_one_before(self) -> None:
        before = self.cookie()
        self.cookie(Cookie=before)
        self.assertEqual(self.ask("GET", "/-/slots", Cookie=before).status, 401)

    def test_a_new_control_token_signs_everybody_out(self) -> None:
        cookies = [self.cookie(), self.cookie()]
        self.token_file.write_text("a-new-token-0123456789\n")
        self.daemon.clock.advance(1.0)
        for cookie in cookies:
            self.assertEqual(self.ask("GET", "/-/slots", Cookie=cookie).status, 401)
        self.assertEqual(self.sign_in().status, 401)
        self.assertEqual(self.sign_in("a-new-token-0123456789").status, 204)

    def test_a_session_ends_by_itself(self) -> None:
        cookie = self.cookie()
        self.daemon.clock.advance(12 * 3600.0)
        self.assertEqual(self.ask("GET", "/-/slots", Cookie=cookie).status, 401)


class OwnPageTests(SessionTestCase):
    """What may not be done with a cookie that is good."""

    OTHERS = ("http://127.0.0.1:9095", "https://127.0.0.1:9096", "http://evil.example", "null")

    def test_a_change_from_another_origin(self) -> None:
        cookie = self.cookie()
        for origin in (*self.OTHERS, ""):
            answer = self.ask("POST", "/hosts/x/start", Cookie=cookie, Origin=origin)
            self.assertEqual(answer.status, 401, origin)
        self.assertEqual(self.ask("POST", "/hosts/x/start", Cookie=cookie).status, 404)

    def test_reading_from_another_origin(self) -> None:
        cookie = self.cookie()
        for origin in self.OTHERS:
            self.assertEqual(self.ask("GET", "/hosts/", Cookie=cookie, Origin=origin).status, 401)
        for site, status in (
            ("same-origin", 200),
            ("none", 200),
            ("same-site", 401),
            ("cross-site", 401),
        ):
            answer = self.ask("GET", "/hosts/", Cookie=cookie, Origin="", Sec_Fetch_Site=site)
            self.assertEqual(answer.status, status, site)

    def test_a_name_that_is_not_ours(self) -> None:
        """DNS may lead any name to us, and such a page is of our origin then."""
        cookie = self.cookie()
        for host in ("rebound.example:9096", "", "127.0.0.1.evil.example:9096", "[::2]:9096"):
            told = {"Host": host or " ", "Origin": f"http://{host}", "Cookie": cookie}
            for method, path in (("GET", "/hosts/"), ("POST", "/hosts/x/start")):
                self.assertEqual(self.ask(method, path, b"", **told).status, 401, host)
            self.assertEqual(self.sign_in(Host=host or " ", Origin=f"http://{host}").status, 403)

    def test_sign_in_and_out_are_for_our_page_alone(self) -> None:
        cookie = self.cookie()
        for origin in (*self.OTHERS, ""):
            answer = self.sign_in(Origin=origin)
            self.assertEqual(answer.status, 403, origin)
            self.assertIsNone(answer.header("set-cookie"))
            self.assertEqual(
                self.ask("DELETE", "/-/session", Cookie=cookie, Origin=origin).status, 403
            )
        self.assertEqual(self.ask("GET", "/-/slots", Cookie=cookie).status, 200)

    def test_the_names_of_the_loopback_are_ours(self) -> None:
        for host in ("localhost:9096", "LOCALHOST:9096", "[::1]:9096", "127.0.0.1"):
            self.assertEqual(self.sign_in(Host=host, Origin=f"http://{host}").status, 204, host)

    def test_a_header_counts_before_the_cookie(self) -> None:
        cookie = self.cookie()
        answer = self.ask("GET", "/-/slots", Cookie=cookie, Authorization="Bearer wrong")
        self.assertEqual(answer.status, 401)
        bearer = f"Bearer {self.daemon.token}"
        answer = self.ask("GET", "/-/slots", Origin="http://a.example", Authorization=bearer)
        self.assertEqual(answer.status, 200)

    def test_no_cookie_counts_at_the_public_door(self) -> None:
        cookie = self.cookie()
        told = {"Host": HOST, "Origin": ORIGIN, "Cookie": cookie}
        for path in ("/hosts/", "/-/slots", "/-/session"):
            self.assertIn(self.daemon.ask("GET", path, headers=told).status, (401, 404))


class WithoutSessionTests(SynchronousTestCase):
    def test_ours_alone_is_taken_out(self) -> None:
        for cookies, kept in (
            (b"", b""),
            (b"a=1; b=2", b"a=1; b=2"),
            (b"a=1;hangerd-9096=x; b=hangerd-", b"a=1; b=hangerd-"),
            (b"__Host-hangerd-session=x; a=1", b"a=1"),
            (b"hangerd-9096=x", b""),
        ):
            self.assertEqual(without_session(cookies), kept)


class BehindAProxyTests(SessionTestCase):
    def setUp(self) -> None:
        settings = Settings(allowed_hosts=("admin.example",))
        http = HttpSettings(trusted_proxies=("192.0.2.7",))
        self.daemon = Daemon(self, settings=settings, http=http)
        self.told = {"Host": "admin.example", "Origin": "https://admin.example"}

    def test_https_is_known_from_the_proxy(self) -> None:
        answer = self.sign_in(**self.told, X_Forwarded_Proto="https")
        self.assertEqual(answer.status, 204)
        cookie = answer.header("set-cookie") or ""
        self.assertTrue(cookie.startswith("__Host-hangerd-session="), cookie)
        self.assertTrue(cookie.endswith("; Secure"), cookie)
        told = {**self.told, "Cookie": cookie.partition(";")[0]}
        self.assertEqual(
            self.ask("GET", "/-/slots", b"", **told, X_Forwarded_Proto="https").status, 200
        )

    def test_http_is_another_origin(self) -> None:
        self.assertEqual(self.sign_in(**self.told, X_Forwarded_Proto="http").status, 403)
        self.assertEqual(self.sign_in(**self.told).status, 403)

    def test_the_loopback_is_ours_no_more(self) -> None:
        self.assertEqual(self.sign_in().status, 403)


class LinkTests(SessionTestCase):
    def setUp(self) -> None:
        self.patch(sys, "__stdout__", StringIO())
        self.daemon = Daemon(self, settings=Settings(print_link=True))
        said = cast(StringIO, sys.__stdout__).getvalue()
        self.link = said.partition("#")[2].strip()
        self.assertTrue(said.endswith(f"hangerd: http://127.0.0.1:9096/#{self.link}\n"), said)
        self.assertGreaterEqual(len(self.link), 40)

    def open(self, link: str) -> Answer:
        return self.ask("POST", "/-/session", json.dumps({"link": link}).encode())

    def test_good_once(self) -> None:
        first, second = (self.open(self.link) for _ in range(2))
        self.assertEqual((first.status, second.status), (204, 401))
        self.assertIn("used up", second.json["message"])

    def test_good_for_ten_minutes(self) -> None:
        self.daemon.clock.advance(600.0)
        self.assertEqual(self.open(self.link).status, 401)

    def test_it_is_no_token_and_no_token_is_one(self) -> None:
        self.assertEqual(self.open(self.daemon.token).status, 401)
        self.assertEqual(self.sign_in(self.link).status, 401)

    def test_it_is_in_no_log(self) -> None:
        self.open(self.link)
        self.assertNotIn(self.link, repr(self.daemon.events))


class StartPageTests(SessionTestCase):
    def test_it_is_framed_by_nobody_and_loads_nothing_of_others(self) -> None:
        answer = self.ask("GET", "/")
        self.assertEqual(answer.status, 200)
        policy = answer.header("content-security-policy") or ""
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'self';"), policy)
        self.assertIn("frame-ancestors 'none'", policy)
        for name, value in (
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
        ):
            self.assertEqual(answer.header(name), value)

    def test_it_holds_no_code_of_its_own(self) -> None:
        page = self.ask("GET", "/").body.decode()
        for word in ("style=", "<style", " onclick", "javascript:"):
            self.assertNotIn(word, page)
        self.assertEqual(page.count("<script"), page.count('<script type="module" src='))

    def test_it_is_the_only_one(self) -> None:
        for path in ("/x", "/index.html", "/-/none"):
            self.assertEqual(self.ask("GET", path).status, 404, path)
        self.assertEqual(self.ask("POST", "/").status, 405)
