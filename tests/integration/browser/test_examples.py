"""The example pages, as a reader uses them: on the daemon's own origin, with mouse and keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.integration.browser.conftest import profile
from tests.integration.browser.elsewhere import EXAMPLES

THREE_ENDS = """
for _ in range(3):
    try:
        print(repr(input('? ')))
    except (EOFError, KeyboardInterrupt) as error:
        print(type(error).__name__)
"""
PYTHONS = ["brython", "pyodide"]
pytestmark = pytest.mark.usefixtures("packages")


@pytest.fixture(scope="module", params=PYTHONS)
def page(browser: Browser, hangerd: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An example, loaded once by way of the start page. It asks no third party for anything."""
    asked_for: list[str] = []
    with profile(browser) as context:
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.goto(hangerd)
        page.click(f"a[href*={request.param}]")
        ready(page)
        yield page
    home = (f"{hangerd}/", f"blob:{hangerd}/", "data:")
    assert asked_for
    assert [url for url in asked_for if not url.startswith(home)] == []


def run(page: Page, program: str = "") -> None:
    if program:
        page.fill("#code", program)
    page.get_by_role("button", name="Run").click()


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


def test_the_game(page: Page) -> None:
    run(page)
    answer(page, "")
    low, high, verdict = 1, 20, ""
    while verdict != "Right":
        guess = (low + high) // 2
        answer(page, str(guess))
        verdict = re.findall("More|Less|Right", page.locator("#screen").inner_text())[-1]
        low, high = (guess + 1, high) if verdict == "More" else (low, guess - 1)
        assert low <= high or verdict == "Right"
    assert "That was an empty line." in page.locator("#screen").inner_text()


@pytest.mark.parametrize("by", ["button", "key"])
def test_a_line_its_end_and_an_interrupt(page: Page, by: str) -> None:
    ready(page)
    run(page, THREE_ENDS)
    answer(page, "")
    for name, key in (("End input", "Control+d"), ("Stop", "Control+c")):
        field = asked(page)
        if by == "key":
            field.press(key)
        else:
            page.get_by_role("button", name=name).click()
        until_idle(page)
    ready(page)
    assert page.locator("#screen").inner_text() == "? \n''\n? ^DEOFError\n? ^C\nKeyboardInterrupt\n"


def test_stop_ends_a_program_that_computes(page: Page) -> None:
    ready(page)
    run(page, "print('on')\nwhile True: pass")
    expect(page.locator("#screen")).to_contain_text("on")
    page.get_by_role("button", name="Stop").click()
    ready(page)
    run(page, "print(input())")
    answer(page, "still here")
    expect(page.locator("#screen")).to_have_text("still here\nstill here\n")


@pytest.mark.parametrize("python", PYTHONS)
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
