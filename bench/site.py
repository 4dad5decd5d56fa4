"""The site that the servers of scripts serve: what is measured, as scripts and static files.

    python -m bench.site FOLDER

writes it for a server that is started by hand (--peer-url).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

MODULES: Final = 20
PRINTS: Final = 100_000
PRINT: Final = "0123456789\n"
LARGE: Final = 50_000_000
TICKS: Final = 50
TICK: Final = 0.02

_SCRIPTS: Final = {
    "hello.py": "print('Hello, World!')\n",
    "first.py": "import time\nprint('first', flush=True)\ntime.sleep(0.05)\nprint('second')\n",
    "ticks.py": (
        f"import time\nfor _ in range({TICKS}):\n    print('tick', flush=True)\n"
        f"    time.sleep({TICK})\n"
    ),
    "second.py": "import time\ntime.sleep(1)\nprint('done')\n",
    "blocked.py": "import time\nprint('in', flush=True)\ntime.sleep(8)\n",
    "prints.py": f"for _ in range({PRINTS}):\n    print('0123456789')\n",
    "large.py": f"print('x' * {LARGE - 1})\n",
    "modules.py": "".join(f"import part{number}\n" for number in range(MODULES))
    + "print(sum(part.VALUE for part in ("
    + "".join(f"part{number}, " for number in range(MODULES))
    + ")))\n",
    "left.py": (
        "import sys, time\nfrom pathlib import Path\n"
        "mark = Path(__file__).with_name('left.txt')\nend = time.monotonic() + 4\ntry:\n"
        "    while time.monotonic() < end:\n        print('here', flush=True)\n"
        "        time.sleep(0.01)\nexcept BaseException:\n"
        "    mark.write_text(str(time.time()))\n    raise\n"
    ),
    "endless.py": (
        "# hangerd: timeout=1\nimport time\nend = time.monotonic() + 8\n"
        "while time.monotonic() < end:\n    time.sleep(0.01)\n"
    ),
}
_PART: Final = """
import json
import re

VALUE = {number}


class Part:
    \"\"\"Some code, so that there is something to compile.\"\"\"

    def __init__(self, name, value=VALUE):
        self.name, self.value = name, value

    def told(self):
        return json.dumps({{"name": self.name, "value": self.value}})

    def words(self):
        return re.findall(r"\\w+", self.name)
"""


def write(folder: Path) -> None:
    """Write the site into a folder; the large file has a hole instead of bytes."""
    for name, source in _SCRIPTS.items():
        (folder / name).write_text(source)
    for number in range(MODULES):
        (folder / f"part{number}.py").write_text(_PART.format(number=number))
    (folder / "six.txt").write_text("hello\n")
    (folder / "megabyte.bin").write_bytes(bytes(1 << 20))
    with (folder / "gigabyte.bin").open("wb") as file:
        file.truncate(1 << 30)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
