"""Where results go: JSON, table and plot of each suite, and the goals of all into the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from bench.plot import plot
from bench.results import SuiteResult, from_json
from bench.table import goals, table

_BEGIN: Final = "<!-- goals: written by make bench -->\n"
_END: Final = "<!-- end of goals -->\n"


def write(result: SuiteResult, folder: Path) -> None:
    """Write a suite's files into the folder, and the goals into the page beside it (FOLDER.md)."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = json.dumps(result.to_json(), indent=1, ensure_ascii=False) + "\n"
    for ending, text in (("json", kept), ("md", table(result)), ("svg", plot(result))):
        (folder / f"{result.name}.{ending}").write_text(text)
    page = folder.with_name(f"{folder.name}.md")
    if page.exists():
        results = [
            from_json(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))
        ]
        page.write_text(with_goals(page.read_text(), results))


def with_goals(page: str, results: list[SuiteResult]) -> str:
    """Give a page with the goals of these suites between its two marks; unchanged without them."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        return page
    return before + begin + "\n" + goals(results) + "\n" + end + after
