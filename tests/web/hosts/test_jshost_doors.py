"""Listeners of specs with `listen`: opened, moved and closed with their hosts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.protocol import ServerFactory
from twisted.internet.testing import MemoryReactorClock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.log import HostLog
from hangerd.hosts.service import HostsService
from hangerd.hosts.spec import Spec, parse_spec
from hangerd.web.hosts.jshost_doors import JsHostDoors
from tests.hosts.fakes import World


class Doors(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = MemoryReactorClock()
        self.service = HostsService(World().around, Path(self.mktemp()))
        self.doors = JsHostDoors(self.reactor, self.service, lambda resource: ServerFactory())

    def spec(self, **given: Any) -> Spec:
        return parse_spec("js", {"kind": "js", "path": "x.js", **given}, Path("/"))

    def ports(self) -> list[int]:
        return [port for port, *_ in self.reactor.tcpServers]

    def said(self) -> str:
        log: HostLog = self.service.get("js").log
        return log.tail(1)[0].text

    def test_they_come_and_go_with_their_hosts(self) -> None:
        self.service.define("js", self.spec(listen="tcp:9009:interface=127.0.0.1"))
        self.assertEqual(self.ports(), [])
        self.doors.startService()
        self.assertEqual(self.ports(), [9009])
        self.assertIn("spoken on tcp:", self.said())
        self.assertRegex(self.service.describe("js")["listening"], r"^tcp:.*:9009$")
        self.service.define("js", self.spec(listen="tcp:9010"))
        self.assertEqual(self.ports(), [9009, 9010])
        self.assertRegex(self.service.describe("js")["listening"], r"^tcp:.*:9010$")
        self.service.define("js", self.spec())
        self.assertIsNone(self.service.describe("js")["listening"])
        self.service.define("plain", self.spec())
        self.service.remove("js")
        self.service.define("js", self.spec(listen="tcp:9011"))
        self.assertEqual(self.ports()[2:], [9011])
        self.successResultOf(self.doors.stopService())
        self.service.define("more", self.spec(listen="tcp:9012"))
        self.assertNotIn(9012, self.ports())

    def test_what_cannot_be_had_is_said_and_harms_nothing(self) -> None:
        self.doors.startService()
        self.service.define("js", self.spec(listen="nonsense:1"))
        self.assertIn("has no listener", self.said())

        def taken(*args: Any, **kwargs: Any) -> None:
            raise CannotListenError("127.0.0.1", 9009, OSError("taken"))

        self.patch(self.reactor, "listenTCP", taken)
        self.service.define("js", self.spec(listen="tcp:9009"))
        self.assertIn("taken", self.said())
        self.successResultOf(self.doors.stopService())
