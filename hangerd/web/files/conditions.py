"""Conditional requests by RFC 9110, section 13: pure, from validators and headers to a verdict.

Dates are HTTP-dates; one that is none counts as absent. Header values are None where the header is
absent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from twisted.web.http import stringToDatetime
from werkzeug.http import parse_etags

Header = Callable[[str], str | None]


class Verdict(Enum):
    """What the preconditions of a GET or HEAD come to."""

    SEND = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Validators:
    """What identifies a version: a strong entity tag, unquoted, and its last change (s)."""

    etag: str
    modified: int


def verdict(validators: Validators, header: Header) -> Verdict:
    """Evaluate the preconditions in the order of 13.2.2; `header` looks up a request header."""
    if (if_match := header("if-match")) is not None:
        if not parse_etags(if_match.strip()).contains(validators.etag):
            return Verdict.FAILED
    else:
        before = _date(header("if-unmodified-since"))
        if before is not None and validators.modified > before:
            return Verdict.FAILED
    if (if_none_match := header("if-none-match")) is not None:
        known = parse_etags(if_none_match.strip()).contains_weak(validators.etag)
        return Verdict.NOT_MODIFIED if known else Verdict.SEND
    since = _date(header("if-modified-since"))
    unchanged = since is not None and validators.modified <= since
    return Verdict.NOT_MODIFIED if unchanged else Verdict.SEND


def range_holds(validators: Validators, if_range: str | None) -> bool:
    """Say whether Range counts beside this If-Range (13.1.5): the tag or the date must be the same.

    A weak tag never is. A date is only sent by clients that kept no tag.
    """
    if if_range is None:
        return True
    if_range = if_range.strip()
    if if_range.startswith(('"', "W/")):
        return if_range == f'"{validators.etag}"'
    return _date(if_range) == validators.modified


def _date(value: str | None) -> int | None:
    """Read an HTTP-date as seconds since 1970, or None."""
    if value is None or ("," in value and not value.rstrip().endswith("GMT")):
        return None  # another zone than GMT is no HTTP-date, and the reader below would not notice
    try:
        return int(stringToDatetime(value.strip().encode("ascii")))
    except (ValueError, LookupError, OverflowError, TypeError):
        return None
