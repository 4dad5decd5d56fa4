"""The numbers of a real daemon are those of the load that it had, one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask
from tests.integration.http import Connection
from tests.integration.scripts.site import get
from tests.integration.watching import wait_for_counts, wait_until

WORK = """
def add(a, b): return a + b
def boom(): raise LookupError("no")
"""
SETTINGS = """
[hosts.work]
kind = "python"
path = "{folder}/work.py"
"""
Numbers = dict[tuple[str, ...], float]


@pytest.fixture
def daemon(start_daemon: StartDaemon, tmp_path: Path) -> Daemon:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "work.py").write_text(WORK)
    (root / "hello.py").write_text("print('hello')")
    (root / "exit.py").write_text("exit(3)")
    return start_daemon("--root", str(root), settings=SETTINGS.format(folder=tmp_path))


def numbers(daemon: Daemon) -> Numbers:
    """All samples, by name and the values of their labels in the order of the labels' names."""
    with Connection(int(daemon.admin_url.rsplit(":", 1)[1])) as operator:
        answer = operator.ask("GET", "/-/metrics", Authorization=f"Bearer {daemon.token}")
    assert answer.status == 200
    families = text_string_to_metric_families(answer.text)
    samples = [sample for family in families for sample in family.samples]
    found = {}
    for each in samples:
        labels = [value for _, value in sorted(each.labels.items())]
        found[(each.name.removeprefix("hangerd_"), *labels)] = each.value
    return found


def test_numbers_are_those_of_the_load(daemon: Daemon) -> None:
    with Connection(daemon.port) as writer, Connection(daemon.port) as reader:
        for _ in range(20):
            token = writer.ask("POST", "/hanger/open/").text
            reader.send("POST", f"/hanger/{token}/read/")
            wait_for_counts(daemon, waiting=1)
            assert writer.ask("POST", f"/hanger/{token}/write/", b"line").status == 200
            assert reader.receive().body == b"line"
        assert writer.ask("POST", "/hanger/aaaaaaaaaaaaaaaa/write/").status == 404
    for _ in range(5):
        assert get(daemon, "/hello.py") == (200, b"hello\n")
    get(daemon, "/exit.py")
    for number in range(7):
        assert ask(daemon, "POST", "/hosts/work/function/add", {"a": 1, "b": number})[0] == 200
    assert ask(daemon, "POST", "/hosts/work/function/boom", {})[0] == 500
    for name in ("made_up", "made_up_too"):
        assert ask(daemon, "POST", f"/hosts/work/function/{name}", {})[0] == 404
    wait_until(lambda: numbers(daemon)["runs_active",] == 0)
    told = numbers(daemon)
    expected: Numbers = {
        ("slots_writes_total",): 20,
        ("slots_wake_seconds_count",): 20,
        ("slots_waiting",): 0,
        ("slots", "open"): 0,
        ("runs_total", "done"): 5,
        ("runs_total", "exit"): 1,
        ("runs_queue_seconds_count",): 6,
        ("threads", "zombie"): 0,
        ("host_calls_total", "add", "work", "ok"): 7,
        ("host_calls_total", "boom", "work", "function"): 1,
        ("host_calls_total", "other", "work", "no_function"): 2,
        ("host_call_seconds_count", "add", "work"): 7,
        ("host_instances", "work"): 1,
        ("host_restarts_total", "work"): 0,
        ("http_requests_total", "/hanger/open", "200"): 20,
        ("http_requests_total", "/hanger/read", "200"): 20,
        ("http_requests_total", "/hanger/write", "200"): 20,
        ("http_requests_total", "/hanger/write", "404"): 1,
        ("http_requests_total", "/hosts/function", "200"): 7,
        ("http_requests_total", "/hosts/function", "404"): 2,
        ("http_requests_total", "/hosts/function", "500"): 1,
        ("http_requests_total", "/", "200"): 5,
    }
    assert {name: told[name] for name in expected} == expected
    assert told["slots_wake_seconds_sum",] < 20
    assert told["host_memory_bytes", "work"] > 1024**2
    assert told["process_resident_memory_bytes",] > 1024**2
