"""Extension modules of the document root, with one that some installed package brings."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.integration.parts import missing
from tests.integration.scripts.running import Stage, failing, run

NAME = "_speedups"
OUTSIDE = f"No module named 'pack.{NAME}'"


@pytest.fixture
def extension() -> Path:
    """The file of a module that nobody has under this name alone."""
    spec = find_spec(f"markupsafe.{NAME}")
    if spec is None or spec.origin is None:
        missing(f"markupsafe.{NAME}, MarkupSafe's module in C")
        raise AssertionError
    return Path(spec.origin)


def test_one_in_a_package_is_shared(stage: Stage, extension: Path) -> None:
    (stage.root / "pack").mkdir()
    (stage.root / "pack" / "__init__.py").touch()
    shutil.copy(extension, stage.root / "pack")
    source = f"""
        import importlib, sys
        from pack import {NAME}
        import pack.{NAME} as same
        assert same is {NAME} is importlib.import_module('pack.{NAME}')
        assert sys.modules['pack.{NAME}'] is same
        print({NAME}.__file__, getattr(same, 'kept', None))
        same.kept = 1
        """
    told = run(stage, source).text.split()
    assert told == [str(stage.root / "pack" / extension.name), "None"]
    assert run(stage, source).text.split()[1] == "1"
    assert f"pack.{NAME}" not in sys.modules


@pytest.mark.parametrize("how", [f"import {NAME} as it", f"it = importlib.import_module('{NAME}')"])
def test_one_in_no_package(stage: Stage, extension: Path, how: str) -> None:
    shutil.copy(extension, stage.root)
    source = f"import importlib\n{how}\nimport {NAME}\nprint(it.__file__, it is {NAME})"
    assert run(stage, source).text == f"{stage.root / extension.name} True\n"
    assert NAME not in sys.modules


def test_a_link_out_of_the_root_is_none(stage: Stage, extension: Path) -> None:
    (stage.root / "pack").mkdir()
    (stage.root / "pack" / extension.name).symlink_to(extension)
    (stage.root / extension.name).symlink_to(extension)
    assert OUTSIDE in failing(stage, f"import pack.{NAME}")
    assert f"No module named '{NAME}'" in failing(stage, f"import {NAME}")


def test_what_is_none_says_so(stage: Stage, extension: Path) -> None:
    (stage.root / f"{NAME}.so").write_text("not a library")
    assert failing(stage, f"import {NAME}").startswith("ImportError: ")
    assert failing(stage, "import nothing_of_this_name").startswith("ModuleNotFoundError: ")
