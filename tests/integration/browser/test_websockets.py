"""Websockets of scripts in a real Chromium: the example, and a page of another origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.scripts.site import Site, runs, wait_for

TALK = """
    from hangerd import run, websocket
    async def main():
        await websocket.accept(websocket.subprotocols[0])
        async for message in websocket:
            await websocket.send(message)
            await websocket.close(3001, 'said')
    run(main())
    """
# Resolves to what the page's websocket was told, and how it was closed.
CONVERSE = """
    url => new Promise(resolve => {
      const told = [], socket = new WebSocket(url, ['talk']);
      socket.binaryType = 'arraybuffer';
      socket.onopen = () => socket.send(new Uint8Array([0, 255]));
      socket.onmessage = event => told.push(...new Uint8Array(event.data));
      socket.onclose = event =>
        resolve([socket.protocol, told, event.code, event.reason, event.wasClean]);
    })
    """


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (root := tmp_path / "site").mkdir()
    (folder := tmp_path / "daemon").mkdir()
    site = Site(folder, root)
    site.start()
    site.put("talk.py", TALK)
    site.put("page.html", "<title>A page</title>")
    yield site
    site.stop()


def test_the_clock(context: BrowserContext, hangerd: str) -> None:
    page = context.new_page()
    page.goto(f"{hangerd}/scripts/clock.py")
    expect(page.get_by_role("status")).to_have_text("The daemon tells the time.")
    clock = page.get_by_role("timer")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    here = int(clock.inner_text()[:2])
    page.get_by_label("Zone").select_option("UTC-12")
    # The hour may end meanwhile.
    hours = "|".join(f"{(here + step) % 24:02}" for step in (12, 13))
    expect(clock).to_have_text(re.compile(rf"({hours}):\d\d:\d\d"))


def test_the_clock_without_javascript(context: BrowserContext, hangerd: str) -> None:
    page = context.browser.new_page(java_script_enabled=False)  # type: ignore[union-attr]
    page.goto(f"{hangerd}/scripts/clock.py")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(page.get_by_role("status")).to_contain_text("Without JavaScript")
    page.context.close()


def test_a_conversation(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/page.html")
    told = page.evaluate(CONVERSE, f"ws://127.0.0.1:{site.port}/talk.py")
    assert told == ["talk", [0, 255], 3001, "said", True]


def test_a_page_that_leaves(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/page.html")
    page.evaluate(
        "url => new Promise(open => { new WebSocket(url, ['talk']).onopen = open; })",
        f"ws://127.0.0.1:{site.port}/talk.py",
    )
    assert len(runs(site)["runs"]) == 1
    page.close()
    wait_for(lambda: runs(site)["runs"] == [])


def test_a_page_of_another_origin(
    context: BrowserContext, site: Site, elsewhere: Elsewhere
) -> None:
    page = context.new_page()
    page.goto(elsewhere.url)
    told = page.evaluate(CONVERSE, f"ws://127.0.0.1:{site.port}/talk.py")
    assert told[2] == 1006
    assert runs(site)["runs"] == []
