"""Makes the sites of all doors, which share the access log and the count of requests."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource

from hangerd.config import HttpSettings
from hangerd.web.access import Hear
from hangerd.web.channel.sending import TurnEnd
from hangerd.web.channels import channels
from hangerd.web.connections import Connections
from hangerd.web.direct import Often
from hangerd.web.site import Site, SiteRules
from hangerd.web.tally import RequestTally


class Sites:
    """`tally` counts what all of them answer."""

    def __init__(
        self, clock: IReactorTime, settings: HttpSettings, log: Hear, turn_end: TurnEnd
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._log = log
        self._turn_end = turn_end
        self.tally = RequestTally()

    def make(
        self, root: IResource, rules: SiteRules, pool: Connections, often: Often | None = None
    ) -> Site:
        """Make a site; what is asked `often` may go the direct road."""
        return Site(
            root,
            self._clock,
            rules,
            (self._log, self.tally.add),
            pool,
            self._settings.idle_timeout,
            channels(self._settings.channel, self._clock, rules, often, self._turn_end),
        )
