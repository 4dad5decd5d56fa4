"""Tests of `hangerd.web.cors`, and that its headers are on every answer under /hanger/."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import CorsSettings, SlotsSettings
from hangerd.web.cors import CorsPolicy
from tests.web.harness import Answer, Daemon

OURS, THEIRS = "https://ours.example", "https://theirs.example"
POLICIES = (
    CorsSettings(),
    CorsSettings(("*",)),
    CorsSettings((OURS,)),
    CorsSettings((OURS, "null")),
    CorsSettings((OURS, "http://localhost:8000"), credentials=True),
    CorsSettings(()),
)
LIMIT = 100

methods = st.one_of(
    st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH", "TRACE", "X"])
)
segments = st.one_of(
    st.sampled_from(
        ["", "open", "sleep", "read", "write", "ack", "close", "answer", "a" * 16, "client.js"]
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    st.sampled_from(["%ff", "%00", "%2f", "..", "%e2%82%ac", "*"]),
)
paths = st.lists(segments, max_size=4).map(lambda found: "/hanger/" + "/".join(found))
queries = st.one_of(
    st.just(""),
    st.sampled_from(["?v=2", "?duration=x", "?wait=0", "?lease=x", "?value", "?hop=19&wait=%ff"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map("?".__add__),
)
origins = st.sampled_from([None, "", "null", "*", OURS, OURS.upper(), THEIRS, "\xff", "x" * 300])
bodies = st.one_of(st.just(b""), st.binary(max_size=50), st.just(b"x" * (LIMIT + 1)))
policies = st.sampled_from(range(len(POLICIES)))


class PolicyTests(SynchronousTestCase):
    def test_anybody(self) -> None:
        policy = CorsPolicy(["*"], credentials=False)
        for origin in (None, b"null", b"https://any.example"):
            self.assertTrue(policy.allows(origin))
            told = dict(policy.headers(origin))
            self.assertEqual(told[b"Access-Control-Allow-Origin"], b"*")
            self.assertNotIn(b"Vary", told)

    def test_a_list(self) -> None:
        policy = CorsPolicy([OURS, "null"], credentials=False)
        for origin in (OURS.encode(), b"null"):
            self.assertTrue(policy.allows(origin))
            told = dict(policy.headers(origin))
            self.assertEqual(told[b"Access-Control-Allow-Origin"], origin)
            self.assertEqual(told[b"Vary"], b"Origin")
            self.assertNotIn(b"Access-Control-Allow-Credentials", told)
        for refused in (THEIRS.encode(), b"*", b"", OURS.encode() + b".example"):
            self.assertFalse(policy.allows(refused))
            self.assertEqual(policy.headers(refused), [(b"Vary", b"Origin")])

    def test_nobody_else_is_named_to_who_names_none(self) -> None:
        policy = CorsPolicy([OURS], credentials=True)
        self.assertTrue(policy.allows(None))
        self.assertEqual(policy.headers(None), [(b"Vary", b"Origin")])

    def test_credentials(self) -> None:
        told = dict(CorsPolicy([OURS], credentials=True).headers(OURS.encode()))
        self.assertEqual(told[b"Access-Control-Allow-Origin"], OURS.encode())
        self.assertEqual(told[b"Access-Control-Allow-Credentials"], b"true")

    def test_preflight(self) -> None:
        policy = CorsPolicy(["*"], credentials=False)
        told = dict(policy.preflight(None, private_network=False))
        self.assertIn(b"DELETE", told[b"Access-Control-Allow-Methods"])
        self.assertNotIn(b"Access-Control-Allow-Headers", told)
        self.assertNotIn(b"Access-Control-Allow-Private-Network", told)
        told = dict(policy.preflight(b"x-a, x-b", private_network=True))
        self.assertEqual(told[b"Access-Control-Allow-Headers"], b"x-a, x-b")
        self.assertEqual(told[b"Access-Control-Allow-Private-Network"], b"true")


class EveryAnswerTests(SynchronousTestCase):
    """Whatever is asked, the answer says who may read it."""

    def setUp(self) -> None:
        slots = SlotsSettings(max_body=LIMIT, max_slots=5, miss_budget=10**9)
        self.daemons = [Daemon(self, cors=policy, slots=slots) for policy in POLICIES]

    def assertCors(self, which: int, answer: Answer, origin: str | None) -> None:
        policy = POLICIES[which]
        allowed = answer.header("access-control-allow-origin")
        credentials = answer.header("access-control-allow-credentials")
        if policy.origins == ("*",):
            self.assertEqual((allowed, credentials), ("*", None))
        else:
            self.assertEqual(answer.header("vary"), "Origin")
            self.assertEqual(allowed, origin if origin in policy.origins else None)
            self.assertEqual(credentials, "true" if policy.credentials and allowed else None)
        if credentials:
            self.assertNotIn(allowed, {"*", "null"})
        if allowed:
            self.assertIn("Hanger-Lease", answer.header("access-control-expose-headers") or "")
        self.assertEqual(answer.header("hanger-protocol"), "2")
        self.assertEqual(answer.header("x-content-type-options"), "nosniff")
        self.assertEqual(answer.header("cache-control"), "no-store")

    @given(policies, methods, paths, queries, origins, bodies)
    @settings(max_examples=300)
    def test_any_request(
        self,
        which: int,
        method: str,
        path: str,
        query: str,
        origin: str | None,
        body: bytes,
    ) -> None:
        daemon = self.daemons[which]
        headers = {} if origin is None else {"Origin": origin}
        client = daemon.start(method, path + query, body, headers)
        if client.waiting:
            daemon.clock.advance(1000.0)
        self.assertCors(which, client.answer, origin)
        self.assertLess(client.answer.status, 504)
        self.assertNotEqual(client.answer.status, 500)
        allowed = origin is None or origin in POLICIES[which].origins
        if not allowed and POLICIES[which].origins != ("*",) and client.answer.status != 413:
            self.assertEqual(client.answer.status, 403)
        self.assertEqual(self.flushLoggedErrors(), [])
        client.leave()

    @given(policies, origins, st.sampled_from(["bad line", "bad header", "long header", "chunk"]))
    def test_what_the_parser_refuses(self, which: int, origin: str | None, what: str) -> None:
        head = b"POST /hanger/open/ HTTP/1.1\r\n"
        if origin is not None:
            head += b"Origin: %s\r\n" % origin.encode("latin-1")
        status, rest = {
            "bad line": (400, b""),
            "bad header": (400, b"bad\r\n\r\n"),
            "long header": (431, b"A: %s\r\n\r\n" % (b"x" * 20_000)),
            "chunk": (400, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        }[what]
        if what == "bad line":
            head, origin = b"BAD\r\n\r\n", None
        client = self.daemons[which].connect()
        client.send(head + rest)
        self.assertEqual(client.answer.status, status)
        self.assertCors(which, client.answer, origin)
        client.leave()

    def test_redirects_and_ends(self) -> None:
        for which, daemon in enumerate(self.daemons):
            token = daemon.open()
            for query, status in (("", 307), ("?hop=19", 503)):
                reader = daemon.start("POST", f"/hanger/{token}/read/{query}")
                daemon.clock.advance(25.0)
                if status == 503:
                    daemon.service.stopService()
                self.assertEqual(reader.answer.status, status)
                self.assertCors(which, reader.answer, None)

    def test_preflight(self) -> None:
        headers = {
            "Origin": OURS,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
            "Access-Control-Request-Private-Network": "true",
        }
        for which in range(5):
            answer = self.daemons[which].ask("OPTIONS", "/hanger/open/", headers=headers)
            self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(answer.header("access-control-allow-headers"), "content-type")
            self.assertEqual(answer.header("access-control-allow-private-network"), "true")
            self.assertEqual(answer.header("access-control-max-age"), "86400")
            self.assertCors(which, answer, OURS)
        refused = self.daemons[5].ask("OPTIONS", "/hanger/open/", headers=headers)
        self.assertEqual(refused.status, 403)
        self.assertIsNone(refused.header("access-control-allow-methods"))

    def test_nowhere_else(self) -> None:
        for path in ("/", "/-/health", "/hangers", "/-/none"):
            answer = self.daemons[0].ask("GET", path, headers={"Origin": OURS})
            self.assertEqual([name for name in answer.headers if name.startswith("access-")], [])
