"""The root logger and the warnings of each run: `basicConfig` holds for the run that called it.

`logging.root` gets a class whose handlers and level are the run's own; levels are not remembered
by loggers while in a run, since they remember one answer for the whole process.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable
from typing import Any, TextIO

from hangerd.scripts.current import CURRENT

Replace = Callable[[Any, str, Any], None]


class _RunRootLogger(logging.RootLogger):
    """The root logger of whoever asks."""

    @property
    def handlers(self) -> list[logging.Handler]:
        run = CURRENT.get()
        if run is None:
            found: list[logging.Handler] = self.__dict__["handlers"]
            return found
        return run.log_handlers

    @handlers.setter
    def handlers(self, handlers: list[logging.Handler]) -> None:
        run = CURRENT.get()
        if run is None:
            self.__dict__["handlers"] = handlers
        else:
            run.log_handlers = handlers

    @property
    def level(self) -> int:
        run = CURRENT.get()
        return int(self.__dict__["level"]) if run is None else run.log_level

    @level.setter
    def level(self, level: int) -> None:
        run = CURRENT.get()
        if run is None:
            self.__dict__["level"] = level
        else:
            run.log_level = level


def route_logs(replace: Replace) -> None:
    """Give runs their own root logger and warnings."""
    replace(logging.root, "__class__", _RunRootLogger)
    replace(logging.Logger, "isEnabledFor", _is_enabled_for(logging.Logger.isEnabledFor))
    replace(warnings, "showwarning", _show_warning(warnings.showwarning))


def _is_enabled_for(enabled: Callable[..., bool]) -> Callable[..., bool]:
    def is_enabled_for(self: logging.Logger, level: int) -> bool:
        if CURRENT.get() is None:
            return enabled(self, level)
        if self.disabled or self.manager.disable >= level:
            return False
        return level >= self.getEffectiveLevel()

    return is_enabled_for


def _show_warning(show: Callable[..., None]) -> Callable[..., None]:
    def show_warning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if CURRENT.get() is None:
            show(message, category, filename, lineno, file, line)
            return
        text = warnings.formatwarning(message, category, filename, lineno, line)
        (file or sys.stderr).write(text)

    return show_warning
