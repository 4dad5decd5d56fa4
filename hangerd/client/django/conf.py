"""The settings HANGERD, and JS_HOST of js-host's users, as what the app works with."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from hangerd.client.connecting import IDLE_EXIT
from hangerd.client.defining import name_for
from hangerd.client.js_host.conf import Settings as JSHostSettings
from hangerd.client.js_host.manager import host_spec
from hangerd.errors import SettingsError

KEYS: Final = ("HOSTS", "URL", "TOKEN", "CA", "STATE_DIR", "SPAWN", "IDLE_EXIT")

Spec = Mapping[str, Any]


@dataclass(frozen=True)
class Config:
    """Which daemon, and the hosts that this project defines there, by name.

    `spawn` says whether a daemon that is not there is started; `idle_exit` is in seconds.
    """

    hosts: Mapping[str, Spec] = field(default_factory=dict)
    url: str | None = None
    token: str | None = None
    ca: str | Path | None = None
    state_dir: str | Path | None = None
    spawn: bool = True
    idle_exit: float = IDLE_EXIT


def read_config() -> Config:
    """Return what the settings say. Raises SettingsError, which names the key and the remedy."""
    given = getattr(settings, "HANGERD", {})
    if not isinstance(given, Mapping):
        raise SettingsError("HANGERD is no dict", 'Write HANGERD = {"HOSTS": {...}}.')
    for key in given:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key).upper(), KEYS, n=1, cutoff=0.0)[0]
            raise SettingsError(f"HANGERD has an unknown key {key!r}", f"Did you mean {near}?")
    named = given.get("HOSTS", {})
    if not isinstance(named, Mapping) or not all(
        isinstance(one, Mapping) for one in named.values()
    ):
        raise SettingsError(
            "HOSTS of HANGERD is no dict of dicts",
            'Write "HOSTS": {"render": {"kind": "js", "path": BASE_DIR / "host.config.js"}}.',
        )
    hosts = {str(name): _plain(spec) for name, spec in named.items()} | _js_host()
    others = {key.lower(): given[key] for key in KEYS[1:] if key in given}
    return Config(hosts=hosts, **others)


def base_dir() -> Path:
    """Return where relative paths begin: BASE_DIR of the project, else the working directory."""
    return Path(getattr(settings, "BASE_DIR", Path.cwd())).absolute()


def _plain(spec: Spec) -> Spec:
    """Return a spec as the daemon takes it: paths whole, and as text."""
    plain = {key: str(value) if isinstance(value, Path) else value for key, value in spec.items()}
    if isinstance(plain.get("path"), str):
        plain["path"] = str(base_dir() / plain["path"])
    return plain


def _js_host() -> dict[str, Spec]:
    """Return the host of JS_HOST, as its manager defines it; none without a manager."""
    old = getattr(settings, "JS_HOST", None)
    if not isinstance(old, Mapping) or not old.get("USE_MANAGER"):
        return {}
    root = old.get("SOURCE_ROOT", Path.cwd())
    path = str(Path(root, old.get("CONFIG_FILE", JSHostSettings.CONFIG_FILE)).absolute())
    return {name_for(path): {"kind": "js", "path": path, **host_spec()}}
