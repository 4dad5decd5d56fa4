"""A family that does not want to end: prints `ready` when everybody is there."""

import os
import signal
import sys
import time


def member(*how: str) -> None:
    """Fork somebody who ignores TERM; `how` may be session, twice, child."""
    read, write = os.pipe()
    if os.fork():
        os.close(write)
        os.read(read, 1)
        os.close(read)
        return
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "session" in how:
        os.setsid()
    if "twice" in how and os.fork():
        os._exit(0)
    if "child" in how:
        member()
    os.write(write, b"x")
    os.close(write)
    while True:
        time.sleep(100)


member()
member("child")
member("session", "child")
member("session", "twice", "child")
if "obey" not in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
if "leave" in sys.argv:
    sys.exit(3)
while True:
    time.sleep(100)
