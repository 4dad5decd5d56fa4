"""The example pages, as a reader uses them: on the daemon's own origin, with mouse and keyboard."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.integration.browser.elsewhere import EXAMPLES

THREE_ENDS = """
for _ in range(3):
    try:
        print(repr(input('? ')))
    except (EOFError, KeyboardInterrupt) as error:
        print(type(error).__name__)
"""
PYTHONS = pytest.mark.parametrize("python", ["brython", "pyodide"])
pytestmark = pytest.mark.usefixtures("packages")


def load(context: BrowserContext, hangerd: str, python: str) -> Page:
    page = context.new_page()
    page.on("request", lambda request: _stay_home(request.url, hangerd))
    page.goto(hangerd)
    page.click(f"a[href*={python}]")
    ready(page)
    return page


def _stay_home(url: str, hangerd: str) -> None:
    assert url.startswith((hangerd, f"blob:{hangerd}", "data:")), f"a third party: {url}"


def ready(page: Page) -> None:
    """Wait until Python is loaded, which takes seconds on a busy machine."""
    expect(page.locator("#state")).to_have_text("Ready", timeout=30_000)


def answer(page: Page, line: str) -> None:
    field = asked(page)
    field.press_sequentially(line)
    field.press("Enter")
    until_idle(page)


def asked(page: Page) -> Locator:
    field = page.get_by_label("Your answer")
    expect(field).to_be_focused()
    return field


def until_idle(page: Page) -> None:
    """Wait until the program asks for more or has ended."""
    expect(page.locator("body:is([data-state=waiting], [data-state=ready])")).to_have_count(1)


@PYTHONS
def test_a_line_its_end_and_an_interrupt(
    context: BrowserContext, hangerd: str, python: str
) -> None:
    """By button and by key."""
    page = load(context, hangerd, python)
    for by_key in (False, True):
        page.fill("#code", THREE_ENDS)
        page.get_by_role("button", name="Run").click()
        answer(page, "")
        for name, key in (("End input", "Control+d"), ("Stop", "Control+c")):
            field = asked(page)
            field.press(key) if by_key else page.get_by_role("button", name=name).click()
            until_idle(page)
        ready(page)
        said = page.locator("#screen").inner_text()
        assert said == "? \n''\n? ^DEOFError\n? ^C\nKeyboardInterrupt\n"


@PYTHONS
def test_the_game(context: BrowserContext, hangerd: str, python: str) -> None:
    page = load(context, hangerd, python)
    page.get_by_role("button", name="Run").click()
    answer(page, "")
    low, high, verdict = 1, 20, ""
    while verdict != "Right":
        guess = (low + high) // 2
        answer(page, str(guess))
        verdict = re.findall("More|Less|Right", page.locator("#screen").inner_text())[-1]
        low, high = (guess + 1, high) if verdict == "More" else (low, guess - 1)
        assert low <= high or verdict == "Right"
    assert "That was an empty line." in page.locator("#screen").inner_text()


@PYTHONS
def test_stop_ends_a_program_that_computes(
    context: BrowserContext, hangerd: str, python: str
) -> None:
    page = load(context, hangerd, python)
    page.fill("#code", "print('on')\nwhile True: pass")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#screen")).to_contain_text("on")
    page.get_by_role("button", name="Stop").click()
    ready(page)
    page.fill("#code", "print(input())")
    page.get_by_role("button", name="Run").click()
    answer(page, "still here")
    expect(page.locator("#screen")).to_have_text("still here\nstill here\n")


@PYTHONS
def test_missing_packages(context: BrowserContext, hangerd: str, python: str) -> None:
    context.route("**/node_modules/**", lambda route: route.fulfill(status=404))
    page = context.new_page()
    page.goto(f"{hangerd}/browser/{python}.html")
    expect(page.locator("#screen")).to_contain_text("npm install --prefix examples")
    expect(page.get_by_role("button", name="Run")).to_be_disabled()


def test_the_lock_file_names_no_download_address() -> None:
    """So that it works with whichever registry npm is set to."""
    packages = json.loads((EXAMPLES / "package-lock.json").read_text())["packages"]
    assert not [name for name, facts in packages.items() if "resolved" in facts]
