"""A script's modules: taken apart at the end, unless the script left somebody who needs them."""

from __future__ import annotations

import weakref
from io import BytesIO
from textwrap import dedent
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.extensions import Extensions
from hangerd.scripts.loop import ScriptLoop
from hangerd.scripts.program import Program
from hangerd.scripts.record import Record
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.shared import Globals
from hangerd.scripts.sources import Sources
from hangerd.scripts.surroundings import Shared
from hangerd.scripts.visit import Visit


class ProgramTests(SynchronousTestCase):
    """Programs whose code is given, and who keep what they keep in `__globals__`."""

    def setUp(self) -> None:
        self.told: list[str] = []
        sources, loop = Sources(lambda _: ScriptSettings()), ScriptLoop()
        extensions = Extensions("/root")
        shared = Globals("/root", sources, extensions, loop, lambda _, told: self.told.append(told))
        self.shared = Shared(sources, extensions, loop, shared, {})

    @property
    def kept(self) -> ModuleType:
        """What outlives a program."""
        return self.shared.globals.module

    def run_code(self, code: str) -> tuple[Program, bool]:
        """Run a program to its end; say whether it let go."""
        visit = Visit(
            "1", "GET", "/a.py", "1.1", (), BytesIO(), 0, "/root", "/root/a.py", "/a.py", ""
        )
        given: dict[str, Any] = {"print": lambda *values: self.told.append(" ".join(values))}
        program = Program(visit, self.shared, Record(), given, str, dict)
        program.begin()
        exec(compile(dedent(code), "/root/a.py", "exec"), program.main.__dict__)
        program.end()
        return program, program.let_go()

    def test_what_nobody_keeps_is_gone_at_once(self) -> None:
        program, let_go = self.run_code("print('Hello')\nnumbers = [*range(3)]")
        gone = weakref.ref(program.main)
        self.assertTrue(let_go)
        self.assertEqual(self.told, ["Hello"])
        del program
        self.assertIsNone(gone())

    def test_what_somebody_keeps_stays_whole(self) -> None:
        for kept in (
            "__main__",
            "vars(__main__)",
            "globals()",
            "__server__",
            "__server__['modules']",
            "__builtins__.__import__",
            "lambda: word",
            "(word for _ in 'a')",
            "[{'deep': [__main__]}]",
        ):
            with self.subTest(kept):
                program, let_go = self.run_code(f"word = 'here'\n__globals__.kept = {kept}")
                self.assertFalse(let_go)
                self.assertEqual(program.main.word, "here")
                del self.kept.kept

    def test_functions_go_on_after_the_end(self) -> None:
        _, let_go = self.run_code(
            """
            word = 'here'
            def tell():
                return word
            __globals__.tell = tell
            """
        )
        self.assertFalse(let_go)
        self.assertEqual(self.kept.tell(), "here")

    def test_what_it_gave_away_lives_on(self) -> None:
        _, let_go = self.run_code("__globals__.list = [1, 2]\n__globals__.print = print")
        self.assertTrue(let_go)
        self.kept.print("late")
        self.assertEqual((self.kept.list, self.told), ([1, 2], ["late"]))

    def test_one_that_imports_is_left_to_the_collector(self) -> None:
        program, let_go = self.run_code("import json\nprint(json.dumps([1]))")
        self.assertFalse(let_go)
        self.assertEqual(self.told, ["[1]"])
        self.assertIn("json", vars(program.main))
