"""Settings: frozen dataclasses made once from flags and a TOML file, and checked once.

Flags win over the file. What is wrong is said with its place (file and key, or flag) and a remedy.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import MinLen
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError, with_config

from hangerd.errors import SettingsError
from hangerd.hosts.spec import Spec, parse_spec
from hangerd.quantities import Count, Seconds, SecondsOrZero, Size
from hangerd.scripts.folders import SettingsByFolder
from hangerd.scripts.settings import OutputMode, PoolLimits, ScriptSettings, StderrMode
from hangerd.slots.limits import SlotLimits

DEFAULT_PORT = "tcp:9095:interface=127.0.0.1"
DEFAULT_ADMIN = "tcp:9096:interface=127.0.0.1"
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


# An origin has no path, not even a slash; its host is in ASCII, as browsers send it.
_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII
)


# As a Host header names one, without its port.
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", re.IGNORECASE | re.ASCII)


def _host(text: str) -> str:
    """The name of a host in lower case. Raises ValueError."""
    if not _HOST.fullmatch(text):
        raise ValueError(f'"{text}" is no host: write a name or [address], without a port')
    return text.lower()


def _origin(text: str) -> str:
    """An origin as browsers write it.

    Raises:
        ValueError: it is none.
    """
    if text in {"*", "null"}:
        return text
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f'"{text}" is no origin: write scheme://host[:port], without a slash')
    return text.lower()


@dataclass(frozen=True)
class CorsSettings:
    """Which pages of other origins may use the slots: `["*"]`, or a list that may name "null".

    An origin is as browsers write it (RFC 6454, section 6.2): scheme and host in lower case.
    """

    origins: tuple[str, ...] = ("*",)
    credentials: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no origin, and what would hand a visitor's cookies to any page."""
        object.__setattr__(self, "origins", tuple(map(_origin, self.origins)))
        if self.credentials and {"*", "null"} & set(self.origins):
            raise ValueError('with credentials, origins may name neither "*" nor "null"')
        if "*" in self.origins and len(self.origins) > 1:
            raise ValueError('origins is either ["*"] or a list of origins, not both')


@dataclass(frozen=True)
class HttpSettings:
    """What all listeners share."""

    trusted_proxies: tuple[str, ...] = ()
    channel: Literal["hangerd", "twisted"] = "hangerd"
    idle_timeout: Seconds = 60.0
    max_connections: Count = 50_000
    max_connections_per_client: Count = 15_000
    max_admin_connections: Count = 100
    max_receiving: Size = 256 * 1024**2
    max_receiving_per_client: Size = 64 * 1024**2


@dataclass(frozen=True)
class SlotsSettings(SlotLimits):
    """The slots over HTTP: the table's limits, and how long one request waits."""

    read_hop: SecondsOrZero = 25.0
    longest_sleep: Seconds = 300.0
    max_body: Size = 1024**2


@dataclass(frozen=True)
class FilesSettings:
    """The files of `root` that are no scripts."""

    compress: bool = True
    listing: bool = False
    follow_symlinks: bool = False


@dataclass(frozen=True)
class FolderSettings:
    """The scripts in one folder of `root`, and below it. None: as around it."""

    concurrency: Count | None = None
    timeout: SecondsOrZero | None = None
    input_timeout: SecondsOrZero | None = None
    output: OutputMode | None = None
    stderr: StderrMode | None = None
    max_body: Size | None = None
    max_message: Size | None = None
    compress: bool | None = None

    def changes(self) -> dict[str, Any]:
        """Return what it changes, as fields of ScriptSettings."""
        told = {name.removeprefix("max_"): value for name, value in vars(self).items()}
        times = ("timeout", "input_timeout")
        return {
            name: (value or None) if name in times else value
            for name, value in told.items()
            if value is not None
        }


def _folder(name: str) -> str:
    """A folder below the root.

    Raises:
        ValueError: it is none.
    """
    if name.startswith("/") or {"", ".", ".."} & set(name.removesuffix("/").split("/")):
        raise ValueError(f'"{name}" is no folder of the root: write it as "games" or "games/easy"')
    return name


@dataclass(frozen=True)
class ScriptsSettings(PoolLimits):
    """The scripts of `root`: how many at once, and what holds for each that does not say more."""

    threads: Count = 32
    queue: Count = 100
    queue_wait: Seconds = 30.0
    max_zombies: Count = 16
    timeout: SecondsOrZero = 60.0
    input_timeout: SecondsOrZero = 600.0
    output: OutputMode = "auto"
    stderr: StderrMode = "auto"
    max_body: Size = 2 * 1024**2
    max_message: Size = 2 * 1024**2
    compress: bool = False
    websockets: bool = True
    websocket_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    folders: dict[Annotated[str, AfterValidator(_folder)], FolderSettings] = field(
        default_factory=dict
    )

    def by_folder(self, root: str) -> SettingsByFolder:
        """Return what holds for scripts that say nothing of themselves."""
        defaults = ScriptSettings(
            timeout=self.timeout or None,
            input_timeout=self.input_timeout or None,
            output=self.output,
            stderr=self.stderr,
            body=self.max_body,
            message=self.max_message,
            compress=self.compress,
        )
        changes = {name: folder.changes() for name, folder in self.folders.items()}
        return SettingsByFolder(root, defaults, changes)


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True)
class Settings:
    """All that the daemon can be told."""

    port: Annotated[tuple[str, ...], MinLen(1)] = (DEFAULT_PORT,)
    admin: str = DEFAULT_ADMIN
    allowed_hosts: tuple[Annotated[str, AfterValidator(_host)], ...] = LOOPBACK
    print_link: bool = False
    metrics_open: bool = False
    root: Path | None = None
    state_dir: Path | None = None
    control_token_file: Path | None = None
    ready_file: Path | None = None
    debug: bool = False
    log_format: Literal["text", "json"] = "text"
    calls: str | None = None
    allow_specs: bool = True
    # Seconds without a call, lease, slot or run; 0: it never ends by itself.
    idle_exit: SecondsOrZero = 0.0
    # Of all services together.
    shutdown_timeout: Seconds = 4.0
    http: HttpSettings = field(default_factory=HttpSettings)
    cors: CorsSettings = field(default_factory=CorsSettings)
    slots: SlotsSettings = field(default_factory=SlotsSettings)
    hosts: dict[str, Any] = field(default_factory=dict)
    """Specs by name; `load_settings` makes them of the file's tables."""
    files: FilesSettings = field(default_factory=FilesSettings)
    scripts: ScriptsSettings = field(default_factory=ScriptsSettings)


def load_settings(flags: Mapping[str, Any], file: Path | None) -> Settings:
    """Make the settings from flags, by setting name, over those of a TOML file.

    Raises:
        SettingsError: something cannot be read, is unknown, or is out of bounds.
    """
    told = _over(_read(file) if file else {}, flags)
    try:
        # By way of JSON, since TOML has arrays where settings have tuples, and text for paths.
        settings = TypeAdapter(Settings).validate_json(json.dumps(told, default=str), strict=True)
    except ValidationError as error:
        raise _explain(error, flags, file) from None
    return replace(settings, hosts=_specs(settings.hosts, file))


def load_hosts(file: Path) -> dict[str, Spec]:
    """The hosts of a TOML file as it is now. Raises SettingsError, as `load_settings` does."""
    return load_settings({}, file).hosts


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over others; in tables too."""
    merged = dict(below)
    for name, value in above.items():
        under = merged.get(name)
        both = isinstance(under, dict) and isinstance(value, Mapping)
        merged[name] = {**(under or {}), **value} if both else value
    return merged


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {error.strerror}", "name a readable file with --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}", "mend that place") from None


def _specs(tables: Mapping[str, Any], file: Path | None) -> dict[str, Spec]:
    """The hosts of a file; their relative paths begin in its folder."""
    base = file.absolute().parent if file else Path.cwd()
    try:
        return {name: parse_spec(name, table, base) for name, table in tables.items()}
    except SettingsError as error:
        raise SettingsError(f"{file}: {error.message}", error.remedy) from None


def _explain(error: ValidationError, flags: Mapping[str, Any], file: Path | None) -> SettingsError:
    """Say the first thing that is wrong as its author would look for it."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    by_flag = path[0] in flags if path else False
    if by_flag:
        place = ".".join(path) if len(path) > 1 else f"--{path[0].replace('_', '-')}"
    else:
        place = f"{file}: {'.'.join(path)}"
    if first["type"] == "unexpected_keyword_argument":
        known = _known_keys(path[:-1])
        near = difflib.get_close_matches(path[-1], known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"known here are {', '.join(known)}"
        return SettingsError(f"{place} is not a setting", remedy)
    message = first["msg"].removeprefix("Value error, ")
    return SettingsError(f"{place}: {message}", "see etc/hangerd.toml for what it may be")


def _known_keys(path: list[str]) -> list[str]:
    """The keys of the table at `path`."""
    table: Any = Settings()
    for part in path:
        table = FolderSettings() if isinstance(table, dict) else getattr(table, part)
    return sorted(item.name for item in fields(table)) if is_dataclass(table) else []
