"""Rules: a folder's settings hold for all scripts below it, at any depth.
Of several folders that say something of one field, the deepest wins.
A script's own `# hangerd:` comment wins over them all.
"""  # noqa: D205 - three lines of rules

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hangerd.scripts.settings import ScriptSettings


class SettingsByFolder:
    """Gives the settings of a script that says nothing of itself."""

    def __init__(
        self,
        root: str,
        defaults: ScriptSettings,
        folders: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take what folders change, by their path below `root`: fields of ScriptSettings."""
        self._defaults = defaults
        told = (
            (f"{root}/{name.strip('/')}/", changes) for name, changes in (folders or {}).items()
        )
        self._folders = sorted(told, key=lambda item: len(item[0]))

    def __call__(self, path: str) -> ScriptSettings:
        """Return the settings for the script at this absolute path."""
        changes: dict[str, Any] = {}
        for folder, told in self._folders:
            if path.startswith(folder):
                changes |= told
        return replace(self._defaults, **changes) if changes else self._defaults
