"""What docs/operations.md says of the two HTTP channels, on the one that these tests run on.

So it fails too when HANGERD_TEST_CHANNEL does not reach the daemons.
"""

from __future__ import annotations

import socket
import tomllib

from tests.integration.channels import CHANNEL, on_channel
from tests.integration.daemon import Daemon

# A request's first line and headers, and how it is answered: by hangerd's channel, by Twisted's.
REQUESTS = {
    "as it should be": (b"GET /-/health HTTP/1.1\r\nHost: a", 200, 200),
    "a folded header": (b"GET /-/health HTTP/1.1\r\nHost: a\r\nX: a\r\n b", 400, 200),
    "no Host": (b"GET /-/health HTTP/1.1", 400, 200),
    "two Hosts": (b"GET /-/health HTTP/1.1\r\nHost: a\r\nHost: b", 400, 200),
    "a control character": (b"GET /-/health HTTP/1.1\r\nHost: a\r\nX: \x01", 400, 200),
    "an expectation": (b"GET /-/health HTTP/1.1\r\nHost: a\r\nExpect: more", 417, 200),
    "an unknown method": (b"BREW /-/health HTTP/1.1\r\nHost: a", 501, 405),
    "another version": (b"GET /-/health HTTP/1.2\r\nHost: a", 505, 400),
    "a long target": (b"GET /%b HTTP/1.1\r\nHost: a" % (b"a" * 20_000), 414, 431),
    "many headers": (b"GET /-/health HTTP/1.1\r\nHost: a" + b"\r\nX: a" * 200, 431, 200),
    "two lengths": (
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked",
        400,
        400,
    ),
    "no path": (b"GET http:///-/health HTTP/1.1\r\nHost: a", 400, 400),
}


def test_what_is_taken(daemon: Daemon) -> None:
    answered = {name: answer(daemon, head) for name, (head, _, _) in REQUESTS.items()}
    which = 1 if CHANNEL == "hangerd" else 2
    assert answered == {name: row[which] for name, row in REQUESTS.items()}


def answer(daemon: Daemon, head: bytes) -> int:
    """Send a request without a body on a connection of its own; give the answer's status."""
    with socket.create_connection(("127.0.0.1", daemon.port), 30) as connection:
        connection.sendall(head + b"\r\n\r\n")
        return int(connection.makefile("rb").readline().split()[1])


def test_settings_that_name_a_channel_keep_it() -> None:
    for settings, channel in (
        ("", "twisted"),
        ("debug = true\n[slots]\nread_hop = 0\n", "twisted"),
        ("[http]\nidle_timeout = 1\n[slots]\nread_hop = 0\n", "twisted"),
        ('[http]\nchannel = "hangerd"\n', "hangerd"),
    ):
        told = tomllib.loads(on_channel(settings, "twisted"))
        assert told["http"]["channel"] == channel
        assert told | {"http": 0} == tomllib.loads(settings) | {"http": 0}
        assert on_channel(settings, "hangerd") == settings
