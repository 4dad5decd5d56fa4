"""A dict whose keys are attributes too: `__server__['PATH_INFO']` and `__server__.PATH_INFO`."""

from __future__ import annotations

from typing import Any


class Record(dict[str, Any]):
    """Keys and attributes are one. A missing attribute is an AttributeError."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None
