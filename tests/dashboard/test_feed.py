"""Tests of `hangerd.dashboard.feed` and `picture`, with slots that are real and nothing else."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, cast

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.dashboard.feed import BEAT, STEP, STEPS, Feed
from hangerd.dashboard.picture import Picture
from hangerd.hosts.service import HostsService
from hangerd.slots.limits import SlotLimits
from hangerd.slots.service import SlotsService
from hangerd.slots.slot import Value


class FakeHosts:
    """Hosts by name, as `HostsService.describe` tells of them."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Any:
        return iter(sorted(self.told))

    def describe(self, name: str) -> dict[str, Any]:
        return self.told[name]

    def put(self, name: str, *, calls: int = 0, mean: float = 0.0, memory: int = 0) -> None:
        keys = ("kind", "state", "reason", "reload_error", "last_exit", "restarts", "waiting")
        one = {"number": 1, "state": "ready", "pid": 7, "started": 1.5, "uptime": 0.0}
        self.told[name] = dict.fromkeys(keys, "") | {
            "leases": 0,
            "functions": ["f"],
            "calls": calls,
            "faults": {},
            "latency": {"mean": mean, "p99": mean},
            "instances": [one | {"in_flight": 0, "memory": memory, "lag": None}],
        }


class FakeViewer:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.ended = False

    def send(self, event: bytes) -> None:
        lines = dict(line.split(": ", 1) for line in event.decode().splitlines() if line)
        self.events.append((lines["event"], json.loads(lines["data"])))

    def end(self) -> None:
        self.ended = True

    def named(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data in self.events if event == name]


class FeedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        numbers = count()
        self.slots = SlotsService(self.clock, lambda: f"token{next(numbers)}", SlotLimits())
        self.hosts = FakeHosts()
        hosts = cast(HostsService, self.hosts)
        self.beats = 0
        picture = Picture(self.clock.seconds, self.slots, hosts, None, lambda: [])
        self.feed = Feed(self.clock, picture, self.beat)
        self.feed.startService()
        self.addCleanup(self.feed.stopService)

    def beat(self) -> None:
        self.beats += 1

    def pass_time(self, seconds: int) -> None:
        self.clock.pump([1.0] * seconds)

    def join(self) -> FakeViewer:
        viewer = FakeViewer()
        self.feed.join(viewer)
        return viewer

    def write(self) -> None:
        self.slots.write(self.slots.open("c").write, Value(b"x"), "c")

    def test_everything_at_first(self) -> None:
        self.pass_time(3)
        self.slots.open("c")
        viewer = self.join()
        [(name, told)] = viewer.events
        self.assertEqual(
            (name, told["now"], set(told["picture"])), ("picture", 3.0, {"daemon", "slots"})
        )
        self.assertEqual(told["picture"]["slots"]["slots"], 1)
        self.assertEqual(told["history"], {"every": STEP, "steps": STEPS, "count": 0, "series": {}})

    def test_nothing_while_nothing_happens_but_signs_of_life(self) -> None:
        self.hosts.put("h", memory=100 * 1024**2)
        self.pass_time(2 * STEP)
        viewer = self.join()
        self.pass_time(10 * BEAT)
        self.assertEqual({name for name, _ in viewer.events[1:]}, {"beat"})
        self.assertEqual(len(viewer.named("beat")), 10)
        self.assertEqual(self.beats, (10 * BEAT + 2 * STEP) // BEAT)

    def test_what_changes_within_a_second_is_one_event(self) -> None:
        viewer = self.join()
        for _ in range(100):
            self.write()
        self.pass_time(1)
        [told] = viewer.named("change")
        self.assertEqual(set(told["changed"]), {"slots"})
        slots = told["changed"]["slots"]
        self.assertEqual((slots["written"], slots["writes"], slots["rate"]), (100, 100, 100.0))
        self.pass_time(1)
        self.assertEqual(viewer.named("change")[-1]["changed"]["slots"]["rate"], 0.0)

    def test_hosts_come_change_and_go(self) -> None:
        viewer = self.join()
        self.hosts.put("h", memory=10 * 1024**2)
        self.pass_time(1)
        shown = viewer.named("change")[0]["changed"]["host/h"]
        self.assertEqual((shown["memory"], shown["latency"], shown["rate"]), (10485760, None, 0.0))
        self.hosts.put("h", calls=4, mean=0.25)
        self.pass_time(1)
        shown = viewer.named("change")[1]["changed"]["host/h"]
        self.assertEqual((shown["rate"], shown["latency"]), (4.0, 0.25))
        self.pass_time(1)  # the rate falls, the last latency stays
        shown = viewer.named("change")[2]["changed"]["host/h"]
        self.assertEqual((shown["rate"], shown["latency"]), (0.0, 0.25))
        del self.hosts.told["h"]
        self.pass_time(1)
        self.assertEqual(viewer.named("change")[3]["gone"], ["host/h"])

    def test_a_process_at_rest_that_moves_a_little(self) -> None:
        self.hosts.put("h", memory=10 * 1024**2)
        viewer = self.join()
        self.hosts.put("h", memory=10 * 1024**2 + 4096)
        self.pass_time(4)
        self.assertEqual(viewer.named("change"), [])

    def test_points_are_kept_while_nobody_looks(self) -> None:
        self.hosts.put("h")
        self.pass_time(STEP)
        for _ in range(20):
            self.write()
        self.hosts.put("h", calls=10, mean=0.1)
        self.pass_time(STEP)
        history = self.join().events[0][1]["history"]
        self.assertEqual(history["count"], 2)
        series = history["series"]
        self.assertEqual((series["slots"], series["writes"]), ([0, 20], [0.0, 4.0]))
        self.assertEqual(series["calls/h"], [0.0, 2.0])
        self.assertEqual(series["latency/h"], [None, 0.1])

    def test_a_point_is_sent_when_it_is_another(self) -> None:
        viewer = self.join()
        self.pass_time(STEP)
        self.slots.open("c")
        self.pass_time(2 * STEP)
        points = [told["point"] for told in viewer.named("change") if "point" in told]
        self.assertEqual([point["count"] for point in points], [1, 2])
        self.assertEqual([point["values"]["slots"] for point in points], [0, 1])

    def test_the_history_is_bounded(self) -> None:
        self.pass_time(STEP * (STEPS + 10))
        series = self.join().events[0][1]["history"]["series"]
        self.assertEqual(len(series["slots"]), STEPS)

    def test_all_viewers_are_sent_the_same(self) -> None:
        viewers = [self.join() for _ in range(3)]
        self.write()
        self.pass_time(BEAT)
        for viewer in viewers:
            self.assertEqual(viewer.events, viewers[0].events)

    def test_who_comes_late_is_shown_what_is_now(self) -> None:
        self.join()
        self.pass_time(1)
        self.write()
        self.pass_time(1)
        self.assertEqual(self.join().events[0][1]["picture"]["slots"]["written"], 1)

    def test_who_left_is_sent_no_more(self) -> None:
        viewer = self.join()
        for _ in range(2):
            self.feed.leave(viewer)
        self.assertEqual(len(self.feed), 0)
        self.write()
        self.pass_time(BEAT)
        self.assertEqual(len(viewer.events), 1)

    def test_the_end(self) -> None:
        viewer = self.join()
        self.feed.stopService()
        self.assertTrue(viewer.ended)
        self.assertEqual(len(self.feed), 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_a_failure_is_told(self) -> None:
        self.join()
        self.hosts.told["broken"] = {}
        self.pass_time(1)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
