"""The keeper of one instance: starts its program, and lets nothing of it outlive the daemon.

A program of its own, run as `python -I -S keeper.py` by the daemon's interpreter; it imports
little, since every instance waits for it. File descriptors it is given:

    0, 1, 2   the program's stdin, stdout, stderr
    3, 4      the runner's sockets, or none; only the program keeps them
    5         control: the settings (4 bytes of length, then a marshalled dict), then lines
              `signal N` (to the program) and `end SECONDS` (TERM to all, KILL after so long).
              Its end means that the daemon is gone: `end` with the settings' grace.
    6         status, JSON lines: {"pid": N}, or {"errno": N, "at": STEP} if it was not started;
              {"status": N} or {"signal": N} when it ended; {"left": N} if something lives on.

As a subreaper it becomes the parent of every orphan below it, whatever session that is in.
"""

from __future__ import annotations

import ctypes
import errno
import marshal
import os
import resource
import select
import signal
import sys
import time
from contextlib import suppress

CONTROL, STATUS = 5, 6
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LEFTOVER_GRACE = 0.5  # seconds that the program's children have when it has ended by itself
KILL_EVERY = 0.02
GIVE_UP = 5.0  # seconds of KILL after which what is left cannot be killed

_prctl = ctypes.CDLL(None, use_errno=True).prctl


def tell(line: str) -> None:
    """Write a status line; nobody may be there to read it."""
    with suppress(OSError):  # the daemon is gone, and the control pipe says so
        os.write(STATUS, f"{line}\n".encode())


def read_settings() -> dict:  # type: ignore[type-arg]
    """Read what to start. The daemon that goes away meanwhile leaves nothing to do."""
    need, data = 4, b""
    while len(data) < need:
        piece = os.read(CONTROL, need - len(data))
        if not piece:
            sys.exit(0)
        data += piece
        if len(data) == 4 == need:
            need += int.from_bytes(data, "big")
    settings: dict = marshal.loads(data[4:])  # type: ignore[type-arg]  # noqa: S302 - from the daemon
    return settings


def confine(settings: dict, keeper: int) -> None:  # type: ignore[type-arg]
    """Give this child its session, limits and user, and tie it to the keeper's life."""
    os.setsid()
    os.umask(settings["umask"])
    if settings["nice"]:
        os.nice(settings["nice"])
    for which, limits in settings["rlimits"].items():
        resource.setrlimit(which, limits)
    if settings["uid"] is not None:
        os.setgroups(settings["groups"])
        os.setgid(settings["gid"])
        os.setuid(settings["uid"])
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # after setuid, which clears it
    if os.getppid() != keeper:
        os._exit(1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def become(settings: dict, keeper: int, report: int) -> None:  # type: ignore[type-arg]
    """Turn this child into the program; or report at which step that failed, and end."""
    at = "limits or user"
    try:
        confine(settings, keeper)
        at = "cwd"
        os.chdir(settings["cwd"])
        at = "exec"
        os.execvpe(settings["argv"][0], settings["argv"], settings["env"])  # noqa: S606
    except OSError as error:
        os.write(report, f'{{"errno": {error.errno}, "at": "{at}"}}'.encode())
    except ValueError:  # a limit above the hard one, a NUL in a text
        os.write(report, f'{{"errno": {errno.EINVAL}, "at": "{at}"}}'.encode())
    finally:
        os._exit(127)


def start(settings: dict) -> int:  # type: ignore[type-arg]
    """Fork the program and return its pid; exit when it cannot be started."""
    keeper = os.getpid()
    failed, report = os.pipe()  # close-on-exec: its end without a word is a good start
    pid = os.fork()
    if pid == 0:
        become(settings, keeper, report)
    os.close(report)
    words = os.read(failed, 200)
    os.close(failed)
    if words:
        os.waitpid(pid, 0)
        tell(words.decode())
        sys.exit(0)
    tell(f'{{"pid": {pid}}}')
    return pid


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may have gone, or not be ours to signal."""
    with suppress(OSError):
        os.kill(pid, number)


def descendants() -> list[int]:
    """Return every process below this one, from /proc; the kernel changes it while it is read."""
    below: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib costs a start
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    words = file.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if words[0] != b"Z":
                below.setdefault(int(words[1]), []).append(int(name))
    found = [os.getpid()]
    for pid in found:
        found.extend(below.get(pid, ()))
    return found[1:]


def signal_all(number: int) -> None:
    """Send a signal to every process below this one."""
    for pid in descendants():
        send(pid, number)


class Keeper:
    """Waits for the program, for orders and for the daemon's end."""

    def __init__(self, pid: int, grace: float) -> None:
        self.pid: int | None = pid
        self.grace = grace
        self.orders = b""
        self.kill_at: float | None = None
        self.wakeup, write = os.pipe()
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.poll = select.poll()
        self.poll.register(CONTROL, select.POLLIN)
        self.poll.register(self.wakeup, select.POLLIN)

    def run(self) -> None:
        """Return when no process is left below this one."""
        while self.reap():
            wait = None
            if self.kill_at is not None:
                wait = self.kill_at - time.monotonic()
                if wait <= 0:
                    return self.kill()
            for fd, _ in self.poll.poll(None if wait is None else wait * 1000):
                if fd == self.wakeup:
                    os.read(self.wakeup, 4096)
                else:
                    self.obey()
        return None

    def reap(self) -> bool:
        """Collect the dead; return whether somebody lives."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.pid = None
                code = os.waitstatus_to_exitcode(status)
                tell(f'{{"status": {code}}}' if code >= 0 else f'{{"signal": {-code}}}')
                self.end(LEFTOVER_GRACE)

    def obey(self) -> None:
        """Read orders; the end of the pipe is the order to end."""
        data = os.read(CONTROL, 4096)
        if not data:
            self.poll.unregister(CONTROL)
            return self.end(self.grace)
        *lines, self.orders = (self.orders + data).split(b"\n")
        for line in lines:
            word, _, value = line.partition(b" ")
            if word == b"end":
                self.end(float(value))
            elif word == b"signal" and self.pid is not None:
                send(self.pid, int(value))
        return None

    def end(self, grace: float) -> None:
        """Ask everything to end; see to it `grace` seconds later, or sooner if that was said."""
        at = time.monotonic() + grace
        if self.kill_at is None and grace > 0:
            signal_all(signal.SIGTERM)
        self.kill_at = at if self.kill_at is None else min(at, self.kill_at)

    def kill(self) -> None:
        """Kill until nothing is left: what forks while it is killed is found in the next round."""
        until = time.monotonic() + GIVE_UP
        while True:
            signal_all(signal.SIGKILL)
            if not self.reap():
                return
            if time.monotonic() > until:
                tell(f'{{"left": {len(descendants())}}}')
                return
            self.poll_dead(KILL_EVERY)

    def poll_dead(self, seconds: float) -> None:
        """Wait until a child ends, for so long at most."""
        if select.select([self.wakeup], [], [], seconds)[0]:
            os.read(self.wakeup, 4096)


def main() -> None:
    """Be a keeper."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    if _prctl(PR_SET_CHILD_SUBREAPER, 1):
        sys.exit("hangerd keeper: this kernel has no subreaper")
    os.set_inheritable(CONTROL, False)
    os.set_inheritable(STATUS, False)
    settings = read_settings()
    pid = start(settings)
    for fd in (1, 3, 4):
        with suppress(OSError):
            os.close(fd)
    Keeper(pid, settings["grace"]).run()


if __name__ == "__main__":
    main()
