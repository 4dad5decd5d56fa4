"""client.js in a page and in a worker, on another origin than its server."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.conftest import StartDaemon

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Hanger-Protocol, Retry-After",
}


@pytest.fixture
def page(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> Page:
    return load(context, elsewhere, hangerd)


def load(context: BrowserContext, elsewhere: Elsewhere, hangerd: str) -> Page:
    page = context.new_page()
    page.goto(f"{elsewhere.url}/client.html?hanger={hangerd}")
    page.wait_for_function("window.loaded")
    return page


READS = {
    "page": "ending(hanger.read(slot))",
    "worker": "ending(inWorker(({ Hanger }, slot) => new Hanger().readSync(slot), slot))",
}


@pytest.mark.parametrize("reader", READS)
@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("hanger.write(slot, 'a line')", {"value": "a line"}),
        ("hanger.write(slot, '')", {"value": ""}),
        (
            r"hanger.write(slot, '\ufeff first\r\nsecond \u0000')",
            {"value": "\ufeff first\r\nsecond \0"},
        ),
        (
            "hanger.write(slot, new Uint8Array([0, 255, 13, 10, 128]))",
            {"bytes": [0, 255, 13, 10, 128]},
        ),
        ("hanger.close(slot, 'eof')", "eof"),
        ("hanger.close(slot, 'interrupt')", "interrupt"),
        ("hanger.close(slot)", "cancel"),
    ],
)
def test_read(page: Page, reader: str, action: str, outcome: dict[str, Any] | str) -> None:
    """A value comes as written, a closed slot says why: before the read and during it."""
    if isinstance(outcome, str):
        message = f"the slot was closed: {outcome}"
        outcome = {"name": "Closed", "reason": outcome, "message": message}
    for order in (
        f"await {action}; return {READS[reader]}",
        f"const end = {READS[reader]}; await {action}; return end",
    ):
        ended = page.evaluate(f"async () => {{ const slot = await hanger.open(); {order} }}")
        assert {key: value for key, value in ended.items() if value is not None} == outcome


@pytest.mark.parametrize("reader", READS)
def test_a_read_outlasts_its_requests(page: Page, reader: str) -> None:
    with page.expect_response(lambda response: response.status == 204):
        page.evaluate(f"async () => {{ slot = await hanger.open(); end = {READS[reader]}; }}")
    assert page.evaluate("hanger.write(slot, 'late').then(() => end)") == {"value": "late"}


@pytest.mark.parametrize("reader", READS)
def test_a_read_is_acknowledged(page: Page, reader: str) -> None:
    state = page.evaluate(
        f"""async () => {{
            const slot = await hanger.open({{ value: 'x' }});
            await {READS[reader]};
            return (await fetch(slot.server + slot.read + '/')).json();
        }}"""
    )
    assert state["state"] == "acked"


def test_all_bytes(page: Page) -> None:
    same = page.evaluate(
        """async () => {
            const bytes = Uint8Array.from({ length: 65536 }, (_, at) => (at * 7 + (at >> 8)) & 255);
            const slot = await hanger.open({ value: bytes });
            const read = await hanger.read(slot);
            return read.length === bytes.length && read.every((byte, at) => byte === bytes[at]);
        }"""
    )
    assert same


def test_a_worker_opens_and_its_page_answers(page: Page) -> None:
    result = page.evaluate(
        """() => new Promise((resolve) => {
            const channel = new BroadcastChannel('asking');
            channel.onmessage = ({ data }) => hanger.answer(data, Promise.resolve('answered'));
            inWorker(({ Hanger }) => {
                const hanger = new Hanger();
                const slot = hanger.openSync();
                const { server, write } = slot;
                new BroadcastChannel('asking').postMessage({ server, write });
                return hanger.readSync(slot);
            }).then(resolve);
        })"""
    )
    assert result == "answered"


def test_blocking_is_for_workers(page: Page) -> None:
    with pytest.raises(Exception, match="Only a worker may block"):
        page.evaluate("hanger.openSync()")


def test_abort(page: Page) -> None:
    """A read that is given up leaves the value for the next one."""
    values = page.evaluate(
        """async () => {
            const slot = await hanger.open();
            const abort = new AbortController();
            const first = ending(hanger.read(slot, { signal: abort.signal }));
            abort.abort();
            await hanger.write(slot, 'kept');
            return [(await first).name, await hanger.read(slot)];
        }"""
    )
    assert values == ["AbortError", "kept"]


def test_a_second_write_is_refused(page: Page) -> None:
    refusal = page.evaluate(
        """async () => {
            const slot = await hanger.open();
            await hanger.write(slot, 'first');
            return ending(hanger.write(slot, 'second'));
        }"""
    )
    assert (refusal["name"], refusal["status"]) == ("HangerError", 409)


def test_a_read_capability_cannot_write(page: Page) -> None:
    refusal = page.evaluate(
        """async () => {
            const { server, read } = await hanger.open();
            return ending(hanger.write({ server, read }, 'mine'));
        }"""
    )
    assert (refusal["name"], refusal["status"]) == ("HangerError", 403)


def test_pagehide_frees_the_slots(page: Page, hangerd: str) -> None:
    """The one opened here, and the one that a worker handed over."""
    slots = page.evaluate(
        """async () => {
            const opened = await hanger.open();
            const handed = await inWorker(({ Hanger }) => new Hanger().openSync());
            hanger.own({ server: handed.server, write: handed.write });
            return [opened, handed];
        }"""
    )
    with ThreadPoolExecutor(len(slots)) as threads:
        readers = [
            threads.submit(ended_by, f"{hangerd}/hanger/{slot['read']}/read/") for slot in slots
        ]
        page.goto("about:blank")
        assert [reader.result(timeout=20) for reader in readers] == ["cancel", "cancel"]


def ended_by(url: str) -> str:
    """Read until the slot is closed; the reason."""
    for _ in range(10):
        try:
            request = urllib.request.Request(url, method="POST")
            with urllib.request.urlopen(request, timeout=20) as reply:
                status = reply.status
        except urllib.error.HTTPError as refusal:
            return refusal.headers["Hanger-Closed"]
        assert status == 204
    return "nobody"


def test_a_server_that_is_not_hangerd(page: Page, elsewhere: Elsewhere) -> None:
    """It answers 200 to everything, as a static host may: that is no input."""
    for call in (
        "hanger.open()",
        "hanger.read({ server: hanger.servers[0], read: 'aaaaaaaaaaaaaaaa' })",
    ):
        failure = page.evaluate(
            f"servers => {{ const hanger = new Hanger({{ servers }}); return ending({call}) }}",
            [elsewhere.url],
        )
        assert failure["name"] == "HangerError"
        assert f"{elsewhere.url}/ is not hangerd: status 200, text/html" in failure["message"]


def test_fail_over(page: Page, elsewhere: Elsewhere, hangerd: str) -> None:
    """`open` passes by a dead server and one that is none; the slot stays where it was opened."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}/hanger"
        result = page.evaluate(
            """async (servers) => {
                const hanger = new Hanger({ servers });
                const slot = await hanger.open({ value: 'x' });
                return [slot.server, await hanger.read(slot)];
            }""",
            [dead, elsewhere.url, f"{hangerd}/hanger"],
        )
    assert result == [f"{hangerd}/hanger/", "x"]


def test_a_busy_server_is_asked_again(page: Page) -> None:
    statuses = iter([503, 502])

    def busy(route: Route) -> None:
        status = next(statuses, None)
        if status is None:
            route.continue_()
        else:
            ours = {} if status == 502 else {"Hanger-Protocol": "2", "Retry-After": "1"}
            route.fulfill(status=status, headers={**CORS, **ours})

    page.route("**/hanger/open/*", busy)
    assert (
        page.evaluate("hanger.open({ value: 'late' }).then((slot) => hanger.read(slot))") == "late"
    )


def test_patience_ends(page: Page) -> None:
    page.route(
        "**/hanger/open/*",
        lambda route: route.fulfill(
            status=429,
            headers={**CORS, "Hanger-Protocol": "2", "Retry-After": "30"},
            body='{"error": "too-many", "message": "Too many slots.", "remedy": "Close some."}',
        ),
    )
    failure = page.evaluate("ending(new Hanger({ patience: 10 }).open())")
    assert failure["status"] == 429
    assert failure["message"].endswith("Too many slots. Close some.")


def test_credentials(
    context: BrowserContext, elsewhere: Elsewhere, start_daemon: StartDaemon
) -> None:
    """Where the daemon names this page's origin, requests may carry credentials."""
    cors = f'[cors]\norigins = ["{elsewhere.url}"]\ncredentials = true'
    daemon = start_daemon(settings=cors)
    context.add_cookies([{"name": "visitor", "value": "1", "url": daemon.url}])
    page = load(context, elsewhere, daemon.url)
    page.evaluate("hanger = new Hanger({ credentials: 'include' })")
    for read in (
        "hanger.read(slot)",
        """inWorker(
            ({ Hanger }, slot) => new Hanger({ credentials: 'include' }).readSync(slot), slot)""",
    ):
        with page.expect_request("**/read/") as sent:
            value = page.evaluate(
                f"hanger.open({{ value: 'x' }}).then((open) => {{ slot = open; return {read} }})"
            )
        assert value == "x"
        assert sent.value.all_headers()["cookie"] == "visitor=1"


@pytest.mark.parametrize("verb", ["open", "write", "read", "ack"])
def test_a_lost_answer(page: Page, verb: str) -> None:
    """The request arrived, its answer did not: it is repeated, and nothing is lost or doubled."""
    losses = iter([True])

    def lose(route: Route) -> None:
        if next(losses, False):
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**/{verb}/*", lose)
    page.route(f"**/{verb}/", lose)
    value = page.evaluate(
        """async () => {
            const slot = await hanger.open();
            await hanger.write(slot, 'once');
            return hanger.read(slot);
        }"""
    )
    assert value == "once"


def test_a_worker_waits_out_trouble(page: Page) -> None:
    """The blocking calls have the same patience, and sleep meanwhile."""
    trouble = iter(["lost", "busy"])

    def hinder(route: Route) -> None:
        match next(trouble, None):
            case "lost":
                route.abort("connectionrefused")
            case "busy":
                headers = {**CORS, "Hanger-Protocol": "2", "Retry-After": "1"}
                route.fulfill(status=503, headers=headers)
            case _:
                route.continue_()

    page.route("**/hanger/open/*", hinder)
    token, waited = page.evaluate(
        """inWorker(({ Hanger }) => {
            const start = performance.now();
            return [new Hanger().openSync().write, performance.now() - start];
        })"""
    )
    assert len(token) == 16
    assert waited > 1000
