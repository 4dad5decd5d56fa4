"""What functions are asked, by any caller: steadily, in a crowd, with deadlines, from cold.

Stdlib only: it runs in the peers' Pythons. Times are in milliseconds, rates in calls a second.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from bench.callers.caller import Caller
from bench.figures import percentile

Make = Callable[[], Caller]
_WARM: Final = 200
_WARM_SECONDS: Final = 0.5
_PATIENCE: Final = 20.0


def steady(make: Make, *, size: int, seconds: float) -> list[float]:
    """Echo texts of a size, one after another: p50, p99 and rate. At least one call."""
    caller, data = make(), {"text": "x" * size}
    _warm(caller)
    times: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() < began + seconds or not times:
        sent = time.perf_counter()
        if len(caller.call("echo", data)) != size:
            raise ValueError("the echo is another text")
        times.append(time.perf_counter() - sent)
    rate = len(times) / (time.perf_counter() - began)
    return [percentile(times, 50) * 1e3, percentile(times, 99) * 1e3, rate]


def crowd(make: Make, *, callers: int, function: str, ms: float, seconds: float) -> list[float]:
    """Let callers call at the same time: the rate of all, and p99."""
    each = [make() for _ in range(callers)]
    data = {"ms": ms, "text": "x"}
    times: list[float] = []
    _warm(each[0])
    began = time.perf_counter()

    def work(caller: Caller) -> None:
        while time.perf_counter() < began + seconds:
            sent = time.perf_counter()
            caller.call(function, data)
            times.append(time.perf_counter() - sent)

    _together([partial(work, caller) for caller in each])
    return [len(times) / (time.perf_counter() - began), percentile(times, 99) * 1e3]


def streamed(make: Make, *, items: int) -> list[float]:
    """Take a stream: time to its first item, and to its end."""
    caller = make()
    _warm(caller)
    began = time.perf_counter()
    stream = iter(caller.stream("count", {"items": items}))
    next(stream)
    first = time.perf_counter() - began
    if 1 + sum(1 for _ in stream) != items:
        raise ValueError("items are missing")
    return [first * 1e3, (time.perf_counter() - began) * 1e3]


def deadlines(make: Make, *, calls: int, callers: int) -> list[float]:
    """Let every twentieth call pass its deadline of 100 ms: wrong answers, and seconds for all."""
    wrong: list[str] = []
    each = [make() for _ in range(callers)]

    def work(place: int) -> None:
        for number in range(place, calls, callers):
            text, late = f"call {number}", number % 20 == 0
            with suppress(TimeoutError):
                data = {"ms": 300 if late else 1, "text": text}
                if each[place].call("pause", data, timeout=0.1) != text or late:
                    wrong.append(text)

    began = time.perf_counter()
    _together([partial(work, place) for place in range(callers)])
    return [float(len(wrong)), time.perf_counter() - began]


def cold(make: Make) -> list[float]:
    """Call when the process has ended: time to the first value."""
    caller = make()
    caller.call("echo", {"text": "x"})
    caller.rest()
    began = time.perf_counter()
    caller.call("echo", {"text": "x"})
    return [(time.perf_counter() - began) * 1e3]


def killed(make: Make) -> list[float]:
    """Kill the process (SIGKILL): time to the next good value, by a caller that tries again."""
    caller = make()
    os.kill(int(caller.call("process", {})), signal.SIGKILL)
    began = time.perf_counter()
    while time.perf_counter() < began + _PATIENCE:
        with suppress(Exception):
            caller.call("echo", {"text": "x"})
            return [(time.perf_counter() - began) * 1e3]
        time.sleep(0.001)
    raise ValueError(f"no good call within {_PATIENCE:.0f} s of the kill")


LOADS: Final[Mapping[str, Callable[..., list[float]]]] = {
    load.__name__: load for load in (steady, crowd, streamed, deadlines, cold, killed)
}


def _warm(caller: Caller) -> None:
    began = time.perf_counter()
    for _ in range(_WARM):
        caller.call("echo", {"text": "x"})
        if time.perf_counter() - began > _WARM_SECONDS:
            break


def _together(works: list[Callable[[], None]]) -> None:
    """Run each in a thread; raise what one of them raised."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
