"""The real Pyodide in a worker, without cross-origin isolation, on a hanger of another origin."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Frame, Page

from tests.integration.browser.elsewhere import Elsewhere

pytestmark = pytest.mark.usefixtures("packages")

PROGRAM = """
for _ in range(5):
    try:
        line = input('? ')
        print(len(line), repr(line[:10]))
    except (EOFError, KeyboardInterrupt) as error:
        print(type(error).__name__)
"""
EXPECTED = "? 0 ''\n? EOFError\n? 6 'příště'\n? KeyboardInterrupt\n? 100000 'xxxxxxxxxx'\n"

CONVERSATION = """async (program) => {
    const end = run(program);
    await user.give('');
    await user.refuse(new Closed('eof'));
    await user.give('příště');
    await user.refuse(new Closed('interrupt'));
    await user.give('x'.repeat(100000));
    await end;
    return user.said;
}"""


def test_empty_line_eof_and_interrupt_differ(
    context: BrowserContext, elsewhere: Elsewhere, hangerd: str
) -> None:
    page = context.new_page()
    page.goto(f"{elsewhere.url}/pyodide.html?hanger={hangerd}")
    assert converse(page) == EXPECTED
    assert page.evaluate("crossOriginIsolated") is False


def test_sandboxed_frame(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> None:
    page = context.new_page()
    page.goto(f"{elsewhere.url}/frame.html?page={quote(f'/pyodide.html?hanger={hangerd}')}")
    frame = page.frames[1]
    assert frame.evaluate("origin") == "null"
    assert converse(frame) == EXPECTED


def test_an_interrupt_ends_a_program_that_does_not_catch_it(
    context: BrowserContext, elsewhere: Elsewhere, hangerd: str
) -> None:
    page = context.new_page()
    page.goto(f"{elsewhere.url}/pyodide.html?hanger={hangerd}")
    page.wait_for_function("window.loaded")
    said = page.evaluate(
        """async () => {
            const end = run("input()\\nprint('not reached')");
            await user.refuse(new Closed('interrupt'));
            await end;
            return user.said;
        }"""
    )
    assert said.rstrip().endswith("KeyboardInterrupt")


def converse(tab: Page | Frame) -> str:
    tab.wait_for_function("window.loaded")
    said: str = tab.evaluate(CONVERSATION, PROGRAM)
    return said
