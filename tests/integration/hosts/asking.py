"""Asking a whole daemon for its hosts, over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.integration.daemon import Daemon


def ask(
    daemon: Daemon,
    method: str,
    path: str,
    body: Any = None,
    token: str | None = "",
    **more: str,
) -> tuple[int, bytes]:
    """Status and body; with the control token unless told of another (None: of none)."""
    headers = {"Content-Type": "application/json", **more}
    if token is not None:
        headers["Authorization"] = f"Bearer {token or daemon.token}"
    data = None if body is None else json.dumps(body).encode()
    url = path if path.startswith("http") else daemon.url + path
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def js_host_port(daemon: Daemon, name: str) -> int:
    """The port of a host's own listener, which its `listen` left to the system."""
    log = ask(daemon, "GET", f"/hosts/{name}/log")[1].decode()
    (note,) = [line for line in log.splitlines() if "js-host's protocol is spoken on" in line]
    return int(note.rpartition(":")[2])
