"""`hosts["render"]`: the project's hosts by name, connected to and defined at their first use.

The daemon and its processes are not the server's: when that is reloaded, they go on, warm.
"""

from __future__ import annotations

import threading
from pathlib import Path

from hangerd.client.errors import HangerdError
from hangerd.client.sync import Client, Host, connect


class Hosts:
    """The hosts of the settings, and any other that the daemon knows. Threads may share it."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._known: dict[str, Host] = {}
        self._guard = threading.RLock()

    def __getitem__(self, name: str) -> Host:
        """Return a host. Raises Unreachable, Refused, SettingsError."""
        with self._guard:
            if name not in self._known:
                self._known[name] = self._define(name)
            return self._known[name]

    def client(self, *, spawn: bool | None = None) -> Client:
        """Return the daemon, started if the settings say so, or `spawn` does.

        Raises Unreachable, SettingsError.
        """
        from hangerd.client.django.conf import read_config

        with self._guard:
            if self._client is None:
                config = read_config()
                start = config.spawn and config.url is None if spawn is None else spawn
                self._client = connect(
                    config.url,
                    config.token,
                    ca=config.ca,
                    state_dir=config.state_dir,
                    spawn=start,
                    idle_exit=config.idle_exit,
                )
            return self._client

    def close(self) -> None:
        """End the connections, and look at the settings anew; the hosts go on."""
        with self._guard:
            client, self._client, self._known = self._client, None, {}
        if client is not None:
            client.close()

    def _define(self, name: str) -> Host:
        from hangerd.client.django.conf import read_config

        spec = dict(read_config().hosts.get(name, {}))
        client = self.client()
        kind = spec.pop("kind", None)
        if kind == "js":
            return client.js(spec.pop("path"), name=name, **spec)
        if kind == "python":
            source = Path(spec.pop("path")) if "path" in spec else str(spec.pop("module"))
            return client.python(source, name=name, **spec)
        if kind is not None:
            raise HangerdError(
                f"host {name} is of kind {kind}, and has no functions",
                "Define it in the daemon's settings.",
            )
        return client.host(name)


hosts = Hosts()
