"""Twenty scripts print at once by every way there is: each line reaches its own visitor, once."""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

from tests.integration.parts import scale
from tests.integration.scripts.site import Site, get, together

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

SCRIPTS = 20 if os.environ.get("HANGERD_SOAK") else 8
LINES = scale(1000)
PATHS = """\
# hangerd: output=html stderr=page
import logging, pprint, sys, threading, traceback, warnings
me = sys.argv[0].rpartition('-')[2].removesuffix('.py')
warnings.simplefilter('always')
def aside():
    for n in range({lines}):
        print(f'{{me}} thread {{n}}')
thread = threading.Thread(target=aside)
thread.start()
for n in range({lines}):
    print(f'{{me}} print {{n}}')
    sys.stdout.write(f'{{me}} write {{n}}\\n')
    sys.stdout.buffer.write(f'{{me}} buffer {{n}}\\n'.encode())
    logging.warning(f'{{me}} logging {{n}}')
    warnings.warn(f'{{me}} warnings {{n}}')
    pprint.pprint(f'{{me}} pprint {{n}}')
    try:
        raise ValueError(f'{{me}} traceback {{n}}')
    except ValueError:
        traceback.print_exc()
thread.join()
"""


WAYS = ("print", "write", "buffer", "logging", "warnings", "pprint", "traceback", "thread")


def test_every_way_of_printing_reaches_its_own_visitor(wide_site: Site) -> None:
    """Nothing lost, nothing foreign, nothing in what the daemon says itself."""
    for number in range(SCRIPTS):
        wide_site.put(f"script-{1000 + number}.py", PATHS.format(lines=LINES))
    pages = together(SCRIPTS, lambda number: get(wide_site, f"/script-{1000 + number}.py", 300))
    for number, (status, body) in enumerate(pages):
        assert status == 200
        found = Counter(re.findall(r"\b(1\d{3}) (\w+) (\d+)", body.decode()))
        mine = str(1000 + number)
        assert found == Counter((mine, way, str(n)) for way in WAYS for n in range(LINES))
    assert not [way for way in WAYS if f" {way} 1" in wide_site.log()]
