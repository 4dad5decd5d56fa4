"""`hangerd` and `httpout` as a script imports them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import hangerd.errors
from hangerd.scripts import exceptions
from hangerd.scripts.virtual import VirtualModules


class VirtualTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.made = 0
        self.main = ModuleType("__main__")
        self.within = vars(self.main)
        self.import_ = VirtualModules(self.names, {"__main__": self.main})

    def names(self) -> dict[str, Any]:
        self.made += 1
        return {"request": "r", "response": "s", "websocket": None, "context": "c", "run": "run"}

    def test_other_modules_are_not_ours(self) -> None:
        for name in ("os", "hangerdx", "httpoutlet", "x.hangerd"):
            self.assertIsNone(self.import_(name, self.within, ()))
        self.assertEqual(self.made, 0)

    def test_names_are_made_once(self) -> None:
        first = self.import_("hangerd", self.within, ("request",))
        second = self.import_("hangerd", self.within, ())
        assert first is not None
        self.assertIs(first, second)
        self.assertEqual((first.request, self.made), ("r", 1))
        self.assertIsNot(first, hangerd)
        self.assertEqual(sorted(first.__all__), sorted(self.names()))

    def test_the_package_is_behind_it(self) -> None:
        module = self.import_("hangerd", self.within, ())
        assert module is not None
        self.assertIs(module.__doc__ is None, False)
        leaf = self.import_("hangerd.errors", self.within, ("x",))
        top = self.import_("hangerd.errors", self.within, ())
        self.assertIs(leaf, hangerd.errors)
        self.assertEqual((top, module.errors), (module, hangerd.errors))
        with self.assertRaises(AttributeError):
            _ = module.no_such_thing
        with self.assertRaises(AttributeError):
            _ = module.__no_such_thing__

    def test_exceptions(self) -> None:
        for name in ("hangerd", "httpout"):
            leaf = self.import_(f"{name}.exceptions", self.within, ("NotFound",))
            top: Any = self.import_(f"{name}.exceptions", self.within, ())
            self.assertIs(leaf, exceptions)
            self.assertIs(top.exceptions, exceptions)

    def test_httpout_is_the_module_that_imports_it(self) -> None:
        self.assertIs(self.import_("httpout", self.within, ()), self.main)
        self.assertEqual((self.within["request"], self.within["context"]), ("r", "c"))
        self.within["request"] = "mine"
        self.import_("httpout", self.within, ())
        self.assertEqual(self.within["request"], "mine")

    def test_names_from_httpout(self) -> None:
        """One that the module has already wins."""
        self.within["run"] = "mine"
        found: Any = self.import_("httpout", self.within, ("run", "request"))
        self.assertEqual((found.run, found.request), ("mine", "r"))
        with self.assertRaises(AttributeError):
            _ = found.loop

    def test_parts_of_httpout(self) -> None:
        """`import httpout.run` wants a name that the module has."""
        with self.assertRaisesRegex(ModuleNotFoundError, "httpout.run"):
            self.import_("httpout.run", self.within, ())
        self.within["run"] = "mine"
        self.assertIs(self.import_("httpout.run", self.within, ()), self.main)
        with self.assertRaises(ModuleNotFoundError):
            self.import_("httpout", {"__name__": "no module of the run"}, ())
