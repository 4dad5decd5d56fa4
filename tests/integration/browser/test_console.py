"""The console in a real Chromium: a script as a terminal, by keyboard and by buttons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.integration.browser.conftest import profile
from tests.integration.nginx import Nginx
from tests.integration.scripts.site import Site, get, runs, wait_for

SCRIPTS = {
    "talk.py": """\
        import getpass, sys, time
        print(sys.argv[1:])
        name = input('Who are you? ')
        for done in range(0, 101, 20):
            print(f'\\r{"#" * (done // 10)} {done} %', end='', flush=True)
            time.sleep(0.02)
        print('\\n\\x1b[32mgreen\\x1b[0m', name)
        print('careful', file=sys.stderr)
        print(len(getpass.getpass('Password: ')))
        """,
    "ends.py": """\
        for _ in range(2):
            try:
                print(input('more? '))
            except (EOFError, KeyboardInterrupt) as e:
                print('got', type(e).__name__)
        exit(3)
        """,
    "loop.py": "n = 0\nwhile True:\n    print(n)\n    n += 1",
    "page.py": "print('<h1>Hi</h1>')",
    "long.py": "print('x' * 500)\ninput('ready? ')\nprint('y' * 500)",
    "slow.py": """\
        import time
        for n in range(200): print('line', n)
        while True:
            print('more')
            time.sleep(0.1)
        """,
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    (root := tmp_path_factory.mktemp("site") / "root").mkdir()
    site = Site(tmp_path_factory.mktemp("daemon"), root, threads=8)
    site.start()
    for name, source in SCRIPTS.items():
        site.put(name, source)
    (root / "two words").mkdir()
    site.put("two words/talk.py", SCRIPTS["talk.py"])
    yield site
    site.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A page for all tests; what it does not catch fails the last of them."""
    errors: list[str] = []
    with profile(browser) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda told: errors.append(told.text) if "Policy" in told.text else None)
        yield page
    assert errors == []


def open_console(page: Page, site: Site | Nginx, path: str) -> None:
    page.goto(f"{site.url}/-/console/{path}", wait_until="commit")


def asked(page: Page, question: str) -> Locator:
    """The line to be typed, once the question is put."""
    field = page.get_by_label(question, exact=True)
    expect(field).to_be_focused()
    return field


def answer(page: Page, question: str, line: str) -> None:
    field = asked(page, question)
    field.press_sequentially(line)
    field.press("Enter")


def shown(page: Page) -> str:
    """What the terminal shows, one line each."""
    rows: list[str] = page.locator(".line").all_inner_texts()
    return "\n".join(rows)


def until(page: Page, state: str) -> None:
    expect(page.locator("#state")).to_have_text(state)


def test_a_run(page: Page, site: Site) -> None:
    open_console(page, site, "talk.py?args=one+%27two+three%27")
    answer(page, "Who are you?", "Ada")
    assert asked(page, "Password:").get_attribute("type") == "password"
    assert page.locator("#eof").is_enabled()
    answer(page, "Password:", "hunter2")
    until(page, "Ended")
    bar = f"{'#' * 10} 100 %"
    lines = ["['one', 'two three']", "Who are you? Ada", bar, "green Ada", "careful", "Password:"]
    assert [line.strip() for line in shown(page).split("\n")] == [*lines, "7", ""]
    expect(page.locator(".f2")).to_have_text("green")
    expect(page.locator(".e")).to_have_text("careful")
    expect(page.get_by_role("log")).to_contain_text("green Ada")
    expect(page.locator("#clock")).to_have_text(re.compile(r"^\d+\.\d s$"))
    expect(page.locator("#stop")).to_be_disabled()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    saved = Path(download.value.path()).read_text()
    assert download.value.suggested_filename == "talk.txt"
    assert saved.split("\n")[1:4] == lines[1:4]
    assert "hunter2" not in page.content() + saved


def test_run_again_with_other_arguments_and_what_was_typed(page: Page, site: Site) -> None:
    open_console(page, site, "talk.py")
    answer(page, "Who are you?", "Grace")
    asked(page, "Password:")
    arguments = page.get_by_label("Arguments")
    arguments.fill("'open")
    arguments.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not closed")
    arguments.fill("a\\ b")
    arguments.press("Enter")
    field = asked(page, "Who are you?")
    assert shown(page).startswith("['a b']\n")
    field.press_sequentially("begun")
    for key, line in (("Up", "Grace"), ("Down", "begun"), ("Up", "Grace")):
        field.press(f"Arrow{key}")
        expect(field).to_have_value(line)
    field.press("Enter")
    asked(page, "Password:")
    assert "green Grace" in shown(page)


@pytest.mark.parametrize("by", ["key", "button"])
def test_the_end_of_input(page: Page, site: Site, by: str) -> None:
    open_console(page, site, "ends.py")
    field = asked(page, "more?")
    if by == "key":
        field.press("Control+d")
        asked(page, "more?").press("Control+c")
        until(page, "Exit status 3")
        assert shown(page).split("\n")[:4] == [
            *("more? ^D", "got EOFError", "more? ^C", "got KeyboardInterrupt")
        ]
    else:
        page.get_by_role("button", name="End input").click()
        asked(page, "more?")
        page.get_by_role("button", name="Stop").click()
        until(page, "Exit status 1")
        assert "The script was stopped." in shown(page)


def test_lines_pasted_together_answer_one_question_each(page: Page, site: Site) -> None:
    open_console(page, site, "ends.py")
    asked(page, "more?").evaluate(
        """field => {
          const clipboardData = new DataTransfer();
          clipboardData.setData('text', 'one\\ntwo\\n');
          const paste = { clipboardData, bubbles: true, cancelable: true };
          field.dispatchEvent(new ClipboardEvent('paste', paste));
        }"""
    )
    until(page, "Exit status 3")
    assert shown(page).split("\n")[:4] == ["more? one", "one", "more? two", "two"]


def test_stop_amid_a_flood(page: Page, site: Site) -> None:
    open_console(page, site, "loop.py")
    expect(page.locator(".gone")).to_contain_text("older lines are no longer kept")
    page.get_by_role("button", name="Stop").click()
    until(page, "Exit status 1")
    assert page.locator(".line").count() <= 5500
    wait_for(lambda: runs(site)["runs"] == [])


def test_who_scrolls_up_stays_there(page: Page, site: Site) -> None:
    open_console(page, site, "slow.py")
    place = "document.querySelector('.scroller')"
    at_end = f"{place}.scrollTop + {place}.clientHeight > {place}.scrollHeight - 30"
    expect(page.locator(".lines")).to_contain_text("line 199")
    assert page.evaluate(at_end)
    page.evaluate(f"new Promise(done => {{ {place}.onscroll = done; {place}.scrollTop = 99; }})")
    page.get_by_role("button", name="More below").click()
    assert page.evaluate(at_end)
    page.evaluate(f"new Promise(done => {{ {place}.onscroll = done; {place}.scrollTop = 99; }})")
    page.locator(".scroller").press("Control+c")
    until(page, "Exit status 1")
    assert page.evaluate(f"{place}.scrollTop") == 99


def test_a_script_that_prints_html_is_text(page: Page, site: Site) -> None:
    open_console(page, site, "page.py")
    until(page, "Ended")
    assert shown(page) == "<h1>Hi</h1>\n"


def test_behind_nginx_and_a_connection_that_breaks(page: Page, site: Site, tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, site.port)
    try:
        page.goto(f"{nginx.url}/hangerd/-/console/two%20words/talk.py", wait_until="commit")
        answer(page, "Who are you?", "Ada")
        asked(page, "Password:")
    finally:
        nginx.stop()
    until(page, "Broken off")
    assert "The connection was lost, and the script ended with it." in shown(page)
    page.get_by_role("button", name="Run again").click()
    expect(page.locator(".lines")).to_contain_text("The server cannot be reached.")


def test_a_phone(browser: Browser, site: Site) -> None:
    phone = ViewportSize(width=390, height=844)
    with browser.new_context(viewport=phone, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        open_console(page, site, "long.py")
        field = asked(page, "ready?")
        assert float(field.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 16
        field.press_sequentially("a long answer, " * 10)
        field.press("Enter")
        until(page, "Ended")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.locator(".scroller").evaluate("e => e.scrollWidth - e.clientWidth") == 0


def test_only_scripts_that_are_there(page: Page, site: Site) -> None:
    site.put("plain.txt", "text")
    for path in ("none.py", "", "plain.txt", "two%20words/", "..%2f..%2fetc/passwd"):
        status, body = get(site, f"/-/console/{path}", Accept="text/html")
        assert (status in (400, 403, 404), b"<script" in body) == (True, False), path
    found = page.goto(f"{site.url}/-/console/page.py")
    assert found is not None
    policy = found.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert found.headers["x-content-type-options"] == "nosniff"
