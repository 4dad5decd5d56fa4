"""Errors for programs that catch those of `requests`, which js-host's package let through.

That package is never imported here: who catches its errors has it loaded.
"""

from __future__ import annotations

import sys


def for_requests(own: type[Exception]) -> type[Exception]:
    """Return ConnectionError or TimeoutError as it is, or a kind that is requests' error too."""
    name = "ReadTimeout" if own is TimeoutError else "ConnectionError"
    theirs = getattr(sys.modules.get("requests.exceptions"), name, None)
    return own if theirs is None else type(own.__name__, (own, theirs), {})
