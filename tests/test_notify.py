"""Tests of `hangerd.notify`."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.notify import Notifier
from tests.test_state import open_files


class NotifierTests(SynchronousTestCase):
    def listen(self, address: str) -> socket.socket:
        heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(heard.close)
        heard.bind(address)
        heard.setblocking(False)
        return heard

    def test_tells_systemd(self) -> None:
        # Not in trial's folder: the name of a socket may have 108 bytes.
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = str(Path(folder.name) / "notify")
        heard = self.listen(path)
        notifier = Notifier({"NOTIFY_SOCKET": path})
        notifier.tell("READY=1")
        notifier.tell("STOPPING=1")
        self.assertEqual([heard.recv(100) for _ in range(2)], [b"READY=1", b"STOPPING=1"])

    def test_abstract_names(self) -> None:
        name = f"hangerd-test-{os.getpid()}"
        heard = self.listen("\0" + name)
        Notifier({"NOTIFY_SOCKET": "@" + name}).tell("READY=1")
        self.assertEqual(heard.recv(100), b"READY=1")

    def test_nobody_there(self) -> None:
        before = open_files()
        for environ in ({}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/none/such"}):
            Notifier(environ).tell("READY=1")
        self.assertEqual(open_files(), before)
