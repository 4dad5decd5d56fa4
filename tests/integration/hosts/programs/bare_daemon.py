"""A daemon without any manners: spawns one program and is killed."""

import os
import sys

from twisted.internet import reactor

from hangerd.hosts.process import Command, Spawner, Stream
from hangerd.hosts.restarts import Exit


class Echo:
    def process_started(self, pid: int) -> None:
        pass

    def process_wrote(self, stream: Stream, data: bytes) -> None:
        os.write(1, data)

    def process_ended(self, how: Exit) -> None:
        pass

    def process_gone(self, how: Exit) -> None:
        pass


argv = [sys.executable, *sys.argv[1:]]
Spawner(reactor, reactor).spawn(Command(argv, dict(os.environ), "/", grace=1.0), Echo())
reactor.run()
