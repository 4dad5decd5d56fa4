"""Slots by a real client."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hangerd.client import Client, Refused, SlotClosed, connect
from tests.integration.daemon import Daemon


@pytest.fixture(params=["local", "remote"])
def any_client(request: pytest.FixtureRequest, daemon: Daemon) -> Client:
    if request.param == "remote":
        return connect(daemon.url, daemon.token)
    return connect(state_dir=daemon.state_dir)


def test_a_read_hangs_until_somebody_writes(any_client: Client) -> None:
    slot = any_client.open(ttl=60)
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(any_client.slot(read=slot.read_token).read)
        assert any_client.slot(write=slot.write_token).write("ä\n", wait=30)
        assert reading.result(30) == "ä\n"
    assert slot.state()["state"] == "acked"


def test_text_is_text_and_bytes_are_bytes(any_client: Client) -> None:
    for value in ("", "x", b"", b"\0\xff"):
        slot = any_client.open()
        assert slot.write(value) is False
        assert slot.read(5) == value


def test_nothing_is_overwritten_unawares(any_client: Client) -> None:
    slot = any_client.open()
    slot.write("one")
    with pytest.raises(Refused, match=r".") as caught:
        slot.write("two")
    assert caught.value.status == 409
    slot.write("three", replace=True)
    assert slot.read() == "three"


def test_the_ways_that_a_slot_ends(any_client: Client) -> None:
    for reason in ("eof", "interrupt", "cancel"):
        slot = any_client.open()
        slot.close(reason)
        with pytest.raises(SlotClosed) as caught:
            slot.read()
        assert caught.value.reason == reason
        slot.close()
    with pytest.raises(SlotClosed):
        any_client.slot(read="0123456789abcdef").read()


def test_a_read_has_a_time_limit_and_a_token(any_client: Client) -> None:
    slot = any_client.open()
    with pytest.raises(TimeoutError):
        slot.read(timeout=0.1)
    with pytest.raises(ValueError, match="no token"):
        any_client.slot(read=slot.read_token).write("x")
