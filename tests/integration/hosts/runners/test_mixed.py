"""Many calls at once, a part of them cancelled at any moment: each gets its own answer, once."""

from __future__ import annotations

import json
import os
import random
import time

import pytest

from tests.integration.hosts.runners.conftest import Workshop
from tests.integration.hosts.runners.wireclient import Program

TOTAL = 10_000 if os.environ.get("HANGERD_SOAK") else 1_000
AT_ONCE = 16
FUNCTIONS = ("compute", "wait", "wait_later", "stream")
JS = """
module.exports = { functions: {
  compute({ s, v }) {
    const end = performance.now() + s * 1000;
    while (performance.now() < end);
    return v;
  },
  wait({ s, v }, cb) { setTimeout(() => cb(null, v), s * 1000); },
  async wait_later({ s, v }) { await new Promise((done) => setTimeout(done, s * 1000)); return v; },
  *stream({ v }) { yield v; yield v; },
} };
"""
PYTHON = """
import asyncio, time
def compute(s, v):
    end = time.perf_counter() + s
    while time.perf_counter() < end: pass
    return v
def wait(s, v):
    time.sleep(s)
    return v
async def wait_later(s, v):
    await asyncio.sleep(s)
    return v
def stream(s, v):
    yield v
    yield v
"""


class Storm:
    """Keeps AT_ONCE calls in flight, cancels some, and checks what comes back."""

    def __init__(self, host: Program) -> None:
        self._host = host
        self._dice = random.Random(5)
        self._flying: set[int] = set()
        self._cancelled: set[int] = set()
        self._last = 0
        self.ended = {"result": 0, "end": 0, "fault": 0}

    def run(self) -> None:
        left = TOTAL
        while left or self._flying:
            while left and len(self._flying) < AT_ONCE:
                left -= 1
                self._begin()
            self._take()

    def _begin(self) -> None:
        self._last += 1
        seconds = self._dice.choice([0, 0, 0.0005, 0.001, 0.003])
        payload = json.dumps({"s": seconds, "v": self._last}).encode()
        number = self._host.begin(self._dice.choice(FUNCTIONS), payload)
        assert number == self._last, "the value that is asked back is the call's number"
        self._flying.add(number)
        if self._dice.random() < 0.2:
            time.sleep(self._dice.random() * 0.002)  # so that it hits at any stage
            victim = self._dice.choice(sorted(self._flying))
            self._cancelled.add(victim)
            self._host.send({"op": "cancel", "id": victim, "reason": "timeout"})

    def _take(self) -> None:
        header, payload = self._host.read()
        number, operation = header["id"], header["op"]
        assert number in self._flying, "an answer after the end"
        if operation in {"item", "result"}:
            assert json.loads(payload) == number
        if operation == "fault":
            assert header["code"] == "cancelled"
            assert number in self._cancelled
        if operation != "item":
            self._flying.remove(number)
            self.ended[operation] += 1


@pytest.mark.soak
@pytest.mark.parametrize("threads", [1, 4])
def test_a_storm_in_a_python_host(shop: Workshop, threads: int) -> None:
    host = shop.python(PYTHON, threads=threads)
    storm = Storm(host)
    storm.run()
    assert sum(storm.ended.values()) == TOTAL
    assert all(storm.ended.values()), "none of the ways to end was tried"
    assert host.log("stderr") == ""


@pytest.mark.soak
def test_a_storm_in_a_js_host(shop: Workshop) -> None:
    host = shop.js(JS)
    storm = Storm(host)
    storm.run()
    assert sum(storm.ended.values()) == TOTAL
    assert all(storm.ended.values()), "none of the ways to end was tried"
    assert host.log("stderr") == ""
