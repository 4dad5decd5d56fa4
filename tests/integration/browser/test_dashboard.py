"""The dashboard in a real Chromium: signing in, seeing what happens as it happens, and acting."""

from __future__ import annotations

import http.client
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.integration.browser.cable import Cable
from tests.integration.browser.conftest import profile
from tests.integration.browser.operating import (
    card,
    expect_live,
    figure,
    instances,
    operated,
    sign_in,
    signed_in,
)
from tests.integration.daemon import Daemon
from tests.integration.nginx import Nginx
from tests.integration.watching import wait_until


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = operated(tmp_path_factory.mktemp("operated"), "--print-link").start()
    yield daemon
    daemon.stop()
    assert "Traceback" not in daemon.log(), daemon.log()


@pytest.fixture(scope="module")
def board(browser: Browser, daemon: Daemon) -> Iterator[Page]:
    """A dashboard that is live, for all tests that only add to what it shows."""
    errors: list[str] = []
    with profile(browser) as context:
        page = signed_in(context, daemon)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
    assert errors == []


def open_slot(daemon: Daemon) -> None:
    request = urllib.request.Request(f"{daemon.url}/hanger/open/", method="POST")
    urllib.request.urlopen(request, timeout=30).read()


def test_signing_in_and_out(context: BrowserContext, daemon: Daemon) -> None:
    page = context.new_page()
    page.goto(daemon.admin_url)
    field = page.get_by_label("Control token")
    expect(field).to_be_focused()
    field.fill("wrong")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This is not the control token.")
    expect(page.locator("#board")).to_be_hidden()
    field.fill(daemon.token)
    field.press("Enter")
    expect_live(page)
    [cookie] = context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    page.reload()
    expect_live(page)
    page.get_by_role("button", name="Sign out").click()
    expect(field).to_be_visible()
    assert context.cookies() == []


def test_the_printed_link(browser: Browser, context: BrowserContext, daemon: Daemon) -> None:
    [link] = [word for word in daemon.log().split() if f"{daemon.admin_url}/#" in word]
    page = context.new_page()
    page.goto(link)
    expect_live(page)
    assert page.url == f"{daemon.admin_url}/"
    with profile(browser) as another:
        page = another.new_page()
        page.goto(link)
        expect(page.get_by_role("alert")).to_contain_text("used up")
        expect(page.locator("#board")).to_be_hidden()


def test_slots(board: Page, daemon: Daemon) -> None:
    """An empty part says how to begin, and shows what comes of it at once."""
    expect(board.locator("#slots .copyable code")).to_have_text(
        f"curl -X POST {daemon.url}/hanger/open/"
    )
    open_slot(daemon)
    expect(figure(board, "Open")).to_have_text("1")
    expect(board.locator("#slots .empty")).to_be_hidden()


def test_a_run_is_stopped(board: Page, daemon: Daemon) -> None:
    expect(board.locator("#runs .copyable code")).to_contain_text("hello.py")
    with closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)) as visitor:
        visitor.request("GET", "/ask.py", headers={"Accept": "text/html"})
        row = board.get_by_role("listitem").filter(has_text="ask.py")
        expect(row).to_contain_text("for 127.0.0.1 · waits for the visitor")
        expect(row).to_contain_text("KiB")
        stop = row.get_by_role("button", name="Stop ask.py for 127.0.0.1")
        stop.click()
        board.get_by_role("button", name="Cancel").press("Enter")
        expect(board.get_by_role("dialog")).to_have_count(0)
        expect(row).to_be_visible()
        stop.click()
        board.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(row).to_have_count(0)
        with pytest.raises(http.client.IncompleteRead):
            visitor.getresponse().read()


def test_a_host_is_called_and_its_log_read(board: Page) -> None:
    host = card(board, "counter")
    host.get_by_role("button", name="Start").click()
    expect(host.locator(".state")).to_have_text("ready")
    host.get_by_text("Log", exact=True).click()
    host.get_by_text("Call a function").click()
    host.get_by_label("Function").fill("visit")
    for number in ("7", "8"):
        host.get_by_label("JSON").fill(number)
        host.get_by_role("button", name="Call", exact=True).click()
        expect(host.get_by_label("Result")).to_have_text('{\n  "visits": ' + number + "\n}")
    expect(figure(host, "Time of a call")).to_contain_text("s")
    expect(host).to_contain_text("2 calls")
    log = host.get_by_role("log")
    expect(log).to_contain_text("visited 8")
    host.get_by_label("Search the log of counter").fill("WARNING OF 7")
    expect(log.locator("p")).to_have_count(1)
    expect(log.locator("mark")).to_have_text("warning of 7")
    host.get_by_label("Search the log of counter").fill("")
    expect(log).to_contain_text("visited 7")
    host.get_by_label("JSON").fill("{")
    host.get_by_role("button", name="Call", exact=True).click()
    expect(host).to_contain_text("This is not JSON")
    host.get_by_label("Function").fill("fail")
    host.get_by_label("Given as").select_option("args and kwargs")
    host.get_by_label("JSON").fill('{"args": [], "kwargs": {}}')
    host.get_by_role("button", name="Call", exact=True).click()
    expect(host.get_by_label("Result")).to_contain_text("no such luck")


def test_a_host_is_restarted_by_hand_and_by_its_death(board: Page, daemon: Daemon) -> None:
    host = card(board, "other")
    host.get_by_role("button", name="Start").click()
    expect(host.locator(".state")).to_have_text("ready")
    [first] = instances(daemon, "other")
    expect(host).to_contain_text(f"pid {first},")
    host.get_by_role("button", name="Restart").click()
    board.get_by_role("dialog").get_by_role("button", name="Restart").click()
    expect(host).not_to_contain_text(f"pid {first},")
    wait_until(lambda: len(instances(daemon, "other")) == 1)
    [second] = instances(daemon, "other")
    expect(host).to_contain_text(f"pid {second},")
    os.kill(second, signal.SIGKILL)
    expect(host).to_contain_text("1 restart")
    expect(host).to_contain_text("ended by itself: signal 9")
    expect(host.locator(".state")).to_have_text("ready")
    expect(host).not_to_contain_text(f"pid {second},")
    host.get_by_role("button", name="Stop").click()
    board.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(host.locator(".state")).to_have_text("stopped")
    assert instances(daemon, "other") == []


def test_a_lost_connection_is_regained(context: BrowserContext, daemon: Daemon) -> None:
    with Cable(int(daemon.admin_url.rsplit(":", 1)[1])) as cable:
        page = context.new_page()
        sign_in(page, f"{cable.url}/", daemon.token)
        before = int(figure(page, "Open").inner_text())
        cable.pull()
        expect(page.locator("#connection")).to_contain_text("reconnecting")
        open_slot(daemon)
        expect(figure(page, "Open")).to_have_text(str(before))
        cable.plug()
        expect_live(page)
        expect(figure(page, "Open")).to_have_text(str(before + 1))


def test_under_a_path_of_nginx(context: BrowserContext, daemon: Daemon, tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, int(daemon.admin_url.rsplit(":", 1)[1]))
    try:
        page = context.new_page()
        sign_in(page, f"{nginx.url}/hangerd/", daemon.token)
        host = card(page, "counter")
        host.get_by_text("Call a function").click()
        host.get_by_label("Function").fill("visit")
        host.get_by_label("JSON").fill("9")
        host.get_by_role("button", name="Call", exact=True).click()
        expect(host.get_by_label("Result")).to_contain_text('"visits": 9')
        host.get_by_text("Log", exact=True).click()
        expect(host.get_by_role("log")).to_contain_text("visited 9")
    finally:
        nginx.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(board: Page, scheme: str) -> None:
    """Nothing is wider than the narrowest phone, with everything unfolded."""
    board.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    board.set_viewport_size({"width": 360, "height": 740})
    board.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert board.evaluate("document.documentElement.scrollWidth") <= 360
    board.set_viewport_size({"width": 1280, "height": 800})


def test_plots_go_on_while_nothing_is_told(board: Page) -> None:
    """The model fills the steps that the daemon is silent about, and takes late points right."""
    told = board.evaluate(
        """async () => {
            const { Model } = await import('./-/pages/dashboard/model.js');
            const model = new Model();
            const history = { every: 5, steps: 4, count: 2, series: { a: [1, 2], gone: [7, 7] } };
            model.show({ now: 1000, picture: {}, history });
            const seen = [model.values('a')];
            const point = (now, count, values) =>
                model.change({ now, changed: {}, gone: [], point: { count, values } });
            point(1020, 6, { a: 3, b: 9 });
            seen.push(model.values('a'), model.values('b'), model.values('gone'));
            point(1021, 6, { a: 4 });
            seen.push(model.values('a'), model.values('none'));
            return seen;
        }"""
    )
    none = [None] * 4
    assert told[:2] == [[None, None, 1, 2], [2, 2, 2, 3]]
    assert told[2:4] == [[None, None, None, 9], [7, 7, 7, None]]
    assert told[4:] == [[2, 2, 2, 4], none]
