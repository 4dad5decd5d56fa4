"""What ends a script from outside, and what the daemon refuses to do for one.

What ends a script is no `Exception`, so that a script's `except Exception` doesn't swallow it.
"""

from __future__ import annotations

from hangerd.errors import HangerdError


class ScriptEnded(BaseException):
    """The run is over, whatever the script still wants. `finally` blocks run."""

    reason = "ended"


class Timeout(ScriptEnded):
    """The script's time limit is up."""

    reason = "timeout"


class ClientDisconnected(ScriptEnded):
    """The visitor went away. Raised at the next print, flush or input, unless ignored."""

    reason = "disconnect"


class Stopped(ScriptEnded):
    """Somebody stopped the run, or the daemon is going down."""

    reason = "stop"


class OutputOverflow(ScriptEnded):
    """A coroutine printed more than the visitor takes, and may not block its loop to wait."""

    reason = "overflow"


class ScriptRefused(HangerdError):
    """The daemon will not start this script now."""

    code = "script_refused"


class QueueFull(ScriptRefused):
    """Every thread is busy and the waiting line has its full length."""

    code = "queue_full"


class TooManyZombies(ScriptRefused):
    """Too many threads could not be ended: no more are started."""

    code = "too_many_zombies"


class HeadersSent(HangerdError, RuntimeError):
    """A header was set after the first output had returned."""

    code = "headers_sent"


class BodyTooLarge(HangerdError):
    """What the visitor sent is larger than the script takes."""

    code = "body_too_large"
