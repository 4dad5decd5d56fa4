"""A host in Python: a module, loaded once. What it keeps is there at the next call."""

from itertools import count
from time import strftime

SINCE = strftime("%H:%M:%S")
_visits = count(1)


def visit():
    """Count one more."""
    return {"visits": next(_visits), "since": SINCE}
