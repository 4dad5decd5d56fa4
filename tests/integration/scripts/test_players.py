"""Fifty play a game of input() at once, by plain forms: each has a game of his own."""

from __future__ import annotations

import re
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.scripts.conftest import served
from tests.integration.scripts.site import Site, runs, together, wait_for

PLAYERS = 50
GAME = """\
secret = len(name := input('Who are you? '))
tries = 1
while (guess := int(input(f'{name}? '))) != secret:
    print(f'{name}: too', 'low' if guess < secret else 'high')
    tries += 1
print(f'{name}: right after {tries}')
"""


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Site]:
    """A daemon with a thread for each player."""
    with served(tmp_path, PLAYERS + 2) as site:
        site.put("game.py", GAME)
        yield site


def play(site: Site, number: int, all_here: threading.Barrier) -> str:
    """Answer each form of the page by a program, as a browser without JavaScript would."""
    name = f"player{'x' * number}"
    answers = iter([name, "1", str(number + 20), str(len(name))])
    address = f"{site.url}/game.py"
    request = urllib.request.Request(address, headers={"Accept": "text/html"})
    page, answered = "", 0
    with urllib.request.urlopen(request, timeout=60) as stream:
        while piece := stream.read1():
            page += piece.decode()
            actions = re.findall(r'<form[^>]* action="([^"]+/answer/)"', page)
            for action in actions[answered:]:
                if not answered:
                    all_here.wait(60)
                answered += 1
                body = urllib.parse.urlencode({"line": next(answers)}).encode()
                where = urllib.parse.urljoin(address, action)
                urllib.request.urlopen(where, body, timeout=60).close()
    return page


def test_fifty_players(hall: Site) -> None:
    """All of them sit before the first question until the last has come."""
    all_here = threading.Barrier(PLAYERS)
    pages = together(PLAYERS, lambda number: play(hall, number, all_here))
    for number, page in enumerate(pages):
        mine = f"player{'x' * number}"
        assert {*re.findall(r"player\w*", page)} == {mine}
        assert f"{mine}: too low" in page
        assert f"{mine}: too high" in page
        assert f"{mine}: right after 3" in page
    wait_for(lambda: not runs(hall)["runs"])
