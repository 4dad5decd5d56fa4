"""Raw requests and what becomes of them, written from RFC 9112 and RFC 9110.

A row is a name that begins with the section it comes from, the bytes, the requests that are
served, in order, as (method, uri, body), and the status that refuses what follows them, None when
nothing is refused.
"""

from __future__ import annotations

from tests.web.channel.row import Row
from tests.web.channel.rows_chunks import CODINGS
from tests.web.channel.rows_fields import FIELDS, HOSTS
from tests.web.channel.rows_lengths import CONNECTIONS, LENGTHS, SMUGGLING
from tests.web.channel.rows_lines import METHODS, REQUEST_LINES, TARGETS, VERSIONS

ROWS: list[Row] = [
    *REQUEST_LINES,
    *METHODS,
    *VERSIONS,
    *TARGETS,
    *HOSTS,
    *FIELDS,
    *LENGTHS,
    *CODINGS,
    *SMUGGLING,
    *CONNECTIONS,
]
