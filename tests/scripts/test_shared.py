"""`__globals__`: loaded when it is new, kept when what comes after it fails."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.errors import Stopped
from hangerd.scripts.extensions import Extensions
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.shared import Globals
from hangerd.scripts.sources import Sources


class SharedTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.root = Path(self.mktemp()).absolute()
        self.root.mkdir()
        self.told: list[tuple[str, str]] = []
        loop = ScriptLoop()
        self.addCleanup(loop.stop)
        self.globals = Globals(
            str(self.root),
            Sources(lambda _: ScriptSettings()),
            Extensions(str(self.root)),
            loop,
            lambda level, message: self.told.append((level, message)),
        )

    def load(self, source: str) -> dict[str, Any]:
        """Write the file, and give what runs find then."""
        (self.root / "__globals__.py").write_text(source)
        self.look()
        return vars(self.globals.module)

    def look(self) -> None:
        """Do as before each run."""
        self.globals.look()
        self.globals.refresh()

    def test_without_a_file_it_is_empty_and_kept(self) -> None:
        self.globals.module.kept = 1  # type: ignore[attr-defined]
        self.look()
        self.assertEqual(vars(self.globals.module)["kept"], 1)

    def test_what_it_finds(self) -> None:
        (self.root / "other.py").write_text("X = 1")
        found = self.load(
            "import __main__\nfrom httpout import app, modules\nimport other\n"
            "same = __main__ is modules['__globals__'] is __globals__\n"
            "app.logger.info('entering %s', __file__)"
        )
        self.assertEqual((found["same"], found["other"].X), (True, 1))
        self.assertEqual(self.told, [("info", f"entering {self.root}/__globals__.py")])

    def test_start_hooks_end_before_anybody_looks(self) -> None:
        found = self.load(
            "import asyncio\nfrom httpout import app\nready = []\n"
            "@app.on_worker_start\nasync def prepare(**worker):\n"
            "    await asyncio.sleep(0)\n    ready.append(1)"
        )
        self.assertEqual(found["ready"], [1])

    def test_the_same_text_is_loaded_once(self) -> None:
        module = self.load("kept = []")
        module["kept"].append(1)
        self.look()
        self.assertEqual(vars(self.globals.module)["kept"], [1])

    def test_an_edit_is_loaded(self) -> None:
        for number in range(10, 40):
            self.assertEqual(self.load(f"X = {number}")["X"], number)

    def test_one_that_fails_changes_nothing(self) -> None:
        self.load("from httpout import app\nX = 1\n@app.on_request\ndef hook(**_): pass")
        for broken in ("1 / 0", "return", "raise SystemExit(3)", "X = '\0'"):
            found = self.load(f"X = 2\n{broken}")
            self.assertEqual(found["X"], 1)
            self.assertTrue(self.globals.app.has("request"))
            level, message = self.told.pop()
            self.assertEqual(level, "warn")
            self.assertIn("what was there before stays", message)
            self.look()
            self.assertEqual(self.told, [])  # said once
        self.assertFalse(self.load("X = 3") and self.globals.app.has("request"))

    def test_the_end_of_a_run_is_no_failure_of_the_file(self) -> None:
        """Who loads it may be ended meanwhile; the next run loads it."""
        source = "import other\nif other.stop: raise other.stop.pop()\nX = 1"
        (self.root / "other.py").write_text("import builtins\nstop = builtins.stops")
        vars(builtins)["stops"] = [Stopped]
        self.addCleanup(vars(builtins).pop, "stops")
        self.assertRaises(Stopped, self.load, source)
        self.look()
        self.assertEqual((vars(self.globals.module)["X"], self.told), (1, []))

    def test_a_file_that_cannot_be_read(self) -> None:
        self.load("X = 1")
        (self.root / "__globals__.py").unlink()
        self.look()
        (self.root / "__globals__.py").mkdir()
        self.look()
        self.assertEqual(vars(self.globals.module)["X"], 1)
        self.assertIn("cannot be read", self.told[0][1])
