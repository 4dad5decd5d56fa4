"""The kinds of number that settings have, each with its unit and its bounds (for pydantic)."""

from __future__ import annotations

import re
from typing import Annotated

from annotated_types import Interval
from pydantic import BeforeValidator

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def parse_size(value: object) -> object:
    """Turn "64M" into bytes; leave what is no such text to the check that follows."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", value.strip(), re.IGNORECASE)
    if match is None:
        raise ValueError('a size is a number of bytes or text like "64K", "64M" or "1G"')
    return int(match[1]) * _UNITS[match[2].upper()]


Seconds = Annotated[float, Interval(gt=0, le=1e9)]
# 0 turns the thing off.
SecondsOrZero = Annotated[float, Interval(ge=0, le=1e9)]
Count = Annotated[int, Interval(ge=1, le=10**9)]
# In bytes; a file may say "64K", "64M", "1G" too.
Size = Annotated[int, BeforeValidator(parse_size), Interval(ge=1, le=2**50)]
