"""The process-wide seams: a run finds its own there, everybody else what was there before."""

from __future__ import annotations

import contextvars
import getpass
import importlib
import importlib.util
import io
import logging
import sys
import threading
import warnings
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.current import CURRENT
from hangerd.scripts.routing import STREAMS, Routing
from tests.scripts.running import FakeRun, inside


def seams() -> dict[str, Any]:
    """All that the routing replaces."""
    return {
        **{name: sys.__dict__[name] for name in (*STREAMS, "argv", "modules")},
        "class": type(sys),
        "hooks": (sys.excepthook, threading.excepthook, type(threading)),
        "main": sys.__dict__["modules"]["__main__"],
        "finders": list(sys.meta_path),
        "start": threading.Thread.start,
        "getpass": getpass.getpass,
        "import_module": importlib.import_module,
        "root": type(logging.root),
        "showwarning": warnings.showwarning,
    }


class RoutingTests(SynchronousTestCase):
    """Installed for each test, and taken away."""

    def setUp(self) -> None:
        self.before = seams()
        self.routing, self.run_ = Routing(), FakeRun()
        self.routing.install()
        self.addCleanup(self.routing.remove)

    def test_nothing_is_left(self) -> None:
        self.routing.remove()
        self.assertEqual(seams(), self.before)
        self.routing.remove()
        self.assertEqual(seams(), self.before)
        self.routing.install()

    def test_only_one_at_a_time(self) -> None:
        self.assertRaises(RuntimeError, Routing().install)

    def test_streams_of_a_run(self) -> None:
        outside = sys.stdout
        with inside(self.run_):
            sys.stdout.write("a")
            sys.stderr.write("b")
            sys.__dict__["stdout"].write("as C code does")
            sys.stdout = replaced = io.StringIO()
            self.assertIs(sys.stdout, replaced)
            sys.__dict__["stdout"].write("c")
        self.assertIs(sys.stdout, outside)
        self.assertEqual(self.run_.out, ["a", ("err", "b"), "as C code does"])
        self.assertEqual(replaced.getvalue(), "c")

    def test_hooks_for_failures(self) -> None:
        modules: list[Any] = [sys, threading]
        for module in modules:
            outside, own = module.excepthook, lambda *_: None
            with inside(self.run_):
                self.assertIs(module.excepthook, outside)
                module.excepthook = own
                self.assertIs(module.excepthook, own)
            self.assertIs(module.excepthook, outside)
            self.assertIs(module.__dict__["excepthook"], outside)
            module.excepthook = own
            self.assertIs(module.__dict__["excepthook"], own)
            module.excepthook = outside

    def test_streams_outside_can_be_replaced_too(self) -> None:
        outside = sys.stdout
        sys.stdout = replaced = io.StringIO()
        try:
            print("seen")
        finally:
            sys.stdout = outside
        self.assertEqual(replaced.getvalue(), "seen\n")

    def test_arguments(self) -> None:
        outside = sys.argv
        with inside(self.run_):
            self.assertEqual(sys.argv, ["script.py"])
            sys.argv = ["other"]
        self.assertEqual(self.run_.argv, ["other"])
        self.assertIs(sys.argv, outside)
        sys.argv = ["mine"]
        self.addCleanup(setattr, sys, "argv", outside)
        self.assertEqual(sys.argv, ["mine"])

    def test_modules_and_main(self) -> None:
        with inside(self.run_):
            self.assertIs(sys.modules["__main__"], self.run_.own["__main__"])
            self.assertIs(sys.modules["io"], io)
            main = sys.__dict__["modules"]["__main__"]
            main.X = 1
            self.assertEqual(main.X, 1)
        self.assertEqual(vars(self.run_.own["__main__"])["X"], 1)
        self.assertFalse(hasattr(sys.modules["__main__"], "X"))
        setattr(sys.modules["__main__"], "Y", 2)  # noqa: B010 - the seam is what is set
        self.assertEqual(self.before["main"].Y, 2)
        del self.before["main"].Y

    def test_threads_belong_to_the_run_that_starts_them(self) -> None:
        found: list[Any] = []
        work = threading.Thread(target=lambda: found.append(CURRENT.get()), daemon=False)
        with inside(self.run_):
            work.start()
        work.join(10)
        self.assertEqual((found, work.daemon), ([self.run_], True))
        other = threading.Thread(target=lambda: found.append(CURRENT.get()), daemon=False)
        other.start()
        other.join(10)
        self.assertEqual((found[1], other.daemon), (None, False))

    def test_passwords_are_asked_of_the_visitor(self) -> None:
        self.run_.lines = ["secret"]
        with inside(self.run_):
            self.assertEqual(getpass.getpass("word? "), "secret")
        self.assertEqual(self.run_.asked, [("word? ", True)])

    def test_imports_by_name(self) -> None:
        self.run_.own["mine"] = mine = ModuleType("mine")
        self.run_.own["pack.mine"] = packed = ModuleType("pack.mine")
        with inside(self.run_):
            self.assertIs(importlib.import_module("mine"), mine)
            self.assertIs(importlib.import_module(".mine", "pack"), packed)
            self.assertIs(importlib.import_module("io"), io)
        self.assertRaises(ModuleNotFoundError, importlib.import_module, "mine")

    def test_specs(self) -> None:
        self.run_.specs["only_here"] = spec = ModuleSpec("only_here", None)
        with inside(self.run_):
            self.assertIs(importlib.util.find_spec("only_here"), spec)
        self.assertIsNone(importlib.util.find_spec("only_here"))

    def test_logging_is_the_runs(self) -> None:
        outside = (logging.root.handlers, logging.root.level)
        with inside(self.run_):
            logging.basicConfig(level=logging.DEBUG, format="%(message)s")
            logging.getLogger("some.where").debug("told")
            self.assertEqual(logging.root.level, logging.DEBUG)
        self.assertEqual(self.run_.out[0], ("err", "told\n"))
        self.assertEqual((logging.root.handlers, logging.root.level), outside)

    def test_warnings_are_the_runs(self) -> None:
        self.routing.remove()
        self.routing.install()  # over what the test runner has put there since
        with inside(self.run_):
            warnings.showwarning(UserWarning("look"), UserWarning, "file.py", 3)
        self.assertIn("UserWarning: look", self.run_.out[0][1])

    def test_runs_side_by_side(self) -> None:
        other = FakeRun()
        contexts = [contextvars.copy_context(), contextvars.copy_context()]
        for context, run in zip(contexts, (self.run_, other), strict=True):
            context.run(CURRENT.set, run)
        for context in contexts:
            context.run(lambda: sys.stdout.write("x"))
        contexts[0].run(lambda: sys.stdout.write("y"))
        self.assertEqual((self.run_.out, other.out), (["x", "y"], ["x"]))
