"""What a host is: the same fields in hangerd.toml (`[hosts.NAME]`) and in JSON, checked once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from hangerd.hosts.errors import SpecError
from hangerd.hosts.fields import Limits, Mode, Probe, SizeOrNone, Texts, find_account
from hangerd.hosts.restarts import RestartMode, RestartPolicy
from hangerd.quantities import Count, Seconds, SecondsOrZero, Size

Kind = Literal["js", "python", "command"]
Port = Annotated[int, Field(ge=0, le=65535)]
Amount = Annotated[int, Field(ge=0)]
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One host. Times are seconds, sizes bytes; 0 or None turns a limit off."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    kind: Kind
    path: str | None = None  # js: config file; python: a task file, or any Python file
    module: str | None = None  # python: a module to import instead
    argv: Texts = ()  # command: the program and its arguments
    cwd: str | None = None  # the folder of path; else the daemon's own
    env: dict[str, str] = field(default_factory=dict)
    interpreter: str | None = None  # js: which node; python: which python
    autostart: bool = False
    public: bool = False
    pickle: bool = False
    instances: Annotated[int, Field(ge=1, le=256)] = 1
    threads: Annotated[int, Field(ge=1, le=1024)] = 1
    max_concurrency: Amount = 0  # calls in flight per instance; 0: python `threads`, js 128
    queue: Amount = 100  # calls that may wait for an instance; more are refused as busy
    call_timeout: SecondsOrZero = 10.0
    cancel_grace: SecondsOrZero = (
        1.0  # what a cancelled call has to let go, before its instance is ended
    )
    start_timeout: Seconds = 30.0
    stop_grace: SecondsOrZero = 5.0
    idle_timeout: SecondsOrZero = 300.0
    restart: RestartMode = "on-failure"
    max_restarts: Amount = 5
    window: SecondsOrZero = 60.0
    stable_time: SecondsOrZero = 10.0
    recycle_calls: Amount = 0
    recycle_age: SecondsOrZero = 0.0
    memory_limit: SizeOrNone = 0
    watch: bool | Texts = True  # False: no reload; a list: these paths too
    probe: Probe | None = None
    checkpoint: bool = False
    log_size: Size = 10 * 1024 * 1024
    log_files: Count = 5
    user: str | None = None  # "user" or "user:group"; the daemon must be root
    umask: Mode = 0o022
    nice: Annotated[int, Field(ge=-20, le=19)] = 0
    rlimits: Limits = field(default_factory=dict)
    listen: str | None = None  # js: one more listener, of js-host's own protocol
    inspect: Port | None = None  # js: the inspector's port, 0 for any; suspends deadlines
    origins: Texts = ()

    @property
    def callable(self) -> bool:
        """Return whether it has functions."""
        return self.kind != "command"

    @property
    def alone(self) -> bool:
        """Return whether it may hold a port, so that an old process must go before a new one."""
        return not self.callable or bool(self.inspect)

    @property
    def concurrency(self) -> int:
        """Return how many calls one instance is given at once."""
        return self.max_concurrency or (self.threads if self.kind == "python" else 128)

    @property
    def policy(self) -> RestartPolicy:
        """Return what to do when an instance ends."""
        return RestartPolicy(self.restart, self.max_restarts, self.window, self.stable_time)


_adapter = TypeAdapter(Spec)
_KNOWN: Final = tuple(one.name for one in fields(Spec))
_ONLY: Final[Mapping[str, tuple[Kind, ...]]] = {
    "path": ("js", "python"),
    "module": ("python",),
    "argv": ("command",),
    "interpreter": ("js", "python"),
    "pickle": ("python",),
    "threads": ("python",),
    "checkpoint": ("python",),
    "probe": ("command",),
    "listen": ("js",),
    "inspect": ("js",),
}


def parse_spec(name: str, given: Mapping[str, Any], base: Path) -> Spec:
    """Return the spec that `given` (from TOML or JSON) says; relative paths begin at `base`.

    Raises SpecError, which names the field and what to do.
    """
    if not NAME.fullmatch(name):
        raise SpecError(
            f"{name!r} is no name of a host", "Use up to 64 letters, digits, and _ . - inside."
        )
    if not isinstance(given, Mapping):
        raise SpecError(f"host {name} is no table of fields", f"Write [hosts.{name}].")
    _check_names(name, given)
    try:
        spec = _adapter.validate_json(to_json(dict(given)))  # strict, yet a list may be a tuple
    except ValidationError as error:
        raise _told(name, error) from None
    _check_kind(name, spec, given)
    return _placed(spec, base)


def _check_names(name: str, given: Mapping[str, Any]) -> None:
    """Refuse an unknown field, with the one that was probably meant."""
    for key in given:
        if key not in _KNOWN:
            near = difflib.get_close_matches(str(key), _KNOWN, n=1, cutoff=0.0)[0]
            raise SpecError(f"host {name}: unknown field {key}", f"Did you mean {near}?", str(key))
    if "kind" not in given:
        raise SpecError(f"host {name}: kind is missing", "Say js, python or command.", "kind")


def _told(name: str, error: ValidationError) -> SpecError:
    """Say in our words what pydantic found first."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    at = str(first["loc"][0]) if first["loc"] else ""
    return SpecError(f"host {name}: {where}: {said}", f"Correct {at} and try again.", at)


def _check_kind(name: str, spec: Spec, given: Mapping[str, Any]) -> None:
    """Refuse fields that mean nothing to this kind, and miss those that it needs."""
    for key, kinds in _ONLY.items():
        if key in given and spec.kind not in kinds:
            raise SpecError(
                f"host {name}: {key} is for kind {' or '.join(kinds)}", f"Remove {key}.", key
            )
    if spec.kind == "js" and not spec.path:
        raise SpecError(f"host {name}: path is missing", "Name its host.config.js.", "path")
    if spec.kind == "python" and bool(spec.path) is bool(spec.module):
        raise SpecError(
            f"host {name}: a python host has either path or module", "Give one of them.", "path"
        )
    if spec.kind == "command" and not spec.argv:
        raise SpecError(
            f"host {name}: argv is missing", "Name the program and its arguments.", "argv"
        )
    if spec.inspect and spec.instances > 1:
        raise SpecError(
            f"host {name}: {spec.instances} instances cannot share the inspector's port",
            "Use inspect = 0, for any free port each, or one instance.",
            "inspect",
        )
    if spec.checkpoint and spec.user is not None:
        raise SpecError(
            f"host {name}: the state folder is not open to the user {spec.user}",
            "Give either checkpoint or user.",
            "checkpoint",
        )
    if spec.user is not None:
        try:
            find_account(spec.user)
        except KeyError as error:
            raise SpecError(
                f"host {name}: user: {error.args[0]}", 'Name one as "user" or "user:group".', "user"
            ) from None


def _placed(spec: Spec, base: Path) -> Spec:
    """Make the paths absolute."""
    path = None if spec.path is None else str(base / Path(spec.path).expanduser())
    if spec.cwd is not None:
        cwd = str(base / Path(spec.cwd).expanduser())
    else:
        cwd = str(base if path is None else Path(path).parent)
    interpreter = spec.interpreter
    if interpreter is not None and "/" in interpreter:
        interpreter = str(base / Path(interpreter).expanduser())
    return replace(spec, path=path, cwd=cwd, interpreter=interpreter)
