"""The module of a Python host that runs functions which programs send to it, as pickles.

`client.python([function, ...])` defines such a host. It imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["apply"]


def apply(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Call a function that was sent."""
    return function(*args, **kwargs)
