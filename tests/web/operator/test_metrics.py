"""Tests of `hangerd.web.operator.metrics`: the numbers of a daemon in memory, one by one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from twisted.trial.unittest import SynchronousTestCase

from hangerd.config import Settings, SlotsSettings
from tests.web.harness import Daemon

ETC = Path(__file__).parents[3] / "etc"
Numbers = dict[tuple[str, frozenset[tuple[str, str]]], float]


class MetricsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.daemon = Daemon(self, slots=SlotsSettings(max_slots=3, max_slots_per_client=3))

    def text(self) -> str:
        bearer = {"Authorization": f"Bearer {self.daemon.token}"}
        answer = self.daemon.ask("GET", "/-/metrics", headers=bearer, door="admin")
        self.assertEqual(answer.status, 200)
        self.assertIn("text/plain; version=", answer.header("Content-Type") or "")
        return answer.body.decode()

    def numbers(self) -> Numbers:
        families = text_string_to_metric_families(self.text())
        samples = [sample for family in families for sample in family.samples]
        return {(each.name, frozenset(each.labels.items())): each.value for each in samples}

    def number(self, name: str, **labels: str) -> float:
        return self.numbers()[f"hangerd_{name}", frozenset(labels.items())]

    def test_slots(self) -> None:
        daemon = self.daemon
        waited, stored, _ = daemon.open(), daemon.open(), daemon.open()
        self.assertEqual(daemon.ask("POST", "/hanger/open/").status, 503)
        reader = daemon.start("POST", f"/hanger/{waited}/read/")
        self.assertEqual(self.number("slots_waiting"), 1)
        daemon.ask("POST", f"/hanger/{stored}/write/", b"12345")
        self.assertEqual(self.number("slots", state="open"), 2)
        self.assertEqual(self.number("slots", state="written"), 1)
        self.assertEqual(self.number("slots_stored_bytes"), 5)
        daemon.ask("POST", f"/hanger/{waited}/write/", b"line")
        daemon.clock.advance(0.02)
        reader.request("POST", "/hanger/nothing/read/")  # so the answer before has arrived
        self.assertEqual(self.number("slots_writes_total"), 2)
        self.assertEqual(self.number("slots_refusals_total", limit="slots"), 1)
        self.assertEqual(self.number("slots_wake_seconds_count"), 1)
        self.assertAlmostEqual(self.number("slots_wake_seconds_sum"), 0.02)
        self.assertEqual(self.number("slots_redeliveries_total"), 0)

    def test_a_value_that_comes_back(self) -> None:
        read, write = self.daemon.open_split()
        self.daemon.ask("POST", f"/hanger/{write}/write/", b"line")
        self.daemon.start("POST", f"/hanger/{read}/read/")
        self.daemon.clock.advance(31)
        self.assertEqual(self.number("slots_redeliveries_total"), 1)
        self.assertEqual(self.number("slots", state="written"), 1)

    def test_requests_by_route_and_status(self) -> None:
        token = self.daemon.open()
        self.daemon.ask("POST", f"/hanger/{token}/write/", b"line")
        self.daemon.ask("GET", "/secret-place/of/mine")
        for _ in range(2):
            self.daemon.ask("GET", "/-/health")
        counts = {
            (dict(labels)["route"], dict(labels)["status"]): number
            for (name, labels), number in self.numbers().items()
            if name == "hangerd_http_requests_total"
        }
        expected = {
            ("/-/health", "200"): 2,
            ("/hanger/open", "200"): 1,
            ("/hanger/write", "200"): 1,
            ("/", "404"): 1,
        }
        self.assertEqual(counts, expected)
        self.assertNotIn("secret-place", self.text())
        self.assertNotIn(token, self.text())

    def test_only_for_the_operator(self) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            refused = self.daemon.ask("GET", "/-/metrics", headers=headers, door="admin")
            self.assertEqual(refused.status, 401)
            self.assertNotIn(b"hangerd_", refused.body)
        self.assertEqual(self.daemon.ask("GET", "/-/metrics").status, 404)

    def test_open_to_all_by_the_settings(self) -> None:
        self.daemon = Daemon(self, settings=replace(Settings(), metrics_open=True))
        answer = self.daemon.ask("GET", "/-/metrics", door="admin")
        self.assertEqual(answer.status, 200)
        self.assertIn(b"hangerd_slots_waiting 0.0", answer.body)

    def test_openmetrics_for_who_asks_for_it(self) -> None:
        headers = {
            "Authorization": f"Bearer {self.daemon.token}",
            "Accept": "application/openmetrics-text; version=1.0.0",
        }
        answer = self.daemon.ask("GET", "/-/metrics", headers=headers, door="admin")
        self.assertIn("openmetrics", answer.header("Content-Type") or "")
        self.assertTrue(answer.body.endswith(b"# EOF\n"))

    def test_the_plots_of_grafana_show_numbers_that_there_are(self) -> None:
        told = json.loads((ETC / "grafana.json").read_text())
        asked = " ".join(
            target["expr"] for panel in told["panels"] for target in panel.get("targets", [])
        )
        named = {name for family in _families(self.text()) for name in family}
        ours = set(re.findall(r"\bhangerd_\w+|\bprocess_\w+", asked))
        # Without a root there are no scripts here; the integration suite has them.
        ours = {name for name in ours if not name.startswith(("hangerd_runs", "hangerd_threads"))}
        self.assertTrue(ours)
        self.assertEqual(ours - named, set())


def _families(text: str) -> list[set[str]]:
    found = []
    for family in text_string_to_metric_families(text):
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
        found.append({family.name + end for end in suffixes.get(family.type, [""])})
    return found
