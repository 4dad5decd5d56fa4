"""Tests of `hangerd.logs`."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, cast

from twisted.logger import ILogObserver, Logger, LogLevel
from twisted.trial.unittest import SynchronousTestCase

from hangerd.logs import format_json, log_observer, open_log


class JsonTests(SynchronousTestCase):
    def line(self, **event: Any) -> dict[str, Any]:
        text = format_json(event)
        self.assertTrue(text.endswith("\n"))
        self.assertEqual(text.count("\n"), 1)
        told: dict[str, Any] = json.loads(text)
        return told

    def test_fields(self) -> None:
        told = self.line(
            log_format="{who} came\nin",
            log_time=1.5,
            log_level=LogLevel.warn,
            log_namespace="a.b",
            who="x",
            count=3,
            ok=True,
            ratio=0.5,
            thing=object(),
            isError=0,
            system="-",
        )
        self.assertEqual(
            told,
            {
                "time": "1970-01-01T00:00:01.500+00:00",
                "level": "warn",
                "namespace": "a.b",
                "message": "x came\nin",
                "who": "x",
                "count": 3,
                "ok": True,
                "ratio": 0.5,
            },
        )

    def test_our_words_are_not_overwritten(self) -> None:
        told = self.line(log_format="m", level="mine", namespace="mine")
        self.assertEqual((told["level"], told["namespace"]), ("info", ""))

    def test_a_failure(self) -> None:
        events: list[dict[str, Any]] = []
        log = Logger("n", observer=cast(ILogObserver, events.append))
        try:
            raise ValueError("what happened")
        except ValueError:
            log.failure("it failed")
        told = self.line(**events[0])
        self.assertEqual((told["level"], told["message"]), ("critical", "it failed"))
        self.assertIn("ValueError: what happened", told["traceback"])


class ObserverTests(SynchronousTestCase):
    def log(self, log_format: str, *, debug: bool) -> str:
        out = io.StringIO()
        observer: Any = log_observer(out, log_format, debug=debug)
        log = Logger("n", observer=observer)
        log.debug("details")
        log.info("news {what}", what="today")
        return out.getvalue()

    def test_text(self) -> None:
        text = self.log("text", debug=False)
        self.assertIn("[n#info] news today", text)
        self.assertNotIn("details", text)

    def test_json(self) -> None:
        [line] = self.log("json", debug=False).splitlines()
        self.assertEqual(json.loads(line)["what"], "today")

    def test_debug(self) -> None:
        for log_format in ("text", "json"):
            self.assertIn("details", self.log(log_format, debug=True))


class OpenTests(SynchronousTestCase):
    def test_standard_output(self) -> None:
        out = io.StringIO()
        for path in ("", "-"):
            self.assertIs(open_log(path, out), out)

    def test_a_file(self) -> None:
        path = Path(self.mktemp())
        out = open_log(str(path), io.StringIO())
        self.addCleanup(out.close)
        out.write("line\n")
        self.assertEqual(path.read_text(), "line\n")
