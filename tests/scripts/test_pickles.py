"""Pickles of classes that only a run knows, and of all others."""

from __future__ import annotations

import io
import pickle
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.routing import Routing
from tests.scripts.running import FakeRun, inside


class Known:
    """A class that everybody can import."""


class PicklesTests(SynchronousTestCase):
    """With the seams in place, in a run that has a module with a class."""

    def setUp(self) -> None:
        self.plain = pickle.dumps
        routing = Routing()
        routing.install()
        self.addCleanup(routing.remove)
        self.run_ = FakeRun()
        self.module = self.run_.own["mine"] = ModuleType("mine")
        exec(  # the run's module, as its importer would make it
            "class Made:\n    class Inner: pass\n    def __init__(self, x): self.x = x\n",
            vars(self.module),
        )

    def made(self, x: Any = 1) -> Any:
        """Make an object of the run's class."""
        return vars(self.module)["Made"](x)

    def test_there_and_back(self) -> None:
        with inside(self.run_):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                data = pickle.dumps([self.made(Known()), 2], protocol)
                back, two = pickle.loads(data)
                self.assertEqual((type(back), two), (type(self.made()), 2))
                self.assertIsInstance(back.x, Known)

    def test_classes_by_their_qualified_names(self) -> None:
        inner = vars(self.module)["Made"].Inner
        with inside(self.run_):
            self.assertIs(pickle.loads(pickle.dumps(inner)), inner)

    def test_files(self) -> None:
        file = io.BytesIO()
        with inside(self.run_):
            pickle.dump(self.made(3), file)
            pickle.Pickler(file).dump({"plain": 1})
            file.seek(0)
            self.assertEqual(pickle.load(file).x, 3)
            self.assertEqual(pickle.Unpickler(file).load(), {"plain": 1})

    def test_what_cannot_be_pickled_leaves_no_bytes(self) -> None:
        file = io.BytesIO()
        with inside(self.run_):
            for _ in range(2):
                self.assertRaises(
                    (pickle.PicklingError, AttributeError), pickle.dump, [1, lambda: None], file
                )
        self.assertEqual(file.getvalue(), b"")

    def test_picklers_of_a_script(self) -> None:
        class Pickler(pickle.Pickler):
            def persistent_id(self, obj: Any) -> Any:
                return "kept" if isinstance(obj, Known) else None

        class Unpickler(pickle.Unpickler):
            def persistent_load(self, pid: Any) -> Any:
                return pid

        file = io.BytesIO()
        with inside(self.run_):
            Pickler(file).dump(self.made(Known()))
            file.seek(0)
            self.assertEqual(Unpickler(file).load().x, "kept")

    def test_outside_nothing_differs(self) -> None:
        self.assertRaises(pickle.PicklingError, pickle.dumps, self.made())
        with inside(self.run_):
            data = pickle.dumps(self.made())
            same = pickle.dumps([Known, 1])
        self.assertRaises(ModuleNotFoundError, pickle.loads, data)
        self.assertEqual(same, self.plain([Known, 1]))
        file = io.BytesIO()
        pickle.dump(Known(), file)
        file.seek(0)
        self.assertIsInstance(pickle.load(file), Known)
        self.assertEqual(pickle.loads(pickle.dumps([1])), [1])
