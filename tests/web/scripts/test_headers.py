"""Tests of `hangerd.web.scripts.headers`."""

from __future__ import annotations

from typing import Final

from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.channel.head import Fields
from hangerd.web.scripts.headers import SaidBefore, said_by

PAGE: Final = b"text/html,*/*;q=0.8"


def said_of(**fields: list[bytes]) -> tuple[object, ...]:
    return said_by((name.encode(), values) for name, values in fields.items())


class SaidByTests(SynchronousTestCase):
    def test_all_fields_as_text(self) -> None:
        said = said_of(Host=[b"a:1"], Accept=[b"*/*", PAGE], X=[b"\xe4", b""])
        pairs = (
            ("Host", "a:1"), ("Accept", "*/*"), ("Accept", PAGE.decode()), ("X", "ä"), ("X", "")
        )  # fmt: skip
        self.assertEqual(said, (pairs, "a:1", True))

    def test_what_is_not_there(self) -> None:
        self.assertEqual(said_of(), ((), "", False))

    def test_no_page_for_who_takes_anything(self) -> None:
        for accept in (b"*/*", b"text/html;q=0", b"text/plain"):
            self.assertFalse(said_of(Accept=[accept])[2])

    def test_without_the_cookie_of_the_admin_door(self) -> None:
        cookies = [b"hangerd-session=secret; a=1", b"hangerd-session=secret"]
        said = said_of(Cookie=cookies)
        self.assertEqual(said[0], (("Cookie", "a=1"),))


class SaidBeforeTests(SynchronousTestCase):
    def test_the_same_fields_are_read_once(self) -> None:
        before = SaidBefore()
        fields: Fields = {b"Host": [b"a"]}
        first = before.by(fields)
        self.assertIs(before.by(fields), first)
        self.assertEqual(before.by({b"Host": [b"b"]}).host, "b")

    def test_fields_that_are_gone_are_taken_for_no_others(self) -> None:
        before = SaidBefore()
        for number in range(1000):  # each is gone before the next is made, but for what is kept
            self.assertEqual(before.by({b"Host": [b"%d" % number]}).host, str(number))

    def test_no_more_than_some_are_kept(self) -> None:
        before = SaidBefore()
        first: Fields = {b"Host": [b"a"]}
        said = before.by(first)
        for _ in range(100):
            before.by({b"Host": [b"b"]})
        self.assertIsNot(before.by(first), said)
        self.assertEqual(before.by(first), said)
