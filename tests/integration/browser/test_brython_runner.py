"""The real brython-runner, unmodified, from another origin: it knows only its hanger's address."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page

from tests.integration.browser.conftest import profile
from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.parts import bound

pytestmark = pytest.mark.usefixtures("packages")

OpenTab = Callable[[], Page]


@pytest.fixture(scope="module")
def address(elsewhere: Elsewhere, hangerd: str) -> str:
    return f"{elsewhere.url}/brython.html?hanger={hangerd}"


@pytest.fixture(scope="module")
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A page for one test after the other: each program gets a fresh worker anyway."""
    with profile(browser) as context:
        tab = context.new_page()
        tab.goto(address)
        yield tab


@pytest.fixture
def open_tab(context: BrowserContext, address: str) -> OpenTab:
    def open_tab() -> Page:
        tab = context.new_page()
        tab.goto(address)
        return tab

    return open_tab


def run(tab: Page | Frame, program: str, *lines: str) -> str:
    """What the program says, these lines given."""
    said: str = tab.evaluate(
        """async ([program, lines]) => {
            user.said = '';
            const end = runner.runCode(program);
            for (const line of lines) await user.give(line);
            await end;
            return user.said;
        }""",
        [program, lines],
    )
    return said


@pytest.mark.parametrize(
    "lines",
    [["one"], ["one", "two"], ["žluťoučký 🐎 עברית"], ["", "after an empty line"], ["x" * 200_000]],
    ids=["one", "two", "unicode", "empty", "200 kB"],
)
def test_input(tab: Page, lines: list[str]) -> None:
    program = "\n".join(f"print({at}, input())" for at, _ in enumerate(lines))
    expected = "".join(f"{at} {line}\n" for at, line in enumerate(lines))
    assert run(tab, program, *lines) == expected


def test_twenty_inputs_wake_at_once(tab: Page, capsys: pytest.CaptureFixture[str]) -> None:
    program = "for _ in range(20):\n    line = input()\n    print(line)"
    times: list[float] = tab.evaluate(
        """async (program) => {
            user.said = '';
            const end = runner.runCode(program);
            const times = [];
            while (times.length < 20) times.push(await user.answer(`line ${times.length}`));
            await end;
            return times;
        }""",
        program,
    )
    assert tab.evaluate("user.said").split("\n")[:-1] == [f"line {count}" for count in range(20)]
    median = statistics.median(times)
    with capsys.disabled():
        print(f"\nwrite to wake in the page: median {median:.1f} ms, worst {max(times):.1f} ms")
    assert median < bound(100, 500)


def test_sleep(tab: Page) -> None:
    with tab.expect_request("**/hanger/sleep/?duration=3"):
        program = "import time\nstart = time.time()\ntime.sleep(4)\nprint(time.time() - start)"
        slept = float(run(tab, program))
    assert 4 <= slept < bound(5)


def test_stop_while_waiting(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.evaluate("runner.runCode('print(input())'), user.question()")
    with tab.expect_response("**/write/") as written:
        tab.evaluate("runner.stopRunning()")
    assert written.value.status == 200
    assert tab.evaluate("user.said") == ""
    tab.evaluate("user.give('to nobody')")  # else the next line would answer the old question
    assert run(tab, "print(input())", "again") == "again\n"


def test_four_workers(tab: Page) -> None:
    said = tab.evaluate(
        """() => Promise.all([0, 1, 2, 3].map(async (number) => {
            const user = new User();
            const end = start(user).runCode('print(input() + input())');
            await user.give(`worker ${number}`);
            await user.give(', twice');
            await end;
            return user.said;
        }))"""
    )
    assert said == [f"worker {number}, twice\n" for number in range(4)]


def test_two_tabs(open_tab: OpenTab) -> None:
    one, two = open_tab(), open_tab()
    ask(one)
    ask(two)
    give(two, "two")
    give(one, "one")
    assert (finish(one), finish(two)) == ("one\n", "two\n")


def test_six_tabs_share_six_connections(open_tab: OpenTab) -> None:
    """Reads hold all six connections to the server: a write gets through when one of them hops."""
    tabs = [open_tab() for _ in range(6)]
    for tab in tabs:
        ask(tab)
    for number, tab in enumerate(tabs):
        give(tab, f"tab {number}")
    assert [finish(tab) for tab in tabs] == [f"tab {number}\n" for number in range(6)]


def test_sandboxed_frame(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> None:
    page = context.new_page()
    address = f"/brython.html?hanger={hangerd}"
    page.goto(f"{elsewhere.url}/frame.html?page={quote(address)}")
    frame = page.frames[1]
    frame.wait_for_load_state()
    assert frame.evaluate("origin") == "null"
    assert run(frame, "print(input() + input())", "from a ", "sandbox") == "from a sandbox\n"


def ask(tab: Page) -> None:
    """Start a program that asks, and wait until it does."""
    tab.evaluate("user.end = runner.runCode('print(input())'), user.question()")


def give(tab: Page, line: str) -> None:
    tab.evaluate("line => user.give(line)", line)


def finish(tab: Page) -> str:
    said: str = tab.evaluate("user.end.then(() => user.said)")
    return said
