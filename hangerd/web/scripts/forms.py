"""The form of a page without JavaScript: its field `line`, however the browser encoded it.

Source: the HTML standard, section 4.10.22 (form submission): urlencoded and text/plain.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from hangerd.web.errors import BadRequest
from hangerd.web.types import essence

_FIELD = "line"
_MOST_FIELDS = 10


def form_line(body: bytes, content_type: bytes) -> str:
    """The field `line` of a form that was sent as urlencoded or text/plain.

    Raises:
        BadRequest: it is not there just once, or is not UTF-8.
    """
    read = _read_plain if essence(content_type.decode("latin-1")) == "text/plain" else _read_encoded
    try:
        lines = read(body)
    except ValueError:
        raise BadRequest("This form cannot be read.", "Send it as UTF-8, urlencoded.") from None
    if len(lines) != 1:
        raise BadRequest("The form has not one field named line.", "Send line=... once.")
    return lines[0]


def _read_encoded(body: bytes) -> list[str]:
    form = parse_qs(
        body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
    )
    return form.get(_FIELD, [])


def _read_plain(body: bytes) -> list[str]:
    """Read the fields as a browser sends them for enctype=text/plain, one a line."""
    fields = (line.partition("=") for line in body.decode().replace("\r\n", "\n").split("\n"))
    return [value for name, mark, value in fields if (name, mark) == (_FIELD, "=")]
