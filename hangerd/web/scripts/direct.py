"""The answer on the direct road: a page that is there in one piece leaves in one piece.

Most scripts print a little and end. All about such an answer is known at once, and it needs none of
the steps that an answer takes which comes bit by bit.
"""

from __future__ import annotations

from typing import cast

from twisted.web.server import Request

from hangerd.scripts.kinds import content_type
from hangerd.scripts.outcome import Outcome
from hangerd.scripts.response import Head
from hangerd.scripts.settings import ScriptSettings
from hangerd.web.packing import LEAST, Packing
from hangerd.web.scripts.answer import RawAnswer
from hangerd.web.scripts.exchange import ScriptExchange


class DirectAnswer(RawAnswer):
    """A `RawAnswer` to one who asked on the direct road."""

    def __init__(
        self,
        exchange: ScriptExchange,
        settings: ScriptSettings,
        packing: Packing | None = None,
        *,
        debug: bool,
    ) -> None:
        super().__init__(cast(Request, exchange), settings, packing, debug=debug)
        self._exchange = exchange

    def finish(self, head: Head, data: bytes, outcome: Outcome) -> None:
        """Send a whole page, if there is nothing special about it."""
        plain = outcome.kind == "done" and head.plain and (not self.packing or len(data) < LEAST)
        if self.gone or not self.untouched or not plain:
            super().finish(head, data, outcome)
            return
        self.gone = True
        kind = self.rule.decide(head, data, last=True)
        self._exchange.answer(content_type(kind or "text", head).encode(), data)
        self.end_packing()
