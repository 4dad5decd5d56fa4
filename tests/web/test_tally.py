"""Tests of `hangerd.web.tally`: names of routes, none of which a stranger can choose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.web.access import Finished
from hangerd.web.tally import RequestTally, route_of

_ROUTES = {
    b"/hanger/open/": "/hanger/open",
    b"/hanger/open": "/hanger/open",
    b"/hanger/aaaaaaaaaaaaaaaa/read/": "/hanger/read",
    b"/hanger/aaaaaaaaaaaaaaaa/write": "/hanger/write",
    b"/hanger/aaaaaaaaaaaaaaaa/": "/hanger/",
    b"/hanger/client.js": "/hanger/",
    b"/hosts/": "/hosts/",
    b"/hosts/render": "/hosts/",
    b"/hosts/render/state": "/hosts/state",
    b"/hosts/render/function/page": "/hosts/function",
    b"/hosts/state/of/things/x": "/hosts/",
    b"/-/health": "/-/health",
    b"/-/run/games/guess.py": "/-/run",
    b"/-/secret": "/-/",
    b"/games/guess.py": "/",
    b"/hangers/open/": "/",
    b"/": "/",
    b"": "/",
    b"*": "/",
    b"http://host/hanger/open/": "/",
}


class TallyTests(SynchronousTestCase):
    def test_routes(self) -> None:
        self.assertEqual({path: route_of(path) for path in _ROUTES}, _ROUTES)

    @given(st.lists(st.sampled_from(b"hanger hosts - open state a % ..".split())))
    def test_a_route_is_one_of_ours(self, segments: list[bytes]) -> None:
        named = route_of(b"/" + b"/".join(segments))
        self.assertIn(named, {*_ROUTES.values(), "/hosts/open", "/-/"})

    def test_counts_by_route_and_status(self) -> None:
        tally = RequestTally()
        for path, status in [(b"/hanger/x/read/", 200), (b"/hanger/y/read/", 200), (b"/", 404)]:
            tally.add(Finished("192.0.2.1", b"POST", path, status, 3, 0.1))
        self.assertEqual(dict(tally.counts), {("/hanger/read", 200): 2, ("/", 404): 1})
