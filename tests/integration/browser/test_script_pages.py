"""Console scripts as pages, in a real Chromium: text, colours, questions - with and without JS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.integration.parts import scale
from tests.integration.scripts.site import Site

GUESS = """\
secret = 7
name = input('Who are you? ')
while True:
    guess = int(input(f'A number, {name}? '))
    if guess == secret:
        break
    print('too', 'low' if guess < secret else 'high')
print('\\x1b[32mright\\x1b[0m, <' + name + '>')
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (root := tmp_path / "site").mkdir()
    (folder := tmp_path / "daemon").mkdir()
    site = Site(folder, root, threads=60)
    site.start()
    site.put("guess.py", GUESS)
    yield site
    site.stop()


@pytest.fixture
def unscripted(browser: Browser) -> Iterator[BrowserContext]:
    """A profile with JavaScript turned off."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(30_000)
    yield context
    context.close()


def asked(page: Page, number: int, prompt: str) -> Locator:
    """Return the field of a question, once it is shown under its label."""
    form = page.locator(f"#hangerd-{number}")
    expect(form.get_by_label(prompt)).to_be_visible()
    return form.get_by_label(prompt)


def answer(page: Page, number: int, prompt: str, line: str) -> None:
    """Answer a question, and see it turn into text."""
    field = asked(page, number, prompt)
    field.fill(line)
    field.press("Enter")
    expect(page.locator(f"#hangerd-{number}:visible")).to_have_count(0)


def play(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/guess.py", wait_until="commit")
    answer(page, 1, "Who are you?", name)
    for number, guess in enumerate(("3", "9", "7"), 2):
        answer(page, number, f"A number, {name}?", guess)
    expect(page.locator("main")).to_contain_text(f"right, <{name}>")
    transcript = page.locator("main").inner_text()
    for line in (f"Who are you? {name}", f"A number, {name}? 3", "too low", "too high"):
        assert line in transcript
    assert page.locator(".f2").inner_text() == "right"


def test_the_game_with_javascript(context: BrowserContext, site: Site) -> None:
    play(page := context.new_page(), site, "Ada")
    page.goto(f"{site.url}/guess.py", wait_until="commit")
    expect(asked(page, 1, "Who are you?")).to_be_focused()


def test_the_game_in_a_packed_page(context: BrowserContext, site: Site) -> None:
    """The browser shows each question as it comes, though the page's stream goes on."""
    site.put("guess.py", f"# hangerd: compress=on\n{GUESS}")
    page, codings = context.new_page(), []
    page.on("response", lambda answer: codings.append(answer.headers.get("content-encoding")))
    play(page, site, "Edith")
    assert codings[0] == "gzip"


def test_the_game_without_javascript(unscripted: BrowserContext, site: Site) -> None:
    play(unscripted.new_page(), site, "Grace")


def test_the_end_of_input(unscripted: BrowserContext, context: BrowserContext, site: Site) -> None:
    site.put(
        "ends.py",
        """\
        for _ in range(2):
            try:
                input('more? ')
            except (EOFError, KeyboardInterrupt) as e:
                print('got', type(e).__name__)
        """,
    )
    page = unscripted.new_page()
    page.goto(f"{site.url}/ends.py", wait_until="commit")
    for number in (1, 2):
        page.locator(f"#hangerd-{number}").get_by_role("button", name="End").click()
    expect(page.locator("pre", has_text="got EOFError")).to_have_count(2)
    page = context.new_page()
    page.goto(f"{site.url}/ends.py", wait_until="commit")
    asked(page, 1, "more?").press("Control+c")
    expect(page.locator("main")).to_contain_text("got KeyboardInterrupt")
    asked(page, 2, "more?").press("Control+d")
    expect(page.locator("main")).to_contain_text("got EOFError")


def test_a_password_is_not_shown(context: BrowserContext, site: Site) -> None:
    site.put("word.py", "import getpass\nprint(len(getpass.getpass('word? ')))")
    page = context.new_page()
    page.goto(f"{site.url}/word.py", wait_until="commit")
    assert asked(page, 1, "word?").get_attribute("type") == "password"
    answer(page, 1, "word?", "hunter2")
    expect(page.locator("main")).to_contain_text("7")
    assert "hunter2" not in page.content()


def test_a_page_of_html_asks_too(context: BrowserContext, site: Site) -> None:
    site.put("html.py", "print('<h1>Hi</h1>')\nprint('<p>' + input('name? '))")
    page = context.new_page()
    page.goto(f"{site.url}/html.py", wait_until="commit")
    answer(page, 1, "name?", "Ada")
    expect(page.locator("p")).to_have_text("Ada")


def test_a_progress_line_overwrites_itself(context: BrowserContext, site: Site) -> None:
    site.put(
        "bar.py",
        "import time\nfor n in range(4):\n    print(f'\\r{n * 25} %', end='', flush=True)\n"
        "    time.sleep(.05)\nprint()\nprint('done')",
    )
    page = context.new_page()
    page.goto(f"{site.url}/bar.py")
    assert page.locator("pre").inner_text().split("\n")[:2] == ["75 %", "done"]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_many_players_at_once(context: BrowserContext, site: Site) -> None:
    pages = [(context.browser.new_context(), f"P{n}") for n in range(scale(50))]  # type: ignore[union-attr]
    opened = [(profile.new_page(), name) for profile, name in pages]
    for page, _ in opened:
        page.goto(f"{site.url}/guess.py", wait_until="commit")
    for page, name in opened:
        answer(page, 1, "Who are you?", name)
    for page, name in opened:
        answer(page, 2, f"A number, {name}?", "7")
    for page, name in opened:
        expect(page.locator("main")).to_contain_text(f"right, <{name}>")
    for profile, _ in pages:
        profile.close()
