"""hangerd for Python programs: `connect()` finds the daemon, or starts one.

    from hangerd.client import connect

    client = connect(spawn=True)
    render = client.js("host.config.js")
    html = render.page(title="x")

This is the API that blocks; `hangerd.client.aio` and `hangerd.client.tx` have the same names for
asyncio and Twisted. See docs/python.md.
"""

from hangerd.client.errors import (
    ArgumentsRefused,
    Busy,
    CallCancelled,
    CallError,
    CallNotAllowed,
    CallTimeout,
    ConnectionLost,
    HangerdError,
    HostFailed,
    HostGone,
    NotAllowed,
    Refused,
    RemoteError,
    SlotClosed,
    StartFailed,
    UnknownFunction,
    UnknownHost,
    Unreachable,
)
from hangerd.client.runs import Asked, Ended, Event, Printed
from hangerd.client.sync import Client, Host, Lease, connect
from hangerd.client.sync_run import Run
from hangerd.client.sync_slot import Slot

__all__ = [
    "ArgumentsRefused",
    "Asked",
    "Busy",
    "CallCancelled",
    "CallError",
    "CallNotAllowed",
    "CallTimeout",
    "Client",
    "ConnectionLost",
    "Ended",
    "Event",
    "HangerdError",
    "Host",
    "HostFailed",
    "HostGone",
    "Lease",
    "NotAllowed",
    "Printed",
    "Refused",
    "RemoteError",
    "Run",
    "Slot",
    "SlotClosed",
    "StartFailed",
    "UnknownFunction",
    "UnknownHost",
    "Unreachable",
    "connect",
]
