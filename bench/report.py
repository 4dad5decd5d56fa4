"""Where results go: one JSON, one table and one plot for each suite, and a page that has all."""

from __future__ import annotations

import json
from pathlib import Path

from bench.plot import plot
from bench.results import SuiteResult
from bench.table import table


def write(result: SuiteResult, folder: Path) -> None:
    """Write a suite's files into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = json.dumps(result.to_json(), indent=1, ensure_ascii=False) + "\n"
    for ending, text in (("json", kept), ("md", table(result)), ("svg", plot(result))):
        (folder / f"{result.name}.{ending}").write_text(text)
