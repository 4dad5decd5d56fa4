"""A run's imports: its own modules fresh, all others the process's, and Python's own rules.

The forms that scripts use are compared with Python itself in `tests/integration/scripts`; here is
what a script cannot see.
"""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.extensions import Extensions
from hangerd.scripts.finder import Finder
from hangerd.scripts.importer import Importer, RunModules
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.sources import Sources


class ImporterTestCase(SynchronousTestCase):
    """A folder of modules, and importers over it as runs have them."""

    def setUp(self) -> None:
        self.root = Path(self.mktemp()).absolute()
        self.root.mkdir()
        self.sources = Sources(lambda _: ScriptSettings())
        self.extensions = Extensions(str(self.root))
        self.virtual: dict[str, ModuleType] = {}
        self.importer = self.new_importer()

    def new_importer(self) -> Importer:
        """Make what one run has."""

        def find_virtual(name: str, _: Mapping[str, Any], __: Sequence[str]) -> ModuleType | None:
            return self.virtual.get(name)

        def prepare(module: ModuleType) -> None:
            module.__dict__["__builtins__"] = {
                **vars(__import__("builtins")),
                "__import__": import_,
            }

        own: dict[str, ModuleType] = {}
        importer = Importer(
            (str(self.root),), Finder(self.sources, self.extensions, prepare), find_virtual, own
        )
        import_ = importer.import_
        return importer

    def put(self, **files: str) -> None:
        """Write modules; two underscores in a name stand for a slash."""
        for name, source in files.items():
            path = self.root / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source))

    def package(self, name: str, source: str = "") -> None:
        """Write a package's own file."""
        (self.root / name).mkdir(parents=True, exist_ok=True)
        (self.root / name / "__init__.py").write_text(source)


class OwnAndForeignTests(ImporterTestCase):
    def test_each_run_has_its_own(self) -> None:
        self.put(mine="seen = []")
        first, again = self.importer.import_("mine"), self.importer.import_("mine")
        other = self.new_importer().import_("mine")
        self.assertIs(first, again)
        self.assertIsNot(first, other)
        self.assertNotIn("mine", sys.modules)
        self.assertEqual(first.__file__, f"{self.root}/mine.py")

    def test_all_others_are_the_processes(self) -> None:
        self.assertIs(self.importer.import_("io"), sys.modules["io"])
        self.assertIsNone(self.importer.import_module("io"))
        self.assertRaises(ModuleNotFoundError, self.importer.import_, "no_such_module")

    def test_a_name_of_the_library_is_ours_and_a_builtins_is_not(self) -> None:
        self.put(json="X = 'ours'", sys="X = 'ours'", zipimport="X = 'ours'")
        self.assertEqual(vars(self.importer.import_("json"))["X"], "ours")
        self.assertIs(self.importer.import_("sys"), sys)
        self.assertNotIn("X", vars(self.importer.import_("zipimport")))  # frozen

    def test_virtual_modules_come_first(self) -> None:
        self.put(hangerd="X = 'a file'")
        self.virtual["hangerd"] = made = ModuleType("hangerd")
        self.assertIs(self.importer.import_("hangerd"), made)
        self.assertIs(self.importer.import_module("hangerd"), made)

    def test_specs_of_our_own_only(self) -> None:
        self.package("pack")
        self.put(mine="", pack__part="")
        spec = self.importer.find_spec("mine", None)
        part = self.importer.find_spec("pack.part", [f"{self.root}/pack"])
        assert spec is not None
        assert part is not None
        self.assertEqual((spec.origin, part.name), (f"{self.root}/mine.py", "pack.part"))
        self.assertIsNone(self.importer.find_spec("io", None))
        self.assertIsNone(self.importer.find_spec("os.path", ["/"]))


class PackageTests(ImporterTestCase):
    def test_a_dotted_name_binds_its_top(self) -> None:
        self.package("pack")
        self.put(pack__part="X = 1")
        top = self.importer.import_("pack.part")
        self.assertEqual((top.__name__, vars(top)["part"].X), ("pack", 1))
        leaf = self.importer.import_("pack.part", None, None, ("X",))
        self.assertIs(leaf, vars(top)["part"])
        self.assertIs(self.importer.import_module("pack.part"), leaf)

    def test_relative_names(self) -> None:
        self.package("pack")
        self.put(pack__a="from . import b\nfrom .b import X\nfrom .. import pack2", pack__b="X = 2")
        self.assertRaises(ImportError, self.importer.import_, "pack.a")  # beyond the top
        self.put(pack__a="from . import b\nfrom .b import X")
        self.assertEqual(vars(self.new_importer().load("pack.a"))["X"], 2)
        within = {"__package__": "pack"}
        self.assertEqual(self.importer.import_("b", within, None, ("X",), 1).__name__, "pack.b")
        script = {"__name__": "script"}
        self.assertRaises(ImportError, self.importer.import_, "b", script, None, ("X",), 1)

    def test_where_a_name_relates_to(self) -> None:
        self.package("pack")
        self.put(pack__b="")
        pack = self.importer.import_("pack")
        for within in ({"__spec__": pack.__spec__}, {"__path__": [], "__name__": "pack"}):
            found = self.importer.import_("", within, None, ("b",), 1)
            self.assertIs(found, pack)

    def test_children_that_are_named(self) -> None:
        self.package("pack", "__all__ = ['a', 'Y']\nY = 1")
        self.put(pack__a="", pack__b="import no_such_module")
        pack = self.importer.import_("pack", None, None, ("*",))
        self.assertIn("a", vars(pack))
        self.importer.import_("pack", None, None, ("nothing",))  # the statement itself complains
        with self.assertRaises(ModuleNotFoundError) as missing:
            self.importer.import_("pack", None, None, ("b",))
        self.assertEqual(missing.exception.name, "no_such_module")

    def test_what_is_no_package(self) -> None:
        self.put(mine="")
        with self.assertRaisesRegex(ModuleNotFoundError, "'mine' is not a package"):
            self.importer.import_("mine.part")
        self.package("pack")
        with self.assertRaisesRegex(ModuleNotFoundError, "No module named 'pack.part'"):
            self.importer.import_("pack.part")


class FailureTests(ImporterTestCase):
    def test_what_failed_is_tried_again(self) -> None:
        self.put(mine="1 / 0")
        for _ in range(2):
            self.assertRaises(ZeroDivisionError, self.importer.import_, "mine")
            self.assertEqual(self.importer.own, {})
        self.put(mine="X = 1")
        self.assertEqual(vars(self.importer.import_("mine"))["X"], 1)

    def test_a_circle_finds_what_is_there_so_far(self) -> None:
        self.put(a="X = 1\nimport b\nY = b.Y", b="import a\nY = a.X + 1")
        self.assertEqual(vars(self.importer.import_("a"))["Y"], 2)
        self.package("pack")
        self.put(pack__a="from pack import b\nX = 1", pack__b="from pack import a\nY = a.__name__")
        self.assertEqual(vars(self.importer.load("pack.b"))["Y"], "pack.a")

    def test_none_stops_an_import(self) -> None:
        self.put(mine="")
        self.importer.modules["mine"] = None  # type: ignore[assignment]
        with self.assertRaisesRegex(ModuleNotFoundError, "halted; None in sys.modules"):
            self.importer.import_("mine")

    def test_a_module_that_puts_another_in_its_place(self) -> None:
        self.put(mine="import builtins\nown[__name__] = builtins")
        own = self.importer.own
        vars(builtins)["own"] = own
        self.addCleanup(vars(builtins).pop, "own")
        self.assertIs(self.importer.import_("mine"), builtins)


class RunModulesTests(SynchronousTestCase):
    """`sys.modules` of a run."""

    def setUp(self) -> None:
        self.own: dict[str, ModuleType] = {}
        self.modules = RunModules(self.own)

    def test_its_own_first(self) -> None:
        self.own["io"] = mine = ModuleType("io")
        self.assertIs(self.modules["io"], mine)
        self.assertIn("io", self.modules)
        self.assertIn("sys", self.modules)
        self.assertRaises(KeyError, self.modules.__getitem__, "no_such_module")
        self.assertEqual(len(self.modules), len(list(self.modules)))
        self.assertEqual(self.modules.copy(), dict(self.modules))

    def test_what_a_script_puts_there_stays_in_its_run(self) -> None:
        self.modules["made_by_script"] = ModuleType("made_by_script")
        self.assertIn("made_by_script", self.own)
        self.assertNotIn("made_by_script", sys.modules)
        del self.modules["made_by_script"]
        self.assertNotIn("made_by_script", self.modules)

    def test_what_the_process_imports_is_shared(self) -> None:
        """A library that is imported while a run is under way belongs to all."""
        made = ModuleType("made_by_library")
        made.__spec__ = json.__spec__
        self.modules["made_by_library"] = made
        self.assertIs(sys.modules["made_by_library"], made)
        del self.modules["made_by_library"]
        self.assertNotIn("made_by_library", sys.modules)
