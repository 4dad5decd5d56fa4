"""The direct road of scripts: a GET of a script that was asked for before, without a body.

It goes to the same function as on the ordinary road, with an exchange in place of one of Twisted's
requests. All else about a path - indexes, links, refusals - is the ordinary road's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hangerd.scripts.paths import PathRules, Script
from hangerd.web.channel import HttpChannel
from hangerd.web.channel.head import Head
from hangerd.web.scripts.exchange import ScriptExchange
from hangerd.web.scripts.headers import SaidBefore
from hangerd.web.wire_form import WireForm

AnswerScript = Callable[[Any, Script], None]


class ScriptRoad:
    """Takes the requests for scripts that `rules` know already; `answer` answers them."""

    def __init__(self, rules: PathRules, answer: AnswerScript) -> None:
        self._rules = rules
        self._answer = answer
        self._said_before = SaidBefore()

    def __call__(
        self, channel: HttpChannel, head: Head, wire_form: WireForm
    ) -> ScriptExchange | None:
        """Take a request, or leave it to the ordinary road."""
        if head.length != 0 or b"Upgrade" in head.fields or head.version != b"HTTP/1.1":
            return None
        script = self._rules.known(head.target)
        if script is None:
            return None
        said = self._said_before.by(head.fields)
        return ScriptExchange(channel, head, said, wire_form, script, self._answer)
