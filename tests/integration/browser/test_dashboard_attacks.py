"""What pages of others try in vain while an operator is signed in, in a real Chromium."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.integration.browser.conftest import profile
from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.browser.operating import ask, operated, signed_in
from tests.integration.daemon import Daemon

# Each gives what it could read of the answer; None where the browser told it nothing.
FETCH = """async ([url, method, mode, headers]) => {
    try {
        const body = method === 'POST' ? '{}' : undefined;
        const answer = await fetch(url, { method, mode, headers, body, credentials: 'include' });
        return [answer.type, answer.status, await answer.text()];
    } catch { return null; }
}"""
CHANGES = ("/hosts/counter/start", "/hosts/counter/function/visit", "/-/session")
READS = ("/hosts/", "/-/slots", "/-/session", "/-/runs")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = operated(tmp_path_factory.mktemp("operated")).start()
    root = daemon.folder / "root"
    (root / "own.html").write_text("<!doctype html><title>a script's page</title>")
    (root / "cookie.py").write_text("print(__server__['HTTP_COOKIE'])\n")
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def operator(browser: Browser, daemon: Daemon) -> Iterator[BrowserContext]:
    """A browser in which the operator is signed in."""
    with profile(browser) as context:
        signed_in(context, daemon).close()
        yield context


@pytest.fixture(params=["another origin", "the public listener"])
def foreign(
    operator: BrowserContext, daemon: Daemon, elsewhere: Elsewhere, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page that is not ours, of the same site: a cookie knows no ports."""
    public = request.param == "the public listener"
    page = operator.new_page()
    page.goto(f"{daemon.url}/own.html" if public else f"{elsewhere.url}/client.html")
    yield page
    page.close()
    assert ask(daemon, "GET", "/hosts/counter/state")["state"] == "stopped"


def test_fetches_change_nothing_and_read_nothing(foreign: Page, daemon: Daemon) -> None:
    json = {"Content-Type": "application/json"}
    for path in CHANGES:
        for mode, headers in (("cors", json), ("cors", {}), ("no-cors", {})):
            told = foreign.evaluate(FETCH, [daemon.admin_url + path, "POST", mode, headers])
            assert told in (None, ["opaque", 0, ""])
    for path in READS:
        for mode in ("cors", "no-cors"):
            told = foreign.evaluate(FETCH, [daemon.admin_url + path, "GET", mode, {}])
            assert told in (None, ["opaque", 0, ""])


def test_the_cookie_goes_along_with_what_is_tried(foreign: Page, elsewhere: Elsewhere) -> None:
    """It is not for want of it that the others try in vain: a cookie knows no ports."""
    foreign.goto(f"{elsewhere.url}/cookie")
    expect(foreign.locator("body")).to_contain_text("hangerd-")


def test_scripts_do_not_see_the_cookie(foreign: Page, daemon: Daemon) -> None:
    foreign.context.add_cookies([{"name": "own", "value": "1", "url": daemon.url}])
    foreign.goto(f"{daemon.url}/cookie.py")
    expect(foreign.locator("body")).to_have_text("own=1")


def test_a_form_changes_nothing(foreign: Page, daemon: Daemon) -> None:
    action = f"{daemon.admin_url}/hosts/counter/start"
    with foreign.expect_response(action) as answered:
        foreign.evaluate(
            """action => {
                const form = document.createElement('form');
                Object.assign(form, { method: 'post', action, enctype: 'text/plain' });
                document.body.append(form);
                form.submit();
            }""",
            action,
        )
    assert answered.value.status == 401
    foreign.wait_for_url(action)


def test_a_frame_shows_nothing(foreign: Page, daemon: Daemon) -> None:
    with foreign.expect_console_message(lambda said: "frame-ancestors" in said.text):
        foreign.evaluate(
            """src => document.body.append(Object.assign(
                document.createElement('iframe'), { src }))""",
            f"{daemon.admin_url}/",
        )


def test_a_stream_tells_nothing(foreign: Page, daemon: Daemon) -> None:
    told = foreign.evaluate(
        """url => new Promise((resolve) => {
            const source = new EventSource(url, { withCredentials: true });
            source.onerror = () => resolve('refused');
            source.addEventListener('picture', () => resolve('told'));
        })""",
        f"{daemon.admin_url}/-/feed",
    )
    assert told == "refused"


def test_a_name_that_leads_to_us(operator: BrowserContext, daemon: Daemon) -> None:
    """Chromium takes any name below localhost to this machine, as DNS rebinding does."""
    page = operator.new_page()
    page.goto(daemon.admin_url.replace("127.0.0.1", "rebound.localhost"))
    page.get_by_label("Control token").fill(daemon.token)
    page.get_by_label("Control token").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("rebound.localhost")
    expect(page.locator("#board")).to_be_hidden()
    assert page.evaluate("fetch('hosts/').then((answer) => answer.status)") == 401
    page.close()


def test_a_stolen_cookie(operator: BrowserContext, daemon: Daemon) -> None:
    """It is of no use at the public door, nor for a change without our page's origin."""
    [cookie] = [one for one in operator.cookies() if one["name"].startswith("hangerd-")]
    headers = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    own = daemon.admin_url
    for url, method, more, allowed in (
        (own, "POST", {}, False),
        (own, "POST", {"Origin": "null"}, False),
        (own, "POST", {"Origin": daemon.url}, False),
        (own, "POST", {"Origin": "https" + own[4:]}, False),
        (own, "GET", {"Host": "evil.example"}, False),
        (daemon.url, "GET", {}, False),
        (daemon.url, "POST", {"Origin": daemon.url}, False),
        (own, "GET", {"Origin": own}, True),
    ):
        path = "/hosts/" if method == "GET" else "/hosts/counter/start"
        with closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)) as link:
            link.request(method, path, headers={**headers, **more})
            assert (link.getresponse().status == 200) is allowed, (url, method, more)
    assert ask(daemon, "GET", "/hosts/counter/state")["state"] == "stopped"
