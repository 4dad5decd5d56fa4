"""What a request's query says, read once and strictly: a bad value is told, never guessed at."""

from __future__ import annotations

import math
from typing import Protocol

from hangerd.web.errors import BadRequest


class Asked(Protocol):
    """A request, as far as it is read here."""

    @property
    def query(self) -> dict[str, list[str]]:
        """Its parameters, as `target.parse_query` gives them."""
        ...


def text(request: Asked, name: str) -> str | None:
    """A parameter's value, "" if it is only named, None if it is not there.

    Raises:
        BadRequest: it is there twice, or is not UTF-8.
    """
    values = request.query.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise BadRequest(f"The parameter {name} is there more than once.", "Give it once.")
    if not _is_utf8(values[0]):
        raise BadRequest(f"The parameter {name} is not UTF-8.", "Encode it as UTF-8.")
    return values[0]


def flag(request: Asked, name: str) -> bool:
    """Whether a parameter is there and not turned off with 0.

    Raises:
        BadRequest: as `text`.
    """
    return text(request, name) not in {None, "0"}


def seconds(request: Asked, name: str) -> float | None:
    """A parameter that is a finite number of seconds >= 0, None if it is not there.

    Raises:
        BadRequest: it is something else, or as `text`.
    """
    given = text(request, name)
    if given is None:
        return None
    value = finite(given)
    if value is None:
        raise BadRequest(
            f"The parameter {name} is no number of seconds.", "Give one such as 0 or 2.5."
        )
    return value


def finite(given: str) -> float | None:
    """Read a plain decimal number that is finite and not negative; None for everything else."""
    # float() would take "1_0", "infinity" and a megabyte of digits too.
    if len(given) > 32 or not given.isascii() or "_" in given:
        return None
    try:
        value = float(given)
    except ValueError:
        return None
    return value if math.isfinite(value) and math.copysign(1.0, value) > 0 else None


def whole(request: Asked, name: str) -> int:
    """A parameter that is a whole number of at most nine digits, 0 if it is not there.

    Raises:
        BadRequest: it is something else, or as `text`.
    """
    given = text(request, name)
    if given is None:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadRequest(f"The parameter {name} is no whole number.", "Give one such as 3.")
    return int(given)


def _is_utf8(value: str) -> bool:
    """Whether no byte of it had to be taken as a surrogate."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
