"""What waits to be written on one connection.

Messages of one key keep their order; keys take turns frame by frame, so that a large payload
does not hold up the others. Knows no socket and no thread.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator


class Outbox:
    """Frames by key, given out in turns."""

    def __init__(self) -> None:
        self._lanes: OrderedDict[Hashable, deque[Iterator[bytes]]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def push(self, key: Hashable, frames: Iterator[bytes]) -> None:
        """Add one message as its frames."""
        self._lanes.setdefault(key, deque()).append(frames)

    def next(self) -> bytes | None:
        """Return the next frame, or None when nothing waits."""
        while self._lanes:
            key, lane = next(iter(self._lanes.items()))
            frame = next(lane[0], None)
            if frame is not None:
                self._lanes.move_to_end(key)
                return frame
            lane.popleft()
            if not lane:
                del self._lanes[key]
        return None
