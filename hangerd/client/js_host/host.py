"""The host of the settings, and its manager or None: made, and connected to, at import."""

from __future__ import annotations

from hangerd.client.js_host.bin import spawn_detached_manager, spawn_managed_host
from hangerd.client.js_host.conf import settings
from hangerd.client.js_host.exceptions import ConnectionError
from hangerd.client.js_host.js_host import JSHost
from hangerd.client.js_host.manager import JSHostManager

__all__ = ["host", "manager"]


def _connect() -> tuple[JSHost, JSHostManager | None]:
    """Return a host that is connected to. Raises ConfigError, ConnectionError, ProcessError."""
    config_file = settings.get_config_file()
    if settings.USE_MANAGER:
        manager = spawn_detached_manager(config_file)
        return spawn_managed_host(config_file, manager), manager
    host = JSHost(config_file, root_url=settings.ROOT_URL)
    try:
        host.connect()
    except ConnectionError as error:
        raise ConnectionError(f"Cannot connect to JSHost at {host.get_url()}: {error}") from None
    return host, None


host, manager = _connect()
