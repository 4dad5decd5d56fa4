"""The playground of the examples, as a visitor uses it: by mouse and keyboard, in both Pythons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

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
    """The playground, loaded once by way of the start page. It asks no third party for anything."""
    asked_for: list[str] = []
    with profile(browser) as context:
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.goto(hangerd)
        page.get_by_role("link", name="Playground").click()
        ready(page)
        expect(page.get_by_label("Python")).to_have_value("brython")
        if request.param != "brython":
            page.get_by_label("Python").select_option(request.param)
            ready(page)
        yield page
    home = (f"{hangerd}/", f"blob:{hangerd}/", "data:")
    assert asked_for
    assert [url for url in asked_for if not url.startswith(home)] == []


def run(page: Page, program: str = "") -> None:
    if program:
        page.fill("#code", program)
    page.get_by_role("button", name="Run", exact=True).click()


def ready(page: Page) -> None:
    """Wait until Python is loaded, which takes seconds on a busy machine."""
    expect(page.locator("#state")).to_have_text("Ready", timeout=30_000)


def screen(page: Page) -> str:
    """What the terminal shows."""
    return "\n".join(page.locator(".line").all_inner_texts())


def answer(page: Page, line: str) -> None:
    field = asked(page)
    field.press_sequentially(line)
    field.press("Enter")
    until_idle(page)


def asked(page: Page) -> Locator:
    field = page.locator(".prompt:not(.resting) input")
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
        verdict = re.findall("More|Less|Right", screen(page))[-1]
        low, high = (guess + 1, high) if verdict == "More" else (low, guess - 1)
        assert low <= high or verdict == "Right"
    assert "That was an empty line." in screen(page)


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
    assert screen(page) == "? \n''\n? ^D\nEOFError\n? ^C\nKeyboardInterrupt\n"


def test_stop_ends_a_program_that_computes(page: Page) -> None:
    ready(page)
    run(page, "print('on')\nwhile True: pass")
    expect(page.locator("#screen")).to_contain_text("on")
    page.get_by_role("button", name="Stop").click()
    ready(page)
    run(page, "print(input())")
    answer(page, "still here")
    ready(page)
    assert screen(page) == "still here\nstill here\n"


def test_missing_packages(context: BrowserContext, hangerd: str) -> None:
    """Without Brython Runner it is Pyodide; without both, how to get them."""
    context.route("**/brython-runner/**", lambda route: route.fulfill(status=404))
    page = context.new_page()
    page.goto(f"{hangerd}/browser/")
    expect(page.get_by_label("Python")).to_have_value("pyodide")
    context.route("**/node_modules/**", lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.locator("#screen")).to_contain_text("npm install --prefix examples")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()


def test_the_editor_on_a_phone(browser: Browser, hangerd: str) -> None:
    phone = ViewportSize(width=390, height=844)
    with browser.new_context(viewport=phone, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto(f"{hangerd}/browser/")
        expect(page.locator("#code")).to_have_value(re.compile("randint"))
        code = page.get_by_label("Source")
        code.fill("")
        code.press_sequentially("if 1:\nx = 2\n")
        code.press("Shift+Tab")
        code.press_sequentially("print(x)")
        expect(code).to_have_value("if 1:\n    x = 2\nprint(x)")
        code.press("Control+a")
        code.press("Tab")
        expect(code).to_have_value("    if 1:\n        x = 2\n    print(x)")
        code.press("Shift+Tab")
        expect(code).to_have_value("if 1:\n    x = 2\nprint(x)")
        ready(page)
        code.press("Control+Enter")
        expect(page.locator(".lines")).to_contain_text("2")
        page.reload()
        expect(code).to_have_value("if 1:\n    x = 2\nprint(x)")
        page.get_by_label("Program", exact=True).select_option("quiz")
        expect(code).to_have_value(re.compile("Five questions"))
        page.get_by_label("Program", exact=True).select_option("guess")
        page.get_by_role("button", name="Reset").click()
        expect(code).to_have_value(re.compile("randint"))
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        code.press("Escape")
        code.press("Tab")
        expect(code).not_to_be_focused()


def test_the_lock_file_names_no_download_address() -> None:
    """So that it works with whichever registry npm is set to."""
    packages = json.loads((EXAMPLES / "package-lock.json").read_text())["packages"]
    assert not [name for name, facts in packages.items() if "resolved" in facts]


def test_the_start_page_has_it(browser: Browser, hangerd: str) -> None:
    with profile(browser) as context:
        page = context.new_page()
        page.goto(hangerd)
        playground = page.frame_locator("iframe")
        expect(playground.locator("#state")).to_have_text("Ready", timeout=30_000)
        expect(playground.get_by_role("heading", name="Playground")).to_be_hidden()
        playground.get_by_role("button", name="Run", exact=True).click()
        expect(playground.locator("#screen")).to_contain_text("Your guess:")
