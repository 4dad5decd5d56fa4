"""Tests of `hangerd.web.tally`: names of routes, none of which a stranger can choose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.access import Finished
from hangerd.web.tally import RequestTally, route_of

_ROUTES = {
    "/hanger/open/": "/hanger/open",
    "/hanger/open": "/hanger/open",
    "/hanger/*/read/": "/hanger/read",
    "/hanger/*/write": "/hanger/write",
    "/hanger/*/": "/hanger/",
    "/hanger/client.js": "/hanger/",
    "/hosts/": "/hosts/",
    "/hosts/render": "/hosts/",
    "/hosts/render/state": "/hosts/state",
    "/hosts/render/function/page": "/hosts/function",
    "/hosts/state/of/things/x": "/hosts/",
    "/-/health": "/-/health",
    "/-/run/games/guess.py": "/-/run",
    "/-/secret": "/-/",
    "/games/guess.py": "/",
    "/hangers/open/": "/",
    "/": "/",
    "": "/",
    "*": "/",
    "http://host/hanger/open/": "/",
}


class TallyTests(SynchronousTestCase):
    def test_routes(self) -> None:
        self.assertEqual({path: route_of(path) for path in _ROUTES}, _ROUTES)

    @given(st.lists(st.sampled_from(["hanger", "hosts", "-", "open", "state", "a", "%", ".."])))
    def test_a_route_is_one_of_ours(self, segments: list[str]) -> None:
        named = route_of("/" + "/".join(segments))
        self.assertIn(named, {*_ROUTES.values(), "/hosts/open", "/-/"})

    def test_counts_by_route_and_status(self) -> None:
        tally = RequestTally()
        for path, status in [("/hanger/*/read/", 200), ("/hanger/*/read/", 200), ("/", 404)]:
            tally.add(Finished("192.0.2.1", b"POST", path, status, 3, 0.1))
        self.assertEqual(dict(tally.counts), {("/hanger/read", 200): 2, ("/", 404): 1})
