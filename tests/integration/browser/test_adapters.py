"""Brython Runner and Pyodide with our adapters, from another origin and from a sandbox."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.integration.browser.conftest import profile
from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.parts import bound

pytestmark = pytest.mark.usefixtures("packages")
ADAPTERS = {"brython": "adapter.html", "pyodide": "pyodide.html"}

PROGRAM = """
for _ in range(5):
    try:
        line = input('? ')
        print(len(line), repr(line[:10]))
    except (EOFError, KeyboardInterrupt) as error:
        print(type(error).__name__)
input()
print('not reached')
"""
SAID = "? 0 ''\n? EOFError\n? 6 'příště'\n? KeyboardInterrupt\n? 100000 'xxxxxxxxxx'\n"
CONVERSATION = """async (program) => {
    user.said = '';
    const end = run(program);
    await user.give('');
    await user.refuse(new Closed('eof'));
    await user.give('příště');
    await user.refuse(new Closed('interrupt'));
    await user.give('x'.repeat(100000));
    await user.refuse(new Closed('interrupt'));
    await end;
    return user.said;
}"""


def converse(tab: Page | Frame) -> None:
    """An empty line, the end of the input and an interrupt are three things; an interrupt ends."""
    said: str = tab.evaluate(CONVERSATION, PROGRAM)
    assert said.startswith(SAID)
    traceback = said.removeprefix(SAID)
    assert traceback.rstrip().endswith("KeyboardInterrupt")
    assert "not reached\n" not in traceback


@pytest.fixture(scope="module", params=ADAPTERS)
def page(
    browser: Browser, elsewhere: Elsewhere, hangerd: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page of another origin; it is kept, since Pyodide takes seconds to load."""
    with profile(browser) as context:
        page = context.new_page()
        page.goto(f"{elsewhere.url}/{ADAPTERS[request.param]}?hanger={hangerd}")
        page.wait_for_function("window.loaded")
        yield page


def test_another_origin(page: Page) -> None:
    assert page.evaluate("crossOriginIsolated") is False
    converse(page)


def test_it_wakes_at_once(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    times: list[float] = page.evaluate(
        """async () => {
            const end = run('for _ in range(20): print(input())');
            const times = [];
            while (times.length < 20) times.push(await user.answer('x'));
            await end;
            return times;
        }"""
    )
    median = statistics.median(times)
    with capsys.disabled():
        print(f"\nwrite to wake by client.js: median {median:.1f} ms, worst {max(times):.1f} ms")
    assert median < bound(100, 500)


def test_a_refused_input_is_an_oserror(page: Page) -> None:
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Hanger-Protocol",
        "Hanger-Protocol": "2",
    }
    page.route("**/hanger/open/*", lambda route: route.fulfill(status=403, headers=headers))
    program = "try:\n    input()\nexcept OSError:\n    print('no input')"
    said = page.evaluate("(user.said = '', program => run(program).then(() => user.said))", program)
    page.unroute("**/hanger/open/*")
    assert said == "no input\n"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_sandboxed_frame(
    context: BrowserContext, elsewhere: Elsewhere, hangerd: str, adapter: str
) -> None:
    page = context.new_page()
    inside = quote(f"/{ADAPTERS[adapter]}?hanger={hangerd}")
    page.goto(f"{elsewhere.url}/frame.html?page={inside}")
    frame = page.frames[1]
    assert frame.evaluate("origin") == "null"
    frame.wait_for_function("window.loaded")
    converse(frame)
