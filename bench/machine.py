"""On what it was measured: the processor, its cores, the system and the programs' versions."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path


def machine() -> dict[str, str]:
    """Name the processor and the system."""
    told = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", told, re.MULTILINE)
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": str(os.cpu_count()),
        "Linux": platform.release(),
    }


def versions() -> dict[str, str]:
    """Name what hangerd runs on."""
    found = {
        "Python": platform.python_version(),
        **{name: version(name.lower()) for name in ("hangerd", "Twisted", "Klein", "httptools")},
    }
    if node := shutil.which("node"):
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        found["Node"] = said.stdout.strip().removeprefix("v")
    return found
