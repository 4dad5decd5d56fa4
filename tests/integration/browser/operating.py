"""A daemon with a script and two hosts, and a browser that is signed in to its dashboard."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.integration.daemon import Daemon

ASK = 'print("x" * 5000)\ninput("Who are you? ")\n'
COUNTER = """\
import sys
def visit(number=1):
    print("visited", number)
    print("a warning of", number, file=sys.stderr, flush=True)
    return {"visits": number}
def fail():
    raise ValueError("no such luck")
"""


def operated(folder: Path, *flags: str) -> Daemon:
    """Make a daemon that has something to operate; it is to be started."""
    root = folder / "root"
    root.mkdir()
    (root / "ask.py").write_text(ASK)
    (folder / "counter.py").write_text(COUNTER)
    host = f'kind = "python"\npath = "{folder}/counter.py"\n'
    settings = f"[hosts.counter]\n{host}[hosts.other]\n{host}"
    return Daemon(folder, "--root", str(root), *flags, settings=settings)


def sign_in(page: Page, url: str, token: str) -> None:
    """Open the dashboard, and see it live."""
    page.goto(url)
    page.get_by_label("Control token").fill(token)
    page.get_by_label("Control token").press("Enter")
    expect_live(page)


def expect_live(page: Page) -> None:
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator("#board")).to_be_visible()


def signed_in(context: BrowserContext, daemon: Daemon) -> Page:
    page = context.new_page()
    sign_in(page, f"{daemon.admin_url}/", daemon.token)
    return page


def card(page: Page, host: str) -> Locator:
    """The card of a host."""
    return page.get_by_role("article", name=host)


def figure(where: Page | Locator, name: str) -> Locator:
    """The value that stands under a name."""
    return where.locator(f'.figure:has(dt:text-is("{name}")) .value')


def ask(daemon: Daemon, method: str, path: str, body: bytes = b"") -> Any:
    """Ask at the admin door with the control token."""
    headers = {"Authorization": f"Bearer {daemon.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(daemon.admin_url + path, body or None, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def instances(daemon: Daemon, host: str) -> list[int]:
    """The processes of a host."""
    return [one["pid"] for one in ask(daemon, "GET", f"/hosts/{host}/state")["instances"]]
