"""Word to systemd: READY and STOPPING, as sd_notify(3) describes; silent without systemd."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class Notifier:
    """Sends a service's state to the socket that `$NOTIFY_SOCKET` names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")

    def tell(self, state: str) -> None:
        """Send one state, such as "READY=1". Nobody listening is no error."""
        if not self._address:
            return
        # A leading @ stands for the NUL byte of Linux's abstract names.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            try:
                out.sendto(state.encode(), address)
            except OSError:
                return
