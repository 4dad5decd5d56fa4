"""Tests of `hangerd.dashboard.link`."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.link import LinkService


class LinkServiceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.later: list[Callable[[], None]] = []
        self.said: list[str] = []

    def start(self, *urls: str) -> LinkService:
        service = LinkService(self.later.append, lambda: urls, lambda: "word", self.said.append)
        service.startService()
        return service

    def test_printed_when_somebody_is_served(self) -> None:
        self.start("http://127.0.0.1:9096/", "http://[::1]:9096/")
        self.assertEqual(self.said, [])
        self.later[0]()
        [said] = self.said
        self.assertTrue(said.endswith("hangerd: http://127.0.0.1:9096/#word\n"), said)

    def test_a_port_at_all_addresses(self) -> None:
        for url, here in (
            ("http://0.0.0.0:9096/", "http://127.0.0.1:9096/"),
            ("https://[::]:9096/", "https://[::1]:9096/"),
        ):
            self.start(url)
            self.later.pop()()
            self.assertIn(f" {here}#word", self.said.pop())

    def test_nothing_without_a_door(self) -> None:
        self.start()
        self.later[0]()
        self.assertEqual(self.said, [])

    def test_nothing_when_it_stopped_before(self) -> None:
        self.start("http://127.0.0.1:9096/").stopService()
        self.later[0]()
        self.assertEqual(self.said, [])
