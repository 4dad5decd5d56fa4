"""One Chromium and one daemon for all browser tests, a profile for each, and an origin beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.integration.browser.elsewhere import EXAMPLES, Elsewhere
from tests.integration.daemon import Daemon
from tests.integration.parts import require, require_file

FLAGS = [
    "--headless=new",
    "--no-sandbox",  # which root in a container cannot have
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
# Short, so that each test meets hops and ended leases.
SETTINGS = """
[slots]
read_hop = 1
lease = 1
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = require("chromium", "chromium-browser", "google-chrome")
    expect.set_options(timeout=30_000)  # of a busy machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of its own, with six connections of its own to each server."""
    with profile(browser) as context:
        yield context


@contextmanager
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """The same, for fixtures that keep a page for several tests."""
    with browser.new_context() as context:
        context.set_default_timeout(30_000)
        context.on("console", _show)
        yield context


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        yield server


@pytest.fixture(scope="session")
def hangerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a daemon that serves the examples."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon"), "--root", str(EXAMPLES), settings=SETTINGS)
    daemon.start()
    yield daemon.url
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


@pytest.fixture
def page(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> Page:
    """A page of another origin that has client.js."""
    return load_client(context, elsewhere, hangerd)


@pytest.fixture(scope="module")
def kept(browser: Browser, elsewhere: Elsewhere, hangerd: str) -> Iterator[Page]:
    """The same, for all tests of a module that leave it as they found it."""
    with profile(browser) as context:
        yield load_client(context, elsewhere, hangerd)


def load_client(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> Page:
    page = context.new_page()
    page.goto(f"{elsewhere.url}/client.html?hanger={hangerd}")
    page.wait_for_function("window.loaded")
    return page


@pytest.fixture(scope="session")
def packages() -> None:
    """Brython Runner and Pyodide."""
    for file in ("brython-runner/lib/brython-runner.bundle.js", "pyodide/pyodide.mjs"):
        require_file(EXAMPLES / "node_modules" / file, "npm ci --prefix examples")


def _show(message: ConsoleMessage) -> None:
    """Put a page's complaints into the report of the test that fails."""
    if message.type in {"error", "warning"}:
        print(f"{message.type}: {message.text}")
