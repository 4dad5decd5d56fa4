"""client.js when all does not go well: wrong, dead and busy servers, and answers that get lost."""

from __future__ import annotations

import socket

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.integration.browser.conftest import load_client
from tests.integration.browser.elsewhere import Elsewhere
from tests.integration.conftest import StartDaemon

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Hanger-Protocol, Retry-After",
}


def test_a_server_that_is_not_hangerd(kept: Page, elsewhere: Elsewhere) -> None:
    """It answers 200 to everything, as a static host may: that is no input."""
    for call in (
        "hanger.open()",
        "hanger.read({ server: hanger.servers[0], read: 'aaaaaaaaaaaaaaaa' })",
    ):
        failure = kept.evaluate(
            f"servers => {{ const hanger = new Hanger({{ servers }}); return ending({call}) }}",
            [elsewhere.url],
        )
        assert failure["name"] == "HangerError"
        assert f"{elsewhere.url}/ is not hangerd: status 200, text/html" in failure["message"]


def test_fail_over(kept: Page, elsewhere: Elsewhere, hangerd: str) -> None:
    """`open` passes by a dead server and one that is none; the slot stays where it was opened."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}/hanger"
        result = kept.evaluate(
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
    page = load_client(context, elsewhere, daemon.url)
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
