"""client.js in a page and in a worker, on another origin than its server."""

from __future__ import annotations

import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Page

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
def test_read(kept: Page, reader: str, action: str, outcome: dict[str, Any] | str) -> None:
    """A value comes as written, a closed slot says why: before the read and during it."""
    if isinstance(outcome, str):
        message = f"the slot was closed: {outcome}"
        outcome = {"name": "Closed", "reason": outcome, "message": message}
    for order in (
        f"await {action}; return {READS[reader]}",
        f"const end = {READS[reader]}; await {action}; return end",
    ):
        ended = kept.evaluate(f"async () => {{ const slot = await hanger.open(); {order} }}")
        assert {key: value for key, value in ended.items() if value is not None} == outcome


@pytest.mark.parametrize("reader", READS)
def test_a_read_outlasts_its_requests(kept: Page, reader: str) -> None:
    with kept.expect_response(lambda response: response.status == 204):
        kept.evaluate(f"async () => {{ slot = await hanger.open(); end = {READS[reader]}; }}")
    assert kept.evaluate("hanger.write(slot, 'late').then(() => end)") == {"value": "late"}


@pytest.mark.parametrize("reader", READS)
def test_a_read_is_acknowledged(kept: Page, reader: str) -> None:
    state = kept.evaluate(
        f"""async () => {{
            const slot = await hanger.open({{ value: 'x' }});
            await {READS[reader]};
            return (await fetch(slot.server + slot.read + '/')).json();
        }}"""
    )
    assert state["state"] == "acked"


def test_all_bytes(kept: Page) -> None:
    same = kept.evaluate(
        """async () => {
            const bytes = Uint8Array.from({ length: 65536 }, (_, at) => (at * 7 + (at >> 8)) & 255);
            const slot = await hanger.open({ value: bytes });
            const read = await hanger.read(slot);
            return read.length === bytes.length && read.every((byte, at) => byte === bytes[at]);
        }"""
    )
    assert same


def test_a_worker_opens_and_its_page_answers(kept: Page) -> None:
    result = kept.evaluate(
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


def test_blocking_is_for_workers(kept: Page) -> None:
    with pytest.raises(Exception, match="Only a worker may block"):
        kept.evaluate("hanger.openSync()")


def test_abort(kept: Page) -> None:
    """A read that is given up leaves the value for the next one."""
    values = kept.evaluate(
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


def test_a_second_write_is_refused(kept: Page) -> None:
    refusal = kept.evaluate(
        """async () => {
            const slot = await hanger.open();
            await hanger.write(slot, 'first');
            return ending(hanger.write(slot, 'second'));
        }"""
    )
    assert (refusal["name"], refusal["status"]) == ("HangerError", 409)


def test_a_read_capability_cannot_write(kept: Page) -> None:
    refusal = kept.evaluate(
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


def test_pagehide_leaves_what_was_written(page: Page, hangerd: str) -> None:
    """Somebody is still to read it."""
    slot = page.evaluate(
        """async () => {
            const slot = await hanger.open();
            await hanger.write(slot, 'the last word');
            return slot;
        }"""
    )
    page.goto("about:blank")
    request = urllib.request.Request(f"{hangerd}/hanger/{slot['read']}/read/", method="POST")
    with urllib.request.urlopen(request, timeout=20) as reply:
        assert reply.read() == b"the last word"


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
