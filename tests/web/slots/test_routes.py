"""Tests of `hangerd.web.slots.routes`: every route and answer, legacy and version 2."""

from __future__ import annotations

import re
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import SlotsSettings
from tests.web.harness import Answer, Client, Daemon

STANDING = {
    "hanger-protocol": "2",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "access-control-allow-origin": "*",
    "server": "hangerd",
}


URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
PLAIN = {"Content-Type": "text/plain"}


class SlotsTestCase(SynchronousTestCase):
    settings = SlotsSettings()

    def setUp(self) -> None:
        self.daemon = Daemon(self, slots=self.settings)
        self.clock = self.daemon.clock

    def post(self, token: str, route: str, body: bytes = b"", **kwargs: Any) -> Answer:
        return self.daemon.ask("POST", f"/hanger/{token}/{route}", body, **kwargs)

    def read(self, token: str, query: str = "") -> Client:
        return self.daemon.start("POST", f"/hanger/{token}/read/{query}")

    def assertRefused(self, answer: Answer, status: int, code: str) -> None:
        """A refusal is JSON that says what it is, and what to do; and has all standing headers."""
        self.assertEqual((answer.status, answer.json["error"]), (status, code))
        self.assertEqual(set(answer.json), {"error", "message", "remedy"})
        self.assertTrue(answer.json["message"])
        self.assertTrue(answer.json["remedy"])
        self.assertStanding(answer)

    def assertStanding(self, answer: Answer) -> None:
        self.assertEqual({name: answer.header(name) for name in STANDING}, STANDING)


class LegacyTests(SlotsTestCase):
    """The four requests of the Brython Runner."""

    def setUp(self) -> None:
        super().setUp()
        self.token = self.daemon.open()

    def test_open(self) -> None:
        answer = self.daemon.ask("POST", "/hanger/open/")
        self.assertEqual(answer.status, 200)
        self.assertIsNotNone(re.fullmatch("[a-z0-9]{16}", answer.text))
        self.assertStanding(answer)

    def test_open_ignores_a_body(self) -> None:
        token = self.daemon.ask("POST", "/hanger/open/", b"ignored").text
        self.assertTrue(self.read(token).waiting)

    def test_open_filled(self) -> None:
        token = self.daemon.ask("POST", "/hanger/open/?value", b"given").text
        self.assertEqual(self.read(token).answer.text, "given")

    def test_write_answers_the_token(self) -> None:
        answer = self.post(self.token, "write/", b"x")
        self.assertEqual((answer.status, answer.text), (200, self.token))
        self.assertStanding(answer)

    def test_write_then_read(self) -> None:
        self.post(self.token, "write/", "größer €\n".encode())
        answer = self.read(self.token).answer
        self.assertEqual((answer.status, answer.text), (200, "größer €\n"))
        self.assertStanding(answer)
        self.assertIsNone(answer.header("hanger-lease"))

    def test_read_then_write(self) -> None:
        reader = self.read(self.token)
        self.assertTrue(reader.waiting)
        self.post(self.token, "write/", b"")
        self.assertEqual((reader.answer.status, reader.answer.text), (200, ""))

    def test_used_up_by_reading(self) -> None:
        self.post(self.token, "write/", b"x")
        reader = self.read(self.token)
        late = self.read(self.token)
        self.clock.advance(0.25)
        self.assertRefused(late.answer, 404, "unknown_slot")
        reader.leave()
        self.assertRefused(self.post(self.token, "write/", b"x"), 404, "unknown_slot")
        self.assertEqual(self.daemon.counts["slots"], 0)

    def test_unknown(self) -> None:
        for route in ("read/", "write/", "close/", "ack/?lease=x"):
            self.assertRefused(self.post("0123456789abcdef", route), 404, "unknown_slot")
        self.assertRefused(self.daemon.ask("GET", "/hanger/0123456789abcdef/"), 404, "unknown_slot")
        self.assertRefused(self.post("short", "read/"), 404, "http_404")

    def test_slash_is_optional_and_never_redirected(self) -> None:
        token = self.daemon.ask("POST", "/hanger/open").text
        self.assertEqual(self.post(token, "write", b"x").status, 200)
        self.assertEqual(self.read(token, "").answer.status, 200)
        self.assertEqual(self.daemon.ask("GET", "/hanger/sleep?duration=-1").status, 400)

    def test_an_address_of_us_with_a_slash_at_its_end(self) -> None:
        """The Brython Runner puts "/open/" behind what it was told."""
        token = self.daemon.ask("POST", "/hanger//open/").text
        self.assertEqual(self.post(f"/{token}", "write/", b"x").text, token)
        self.assertEqual(self.read(f"/{token}").answer.text, "x")
        self.assertEqual(self.daemon.ask("GET", "/hanger//sleep/?duration=-1").text, "-1")

    def test_other_slashes_too_many_are_not_redirected(self) -> None:
        for path in (f"{self.token}//write/", f"{self.token}//", "sleep//x", "open//x/"):
            for method in ("GET", "POST"):
                status = self.daemon.ask(method, f"/hanger/{path}").status
                self.assertNotIn(status, range(300, 400), path)
        self.assertRefused(self.post(f"{self.token}/", "write/"), 404, "http_404")

    def test_second_write(self) -> None:
        self.post(self.token, "write/", b"first")
        self.assertRefused(self.post(self.token, "write/", b"second"), 409, "already_written")
        self.assertEqual(self.read(self.token).answer.text, "first")

    def test_close_tells_the_reader(self) -> None:
        reader = self.read(self.token)
        self.assertEqual(self.post(self.token, "close/?reason=eof").status, 204)
        self.assertRefused(reader.answer, 410, "slot_ended")
        self.assertEqual(reader.answer.header("hanger-closed"), "eof")

    def test_a_reader_who_left_is_forgotten(self) -> None:
        reader = self.read(self.token)
        reader.leave(cleanly=False)
        self.assertEqual(self.daemon.counts["waiting"], 0)
        self.post(self.token, "write/", b"kept")
        self.assertEqual(self.read(self.token).answer.text, "kept")

    def test_a_value_lost_with_its_connection_comes_again(self) -> None:
        self.post(self.token, "write/", b"again")
        self.read(self.token).leave(cleanly=False)
        self.assertEqual(self.read(self.token).answer.text, "again")

    def test_other_readers_of_a_value_that_arrived_learn_it(self) -> None:
        first, second = self.read(self.token), self.read(self.token)
        self.post(self.token, "write/", b"x")
        first.leave()
        self.assertRefused(second.answer, 404, "unknown_slot")


class HopTests(SlotsTestCase):
    """A legacy read goes round by 307, nineteen times, and then holds."""

    def test_hops(self) -> None:
        token = self.daemon.open()
        query = ""
        for hop in range(1, 20):
            reader = self.read(token, query)
            self.clock.advance(24.9)
            self.assertTrue(reader.waiting)
            self.clock.advance(0.1)
            self.assertEqual((reader.answer.status, reader.answer.body), (307, b""))
            query = f"?hop={hop}"
            self.assertEqual(reader.answer.header("location"), query)
            self.assertStanding(reader.answer)
        last = self.read(token, query)
        self.clock.advance(100_000.0)
        self.assertTrue(last.waiting)
        self.post(token, "write/", b"at last")
        self.assertEqual(last.answer.text, "at last")

    def test_a_value_comes_on_any_hop(self) -> None:
        token = self.daemon.open()
        reader = self.read(token, "?hop=7")
        self.post(token, "write/", b"x")
        self.assertEqual(reader.answer.status, 200)

    def test_bad_hops(self) -> None:
        token = self.daemon.open()
        for query in ("?hop=x", "?hop=-1", "?hop=1&hop=2", "?hop=1.5", "?hop=" + "9" * 10):
            self.assertRefused(self.read(token, query).answer, 400, "bad_request")


class WithoutHopsTests(SlotsTestCase):
    settings = SlotsSettings(read_hop=0.0)

    def test_holds_plainly(self) -> None:
        token = self.daemon.open()
        reader = self.read(token)
        self.clock.advance(100_000.0)
        self.assertTrue(reader.waiting)

    def test_version_2_still_has_an_end(self) -> None:
        read, _ = self.daemon.open_split()
        reader = self.read(read)
        self.clock.advance(self.settings.longest_sleep)
        self.assertEqual(reader.answer.status, 204)

    def test_sleep(self) -> None:
        sleeper = self.daemon.start("GET", "/hanger/sleep/?duration=200")
        self.clock.advance(200.0)
        self.assertEqual(sleeper.answer.text, "200.00")


class SleepTests(SlotsTestCase):
    def sleep(self, query: str) -> Client:
        return self.daemon.start("GET", f"/hanger/sleep/{query}")

    def test_sleeps(self) -> None:
        sleeper = self.sleep("?duration=4")
        self.clock.advance(3.99)
        self.assertTrue(sleeper.waiting)
        self.clock.advance(0.01)
        self.assertEqual((sleeper.answer.status, sleeper.answer.text), (200, "4.00"))
        self.assertStanding(sleeper.answer)

    def test_not_at_all(self) -> None:
        sleeper = self.sleep("?duration=0")
        self.clock.advance(0)
        self.assertEqual(sleeper.answer.text, "0.00")

    def test_long_ones_go_round(self) -> None:
        """Followed to the end, the hops take as long as was asked for."""
        query, slept, hops = "?duration=60.5", 0.0, 0
        while True:
            sleeper = self.sleep(query)
            while sleeper.waiting:
                self.clock.advance(0.25)
                slept += 0.25
            if sleeper.answer.status == 200:
                break
            self.assertEqual(sleeper.answer.status, 307)
            self.assertStanding(sleeper.answer)
            query = sleeper.answer.header("location") or ""
            hops += 1
        self.assertEqual((slept, hops, sleeper.answer.text), (60.5, 2, "60.50"))

    def test_capped(self) -> None:
        sleeper = self.sleep("?duration=1e9&hop=11")
        self.clock.advance(25.0)
        self.assertEqual(sleeper.answer.text, "300.00")

    def test_what_is_no_duration(self) -> None:
        bad = ["", "?duration=", "?duration", "?duration=nan", "?duration=inf", "?duration=-1"]
        bad += ["?duration=1e309", "?duration=%20-0", "?duration=-0", "?duration=1_0", "?d=1"]
        bad += ["?duration=1&duration=1", "?duration=%ff", "?duration=" + "1" * 10_000]
        bad += ["?duration=1&hop=x", "?duration=0x1", "?duration=1,5", "?duration=%D9%A1"]
        for query in bad:
            answer = self.sleep(query).answer
            self.assertEqual((answer.status, answer.text), (400, "-1"), query)
            self.assertStanding(answer)
        self.assertEqual(self.daemon.counts["waiting"], 0)

    def test_a_stop_sends_nobody_on(self) -> None:
        sleeper = self.sleep("?duration=60")
        self.daemon.service.stopService()
        self.assertRefused(sleeper.answer, 503, "shutting_down")
        self.assertIsNone(sleeper.answer.header("location"))

    def test_cancelled_when_the_client_leaves(self) -> None:
        sleeper = self.sleep("?duration=20")
        self.assertEqual(self.daemon.counts["waiting"], 1)
        sleeper.leave()
        self.assertEqual(self.daemon.counts["waiting"], 0)


class SplitTests(SlotsTestCase):
    """Version 2."""

    def setUp(self) -> None:
        super().setUp()
        self.read_token, self.write_token = self.daemon.open_split()

    def write(self, body: bytes = b"value", query: str = "", **kwargs: Any) -> Answer:
        return self.post(self.write_token, f"write/{query}", body, **kwargs)

    def lease(self) -> str:
        header = self.read(self.read_token).answer.header("hanger-lease") or ""
        return header.partition(";")[0]

    def test_open(self) -> None:
        answer = self.daemon.ask("POST", "/hanger/open/?v=2&ttl=90")
        self.assertEqual(set(answer.json), {"read", "write", "ttl"})
        self.assertEqual(answer.json["ttl"], 90.0)
        self.assertNotEqual(answer.json["read"], answer.json["write"])
        self.assertStanding(answer)

    def test_open_filled(self) -> None:
        told = self.daemon.ask("POST", "/hanger/open/?v=2&value", b"given").json
        self.assertEqual(self.read(told["read"]).answer.text, "given")

    def test_open_refuses(self) -> None:
        for query in ("?v=3", "?v=", "?ttl=0", "?ttl=x", "?ttl=-1", "?ttl=nan", "?v=2&v=2"):
            self.assertRefused(self.daemon.ask("POST", f"/hanger/open/{query}"), 400, "bad_request")

    def test_write_says_the_state(self) -> None:
        self.assertEqual(self.write().json, {"state": "stored"})
        self.assertRefused(self.write(), 409, "already_written")
        self.assertEqual(self.write(b"other", "?replace").json, {"state": "stored"})
        self.assertRefused(self.write(b"other", "?replace=0"), 409, "already_written")
        self.assertEqual(self.read(self.read_token).answer.text, "other")
        self.assertRefused(self.write(b"more", "?replace"), 409, "already_written")

    def test_write_to_who_waits(self) -> None:
        reader = self.read(self.read_token)
        self.assertEqual(self.write().json, {"state": "leased"})
        self.assertEqual(reader.answer.text, "value")

    def test_read_and_ack(self) -> None:
        self.write()
        answer = self.read(self.read_token).answer
        self.assertEqual((answer.status, answer.text), (200, "value"))
        lease, _, seconds = (answer.header("hanger-lease") or "").partition("; ")
        self.assertEqual(seconds, "seconds=30")
        for _ in range(2):
            acked = self.post(self.read_token, f"ack/?lease={lease}")
            self.assertEqual((acked.status, acked.body), (204, b""))
            self.assertStanding(acked)
        self.assertRefused(self.read(self.read_token).answer, 410, "slot_ended")
        self.assertRefused(self.write(), 410, "slot_ended")

    def test_nothing_yet(self) -> None:
        for query, seconds in (
            ("?wait=0", 0.0),
            ("?wait=3.5", 3.5),
            ("", 25.0),
            ("?wait=99", 25.0),
        ):
            reader = self.read(self.read_token, query)
            self.clock.advance(seconds)
            self.assertEqual((reader.answer.status, reader.answer.body), (204, b""))
            self.assertEqual(reader.answer.header("hanger-state"), "open")
            self.assertStanding(reader.answer)

    def test_a_hop_means_nothing_here(self) -> None:
        reader = self.read(self.read_token, "?hop=x")
        self.clock.advance(25.0)
        self.assertEqual(reader.answer.status, 204)

    def test_bad_waits(self) -> None:
        for query in ("?wait=x", "?wait=-1", "?wait=inf", "?wait=1&wait=2"):
            self.assertRefused(self.read(self.read_token, query).answer, 400, "bad_request")

    def test_a_lease_that_ran_out(self) -> None:
        self.write(bytes(range(256)), headers={"Content-Type": "application/x-thing"})
        lease = self.lease()
        waiting = self.read(self.read_token, "?wait=20")
        self.clock.advance(20.0)
        self.assertEqual(waiting.answer.header("hanger-state"), "leased")
        self.clock.advance(10.0)
        self.assertEqual(self.read(self.read_token).answer.body, bytes(range(256)))
        self.assertRefused(self.post(self.read_token, f"ack/?lease={lease}"), 409, "lease_ended")

    def test_the_same_lease_again(self) -> None:
        self.write()
        lease = self.lease()
        again = self.read(self.read_token, f"?lease={lease}").answer
        self.assertEqual(again.header("hanger-lease"), f"{lease}; seconds=30")
        self.assertEqual(again.text, "value")

    def test_ack_wants_a_lease(self) -> None:
        for query in ("", "?lease=", "?lease=a&lease=b"):
            self.assertRefused(self.post(self.read_token, f"ack/{query}"), 400, "bad_request")
        self.assertRefused(self.post(self.read_token, "ack/?lease=x"), 409, "lease_ended")

    def test_tokens_have_roles(self) -> None:
        for token, route in (
            (self.write_token, "read/"),
            (self.write_token, "ack/?lease=x"),
            (self.read_token, "write/"),
        ):
            self.assertRefused(self.post(token, route), 403, "wrong_token")

    def test_wait_for_the_ack(self) -> None:
        writer = self.daemon.start(
            "POST", f"/hanger/{self.write_token}/write/?wait=acked&timeout=9", b"x"
        )
        self.assertTrue(writer.waiting)
        lease = self.lease()
        self.assertTrue(writer.waiting)
        self.post(self.read_token, f"ack/?lease={lease}")
        self.assertEqual(writer.answer.json, {"state": "acked"})

    def test_wait_for_an_ack_that_does_not_come(self) -> None:
        for query, seconds in (("&timeout=9", 9.0), ("", 25.0), ("&timeout=1e6", 25.0)):
            _, write = self.daemon.open_split()
            writer = self.daemon.start("POST", f"/hanger/{write}/write/?wait=acked{query}", b"x")
            self.clock.advance(seconds)
            self.assertEqual(writer.answer.json, {"state": "stored"})

    def test_stored_though_nobody_may_wait(self) -> None:
        """The write was done; who is answered with an error would write again."""
        daemon = Daemon(self, slots=SlotsSettings(max_held=1, max_held_per_client=1))
        read, write = daemon.open_split()
        daemon.start("GET", "/hanger/sleep/?duration=9")
        answer = daemon.ask("POST", f"/hanger/{write}/write/?wait=acked", b"kept")
        self.assertEqual((answer.status, answer.json), (200, {"state": "stored"}))
        self.assertEqual(daemon.ask("POST", f"/hanger/{read}/read/").text, "kept")

    def test_wait_for_an_ack_of_what_is_closed(self) -> None:
        writer = self.daemon.start("POST", f"/hanger/{self.write_token}/write/?wait=acked", b"x")
        self.post(self.read_token, "close/?reason=interrupt")
        self.assertRefused(writer.answer, 410, "slot_ended")
        self.assertEqual(writer.answer.header("hanger-closed"), "interrupt")

    def test_bad_watches_write_nothing(self) -> None:
        for query in ("?wait=read", "?wait=", "?wait=acked&timeout=x", "?timeout=-1"):
            self.assertRefused(self.write(b"x", query), 400, "bad_request")
        self.assertEqual(self.daemon.counts["stored"], 0)

    def test_state(self) -> None:
        def look(token: str) -> Any:
            return self.daemon.ask("GET", f"/hanger/{token}/").json

        for token in (self.read_token, self.write_token):
            self.assertEqual(look(token), {"state": "open", "readers": 0, "ttl": 3600.0})
        reader = self.read(self.read_token)
        self.assertEqual(look(self.read_token), {"state": "open", "readers": 1, "ttl": None})
        self.write(b"secret")
        self.assertEqual(look(self.write_token), {"state": "leased", "readers": 0, "ttl": 30.0})
        reader.leave(cleanly=False)
        self.assertEqual(look(self.write_token), {"state": "stored", "readers": 0, "ttl": 300.0})
        self.post(self.read_token, "close/?reason=eof")
        self.assertEqual(
            look(self.write_token),
            {"state": "closed", "readers": 0, "ttl": None, "reason": "eof"},
        )

    def test_state_when_acked(self) -> None:
        self.write()
        watcher = self.daemon.start("GET", f"/hanger/{self.write_token}/?wait=acked")
        lease = self.lease()
        self.assertTrue(watcher.waiting)
        self.post(self.read_token, f"ack/?lease={lease}")
        self.assertEqual(watcher.answer.json["state"], "acked")

    def test_close(self) -> None:
        for method, route in (("POST", "close/"), ("DELETE", ""), ("DELETE", "?reason=cancel")):
            for side in (0, 1):
                tokens = self.daemon.open_split()
                reader = self.read(tokens[0])
                closed = self.daemon.ask(method, f"/hanger/{tokens[side]}/{route}")
                self.assertEqual((closed.status, closed.body), (204, b""))
                self.assertEqual(reader.answer.header("hanger-closed"), "cancel")
                self.assertEqual(reader.answer.header("hanger-state"), "closed")

    def test_every_reason_and_an_empty_line_differ(self) -> None:
        seen = set()
        for reason in ("eof", "interrupt", "cancel"):
            read, write = self.daemon.open_split()
            self.post(write, f"close/?reason={reason}", b"a beacon has a body")
            answer = self.read(read).answer
            seen.add((answer.status, answer.header("hanger-closed")))
        self.write(b"")
        answer = self.read(self.read_token).answer
        seen.add((answer.status, answer.header("hanger-closed")))
        self.assertEqual(seen, {(410, "eof"), (410, "interrupt"), (410, "cancel"), (200, None)})

    def test_bad_reason(self) -> None:
        self.assertRefused(self.post(self.read_token, "close/?reason=x"), 400, "bad_request")
        self.assertRefused(
            self.post(self.read_token, "close/?reason=eof&reason=eof"), 400, "bad_request"
        )


class AnswerFormTests(SlotsTestCase):
    """Writing by a form, for pages without JavaScript."""

    def test_forms(self) -> None:
        for body, headers, line in (
            (b"line=a+b%C3%A9", URLENCODED, "a bé"),
            (b"other=1&line=x", URLENCODED, "x"),
            (b"line=", URLENCODED, ""),
            (b"line=a=b\r\n", PLAIN, "a=b"),
            (b"line=\r\n", PLAIN, ""),
            ("line=é".encode(), PLAIN, "é"),
        ):
            read, write = self.daemon.open_split()
            answer = self.post(write, "answer/", body, headers=headers)
            self.assertEqual((answer.status, answer.body), (204, b""))
            self.assertEqual(self.read(read).answer.text, line)

    def test_no_such_forms(self) -> None:
        _, write = self.daemon.open_split()
        for body, headers in (
            (b"", URLENCODED),
            (b"other=1", URLENCODED),
            (b"line=1&line=2", URLENCODED),
            (b"line=\xff", URLENCODED),
            (b"a&" * 20 + b"line=x", URLENCODED),
            (b"\xff", PLAIN),
            (b"other=x", PLAIN),
        ):
            answer = self.post(write, "answer/", body, headers=headers)
            self.assertRefused(answer, 400, "bad_request")
        self.assertEqual(self.daemon.counts["stored"], 0)

    def test_refusals_are_those_of_writing(self) -> None:
        read, write = self.daemon.open_split()
        self.assertRefused(self.post(read, "answer/", b"line=x"), 403, "wrong_token")
        self.post(write, "answer/", b"line=x")
        self.assertRefused(self.post(write, "answer/", b"line=y"), 409, "already_written")


class ContentTypeTests(SlotsTestCase):
    def round_trip(self, body: bytes, content_type: str | None) -> Answer:
        token = self.daemon.open()
        headers = {} if content_type is None else {"Content-Type": content_type}
        self.post(token, "write/", body, headers=headers)
        return self.read(token).answer

    def test_text(self) -> None:
        for given in ("text/plain;charset=UTF-8", "text/html", "TEXT/HTML; x=y", None, ""):
            answer = self.round_trip(b"<script>", given)
            self.assertEqual(answer.text, "<script>")
            self.assertEqual(answer.header("hanger-content-type"), given or "")
            self.assertEqual(answer.header("x-content-type-options"), "nosniff")

    def test_other(self) -> None:
        for given in ("image/svg+xml", "application/json", "x", "texty/plain", "image/png;text/"):
            answer = self.round_trip(b"\x00\xff", given)
            self.assertEqual(answer.header("content-type"), "application/octet-stream")
            self.assertEqual(answer.header("hanger-content-type"), given)
            self.assertEqual(answer.body, b"\x00\xff")

    def test_forms_are_text(self) -> None:
        self.assertEqual(self.round_trip(b"x", "application/x-www-form-urlencoded").text, "x")

    def test_too_long(self) -> None:
        answer = self.post(self.daemon.open(), "write/", b"x", headers={"Content-Type": "a" * 256})
        self.assertRefused(answer, 400, "bad_request")


class RoutingTests(SlotsTestCase):
    def test_wrong_method(self) -> None:
        token = self.daemon.open()
        for method, path, allowed in (
            ("GET", "open/", "POST"),
            ("PUT", f"{token}/write/", "POST"),
            ("GET", f"{token}/read/", "POST"),
            ("POST", "sleep/", "GET, HEAD"),
            ("PATCH", f"{token}/", "DELETE, GET, HEAD"),
        ):
            answer = self.daemon.ask(method, f"/hanger/{path}")
            self.assertRefused(answer, 405, "http_405")
            self.assertEqual(answer.header("allow"), allowed)

    def test_nothing_there(self) -> None:
        for path in ("/hanger", "/hanger/", "/hanger/x/y/z", "/hanger/none.js", "/hanger/a/b.js"):
            self.assertRefused(self.daemon.ask("GET", path), 404, "http_404")

    def test_head(self) -> None:
        token = self.daemon.open()
        full = self.daemon.ask("GET", f"/hanger/{token}/")
        head = self.daemon.ask("HEAD", f"/hanger/{token}/")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.header("content-length"), full.header("content-length"))
        self.assertStanding(head)


class LimitTests(SlotsTestCase):
    settings = SlotsSettings(
        max_slots=3,
        max_slots_per_client=2,
        max_stored=100,
        max_stored_per_client=10,
        max_held_per_client=1,
        max_readers_per_slot=1,
        miss_budget=1,
    )

    def test_refused_with_a_time(self) -> None:
        tokens = [self.daemon.open() for _ in range(2)]
        full = self.daemon.ask("POST", "/hanger/open/")
        self.assertRefused(full, 429, "client_limit")
        self.assertGreater(int(full.header("retry-after") or 0), 0)
        self.assertRefused(self.post(tokens[0], "write/", b"x" * 11), 429, "client_limit")
        reader = self.read(tokens[0])
        self.assertRefused(self.read(tokens[0]).answer, 409, "too_many_readers")
        self.assertRefused(self.read(tokens[1]).answer, 429, "client_limit")
        self.assertRefused(self.daemon.ask("GET", "/hanger/sleep/?duration=1"), 429, "client_limit")
        self.post(tokens[0], "write/", b"x")
        self.assertEqual(reader.answer.text, "x")

    def test_misses(self) -> None:
        self.assertRefused(self.read("a" * 16).answer, 404, "unknown_slot")
        self.assertRefused(self.read("b" * 16).answer, 429, "too_many_misses")


class StopTests(SlotsTestCase):
    def test_who_waits_gets_503(self) -> None:
        reader = self.read(self.daemon.open())
        read, _ = self.daemon.open_split()
        waiting = [reader, self.read(read), self.daemon.start("GET", "/hanger/sleep/?duration=9")]
        self.daemon.service.stopService()
        for client in waiting:
            self.assertRefused(client.answer, 503, "shutting_down")
            self.assertEqual(client.answer.header("retry-after"), "2")
            self.assertTrue(client.wire.disconnecting)
