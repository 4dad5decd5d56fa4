"""A run of a script, for programs that block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangerd.client.running import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from hangerd.client.runs import Event, RunCore


class Run:
    """A script that runs: an iterator of what it prints (Printed), asks (Asked), and its Ended.

    One thread may iterate while another calls `stop`.
    """

    def __init__(self, core: RunCore) -> None:
        self._core = core
        self.id = core.id

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        try:
            return run(self._core.next())
        except StopAsyncIteration:
            raise StopIteration from None

    def stop(self) -> None:
        """End the run; what it still prints, and its end, come as ever."""
        run(self._core.stop())

    def close(self) -> None:
        """Want no more: the script is ended as when a visitor leaves."""
        self._core.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
