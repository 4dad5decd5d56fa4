"""Functions called by js-host's own Python client, which opens a connection for each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from js_host.conf import settings

from bench.callers.caller import Unable, Where


class JsHostCaller:
    """`folder` has the host.config.js, `port` is where the host listens."""

    def __init__(self, where: Where) -> None:
        _configure(where["folder"])
        from js_host.function import Function

        self._function = Function

    def call(self, function: str, data: dict[str, Any], timeout: float | None = None) -> str:
        """Wait for the text."""
        from js_host.exceptions import FunctionTimeout

        try:
            return str(self._function(function, timeout=timeout).call(**data))
        except FunctionTimeout as error:
            raise TimeoutError from error

    def stream(self, function: str, data: dict[str, Any]) -> Iterator[Any]:
        """It can not."""
        raise Unable("it has no streams")

    def rest(self) -> None:
        """It can not."""
        raise Unable("it is not stopped and started by a server")


@cache
def _configure(folder: str) -> None:
    """Tell the package where the host is, which it takes once."""
    settings.configure(SOURCE_ROOT=folder, VERBOSITY=0)


make = JsHostCaller
