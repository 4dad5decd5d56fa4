"""The link that is printed at the start: whoever opens it is signed in, once and for 10 minutes.

Its word stands behind a "#", which browsers send to no server; so it is in no log of a proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.application.service import Service

_ANY = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}


class LinkService(Service):
    """Prints the link as soon as somebody would be served there.

    `urls` are the pages of the door when it listens; `issue` makes a link's word.
    """

    name = "link"

    def __init__(
        self,
        when_running: Callable[[Callable[[], None]], object],
        urls: Callable[[], Sequence[str]],
        issue: Callable[[], str],
        write: Callable[[str], object],
    ) -> None:
        self._when_running = when_running
        self._urls = urls
        self._issue = issue
        self._write = write

    def startService(self) -> None:
        """Wait until the reactor runs."""
        super().startService()
        self._when_running(self._print)

    def _print(self) -> None:
        for url in self._urls()[:1] if self.running else ():
            self._write(
                f"hangerd: the dashboard, for you to open once within 10 minutes:\n"
                f"hangerd: {_reachable(url)}#{self._issue()}\n"
            )


def _reachable(url: str) -> str:
    """The URL of this machine, where a port is open at all of its addresses."""
    for anywhere, here in _ANY.items():
        url = url.replace(f"//{anywhere}:", f"//{here}:")
    return url
