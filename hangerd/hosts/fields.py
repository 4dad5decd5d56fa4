"""The kinds of values a host's spec has beyond plain ones: sizes, modes, limits, users, probes."""

from __future__ import annotations

import grp
import os
import pwd
import re
import resource
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field

from hangerd.quantities import parse_size


def parse_mode(value: Any) -> Any:
    """Return a file mode: a number as it is, a text such as "027" as octal."""
    if not isinstance(value, str):
        return value
    try:
        return int(value.removeprefix("0o"), 8)
    except ValueError:
        raise ValueError('is not an octal mode such as "027"') from None


def parse_limits(value: Any) -> Any:
    """Return {RLIMIT number: (soft, hard)} from {"nofile": 1024} or {"as": ["1G", "2G"]}."""
    if not isinstance(value, dict):
        return value
    return {_limit(name): _pair(limit) for name, limit in value.items()}


def _limit(name: str) -> int:
    number = getattr(resource, f"RLIMIT_{name.upper()}", None)
    if number is None:
        known = sorted(key[7:].lower() for key in dir(resource) if key.startswith("RLIMIT_"))
        raise ValueError(f"{name} is no limit of this system; it has {', '.join(known)}")
    return int(number)


def _pair(limit: Any) -> tuple[int, int]:
    both = limit if isinstance(limit, list) else [limit, limit]
    numbers: list[Any] = [parse_size(one) for one in both]
    if len(numbers) != 2 or not all(type(one) is int and one >= -1 for one in numbers):
        raise ValueError("is neither a number, a size, nor [soft, hard]")
    return numbers[0], numbers[1]


SizeOrNone = Annotated[int, BeforeValidator(parse_size), Field(ge=0, le=2**50)]
Mode = Annotated[int, BeforeValidator(parse_mode), Field(ge=0, le=0o777)]
Limits = Annotated[dict[int, tuple[int, int]], BeforeValidator(parse_limits), Field(strict=False)]
Texts = Annotated[tuple[str, ...], Field(strict=False)]


@dataclass(frozen=True, slots=True)
class Probe:
    """How to see that a command is ready: exactly one of http, tcp, log, exec.

    `http` is a URL that answers below 400, `tcp` a "host:port" that accepts, `log` a regular
    expression found in a line of output, `exec` a program that ends with status 0. `interval` is
    in seconds.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    http: Annotated[str, Field(pattern=r"^http://")] | None = None
    tcp: Annotated[str, Field(pattern=r"^.+:\d+$")] | None = None
    log: str | None = None
    exec: Texts | None = None
    interval: Annotated[float, Field(gt=0)] = 0.1

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.http, self.tcp, self.log, self.exec)) != 1:
            raise ValueError("needs exactly one of http, tcp, log, exec")
        if self.log is not None:
            try:
                re.compile(self.log)
            except re.error as error:
                raise ValueError(f"log is not a regular expression: {error}") from None


@dataclass(frozen=True, slots=True)
class Account:
    """A user to run as."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str


def find_account(text: str) -> Account:
    """Return the account of "user" or "user:group". Raises KeyError with what does not exist."""
    user, _, group = text.partition(":")
    entry = pwd.getpwnam(user)
    gid = grp.getgrnam(group).gr_gid if group else entry.pw_gid
    groups = tuple(os.getgrouplist(user, gid))
    return Account(entry.pw_uid, gid, groups, entry.pw_dir)
