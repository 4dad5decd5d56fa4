"""The rules of the house about imports, read from the sources; see CONTRIBUTING.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).parent.parent

# Modules that are given their clock, their tokens and their bytes, by path without hangerd/. Each
# opens with at least three lines that state its rules.
PURE = (
    "control.py",
    "dashboard/changes.py",
    "dashboard/history.py",
    "dashboard/passes.py",
    "dashboard/rates.py",
    "deadlines.py",
    "slots/expiry.py",
    "slots/graveyard.py",
    "slots/limits.py",
    "slots/registry.py",
    "slots/slot.py",
    "slots/shelf.py",
    "slots/table.py",
    "slots/tokens.py",
    "slots/waiting.py",
    "client/http1.py",
    "client/session.py",
    "client/values.py",
    "histogram.py",
    "hosts/lifecycle.py",
    "hosts/machine.py",
    "hosts/restarts.py",
    "hosts/wire.py",
    "scripts/folders.py",
    "scripts/kinds.py",
    "scripts/names.py",
    "scripts/paths.py",
    "scripts/settings.py",
)
_IMPURE = {"asyncio", "klein", "selectors", "socket", "subprocess", "threading", "time", "twisted"}


@dataclass(frozen=True)
class Import:
    """A module (or something in one) that a source imports."""

    name: str
    line: int
    in_function: bool


def imports(tree: ast.AST, *, in_function: bool = False) -> Iterator[Import]:
    """All imports of a module, with dotted names; `from a import b` counts as a.b."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield Import(alias.name, node.lineno, in_function)
            case ast.ImportFrom():
                for alias in node.names:
                    yield Import(f"{node.module or '.'}.{alias.name}", node.lineno, in_function)
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports(node, in_function=in_function or inside)


def within(name: str, package: str) -> bool:
    """Whether a dotted name is a package or in it."""
    return name == package or name.startswith(package + ".")


def violations(path: str, source: str) -> list[str]:
    """What a source breaks, one line each; `path` is that below hangerd/."""
    tree = ast.parse(source)
    room = PurePosixPath(path).parts[0]
    found = []
    for each in imports(tree):
        at = f"{path}:{each.line}"
        web = within(each.name, "klein") or within(each.name, "twisted.web")
        if web and room not in {"web", "tap.py"}:
            found.append(f"{at}: only web/ and tap.py import {each.name}")
        if within(each.name, "twisted.internet.reactor"):
            if path != "tap.py":
                found.append(f"{at}: only tap.py imports the reactor")
            elif not each.in_function:
                found.append(f"{at}: the reactor is imported inside a function")
        if path in PURE and each.name.split(".")[0] in _IMPURE:
            found.append(f"{at}: a pure module does not import {each.name}")
        if path in PURE and within(each.name, "hangerd.web"):
            found.append(f"{at}: a pure module knows no HTTP")
    opening = ast.get_docstring(tree) or ""
    if not opening:
        found.append(f"{path}:1: says nothing of its job")
    if path in PURE and len([line for line in opening.splitlines() if line.strip()]) < 3:
        found.append(f"{path}:1: a pure module opens with three lines that state its rules")
    return found


class TreeTests(SynchronousTestCase):
    """The tree as it stands."""

    def sources(self) -> dict[str, str]:
        package = ROOT / "hangerd"
        return {
            file.relative_to(package).as_posix(): file.read_text()
            for file in sorted(package.rglob("*.py"))
        }

    def test_rules_hold(self) -> None:
        broken = [
            one for path, source in self.sources().items() for one in violations(path, source)
        ]
        self.assertEqual(broken, [])

    def test_what_the_table_names_is_there(self) -> None:
        missing = [path for path in PURE if not (ROOT / "hangerd" / path).exists()]
        self.assertEqual(missing, [])

    def test_the_plugin_imports_no_more_than_application(self) -> None:
        plugin = ast.parse((ROOT / "twisted" / "plugins" / "hangerd_plugin.py").read_text())
        self.assertEqual(
            [one.name for one in imports(plugin) if not within(one.name, "twisted.application")], []
        )
        self.assertFalse((ROOT / "twisted" / "__init__.py").exists())
        self.assertFalse((ROOT / "twisted" / "plugins" / "__init__.py").exists())

    def test_files_are_of_readable_length(self) -> None:
        long = {p: n for p, source in self.sources().items() if (n := source.count("\n")) > 300}
        self.assertEqual(long, {})


class CheckerTests(SynchronousTestCase):
    """The check itself can fail."""

    def assertBroken(self, path: str, source: str, word: str) -> None:
        text = '"""One.\n\nTwo.\nThree.\n"""\n' + source
        [found] = violations(path, text)
        self.assertIn(word, found)
        self.assertTrue(found.startswith(f"{path}:6"), found)

    def test_web_outside_of_web(self) -> None:
        for source in (
            "import klein",
            "from klein import Klein",
            "import twisted.web.http",
            "from twisted.web import http",
            "from twisted import web",
        ):
            self.assertBroken("slots/service.py", source, "only web/ and tap.py")
            self.assertEqual(violations("web/site.py", '"""Job."""\n' + source), [])

    def test_names_that_only_look_alike(self) -> None:
        source = '"""Job."""\nimport kleinanzeigen\nimport twisted.webmail'
        self.assertEqual(violations("slots/service.py", source), [])

    def test_reactor(self) -> None:
        inside = "def f() -> None:\n    from twisted.internet import reactor"
        self.assertEqual(violations("tap.py", '"""Job."""\n' + inside), [])
        self.assertBroken("tap.py", "from twisted.internet import reactor", "inside a function")
        for source in ("from twisted.internet import reactor", "import twisted.internet.reactor"):
            self.assertBroken("web/site.py", source, "only tap.py")
        [found] = violations("web/site.py", '"""Job."""\n' + inside)
        self.assertIn("only tap.py", found)

    def test_reactor_in_a_class_or_a_branch_is_at_the_top(self) -> None:
        for source in (
            "if True: from twisted.internet import reactor",
            "class A: from twisted.internet import reactor",
        ):
            self.assertBroken("tap.py", source, "inside a function")

    def test_pure_modules(self) -> None:
        for name in ("time", "socket", "asyncio", "twisted.python", "threading"):
            self.assertBroken("slots/table.py", f"import {name}", "pure")
            self.assertBroken("slots/table.py", f"def f():  import {name}", "pure")
        self.assertBroken("slots/table.py", "from time import monotonic", "pure")
        self.assertBroken("slots/table.py", "from hangerd.web import query", "HTTP")

    def test_opening_lines(self) -> None:
        [found] = violations("slots/table.py", '"""One.\n\nTwo."""')
        self.assertIn("three lines", found)
        [found] = violations("web/site.py", "x = 1")
        self.assertIn("job", found)
