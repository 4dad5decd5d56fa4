"""A daemon with one command host, in the folder given; it says when that is ready."""

import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.interfaces import IReactorCore

from hangerd.hosts.sending import Reading
from hangerd.hosts.service import HostsService, around_reactor
from hangerd.hosts.spec import parse_spec

folder = Path(sys.argv[1])
around = around_reactor(reactor, folder / "state", folder / "run", Reading())
service = HostsService(around, folder / "state")
service.startService()
spec = parse_spec(
    "tree",
    {
        "kind": "command",
        "argv": [sys.executable, *sys.argv[2:]],
        "env": {"HANGERD_TEST_FAMILY": sys.argv[1]},
        "probe": {"log": "^ready$"},
        "stop_grace": 1.0,
    },
    folder,
)
host = service.define("tree", spec)
host.start().addCallback(lambda _: print("ready", flush=True))
IReactorCore(reactor).addSystemEventTrigger("before", "shutdown", service.stopService)
IReactorCore(reactor).run()
