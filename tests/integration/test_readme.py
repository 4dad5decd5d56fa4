"""What README.md shows is true: its commands are run, and print what it says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.integration.daemon import Daemon
from tests.integration.parts import ROOT, require

_SHOWN = re.compile(r"#> (.*)$", re.MULTILINE)


def test_the_tour_prints_what_it_says(daemon: Daemon, tmp_path: Path) -> None:
    require("curl")
    tour = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert tour
    script = tour[1].replace("http://127.0.0.1:9095", daemon.url)
    ran = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.stdout.splitlines() == _SHOWN.findall(script), ran
    assert (ran.returncode, ran.stderr) == (0, "")


def test_links_lead_to_files() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
