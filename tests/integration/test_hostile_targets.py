"""Hundreds of hostile targets, sent to a real daemon as they are: the status, and no secret."""

from __future__ import annotations

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hostile import CANARY, PUBLIC, RUN, TARGETS, make_site
from tests.web.exchange import Answer, parse

BROWSER = b"Accept: text/html,*/*;q=0.8\r\n"
REFUSALS = (
    *(b"Bad Request", b"Path traversal is not allowed", b"Access to dotfiles is prohibited"),
    *(b"Unsafe URL detected", b"URL not found: ", b"Disallowed file extension: ."),
)


@pytest.fixture
def site(tmp_path: Path, start_daemon: StartDaemon) -> Daemon:
    """A daemon that serves a folder with secrets in and around it."""
    top = tmp_path / "site"
    top.mkdir()
    return start_daemon("--root", str(make_site(top)))


def ask(daemon: Daemon, target: bytes, headers: bytes = b"", method: bytes = b"GET") -> Answer:
    """Send one request line as it is, and read until the daemon closes."""
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=20) as connection:
        head = b"%b %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%b\r\n"
        connection.sendall(head % (method, target, headers))
        received = b""
        while block := connection.recv(65536):
            received += block
    return parse(received)


def ask_all(
    daemon: Daemon, headers: bytes = b"", method: bytes = b"GET"
) -> list[tuple[bytes, int, Answer]]:
    """Ask for every target: what was asked, the status it should have, and the answer."""
    run = ask(daemon, b"/hello.py", headers, method).status
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda entry: ask(daemon, entry[0], headers, method), TARGETS)
        return [
            (target, run if status == RUN else status, answer)
            for (target, status), answer in zip(TARGETS, answers, strict=True)
        ]


def test_there_are_enough_and_each_is_there_once() -> None:
    """A target that is written down twice says nothing twice."""
    assert len(TARGETS) >= 300
    assert [
        target for target, times in Counter(target for target, _ in TARGETS).items() if times > 1
    ] == []


def is_told(answer: Any, status: int) -> bool:
    """Whether an answer has this status; what is no target at all is refused before any rule."""
    return answer.status == status or (answer.status == 400 and status in {403, 404})


def test_programs(site: Daemon) -> None:
    """What a program is answered: the public files, or a refusal in the words that are promised."""
    wrong = []
    for target, status, answer in ask_all(site):
        refused = answer.body.startswith(REFUSALS) or b'"error"' in answer.body
        fits = PUBLIC in answer.body if status == 200 else refused
        if not is_told(answer, status) or CANARY in answer.body or not fits:
            wrong.append((target[:80], status, answer.status, answer.body[:80]))
    assert wrong == []


def test_browsers(site: Daemon) -> None:
    """A browser is told the same, in pages; only folders without a slash are another matter."""
    wrong = []
    for target, status, answer in ask_all(site, BROWSER):
        moved = answer.status == 308 and answer["location"] == "docs/"
        if not (is_told(answer, status) or moved) or CANARY in answer.body:
            wrong.append((target[:80], status, answer.status, answer.body[:80]))
        if b"<script>" in answer.body or b"<svg>" in answer.body:
            wrong.append((target[:80], answer.status, answer.status, answer.body[:80]))
    assert wrong == []


@pytest.mark.parametrize("method", [b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"TRACE"])
def test_other_methods(site: Daemon, method: bytes) -> None:
    """No method reaches what GET does not; files are for GET and HEAD."""
    wrong = []
    for target, status, answer in ask_all(site, b"", method):
        is_file = status == 200 and b"hello.py" not in target
        expected = 405 if is_file and method != b"HEAD" else status
        if not is_told(answer, expected) or CANARY in answer.body:
            wrong.append((target[:80], expected, answer.status, answer.body[:80]))
    assert wrong == []
