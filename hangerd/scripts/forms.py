"""Forms and uploads of one request, by Werkzeug's parser, with limits.

An upload of more than a MiB goes to a temporary file without a name; `close` gives all back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from hangerd.scripts.exceptions import BadRequest, PayloadTooLarge

SPOOL = 1024 * 1024
PIECE = 256 * 1024


@dataclass(frozen=True)
class FormLimits:
    """How much of a form is read: fields and files in numbers, sizes in bytes."""

    max_fields: int = 100
    max_size: int = 8 * 1024 * 1024
    max_files: int = 1024
    max_file_size: int = 100 * 1024 * 1024


class Form:
    """The fields and the files of one request."""

    def __init__(self, fields: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> None:
        self.fields = {name: fields.getlist(name) for name in fields}
        self._files = files

    def parts(self) -> Iterator[dict[str, Any]]:
        """Yield each file in pieces: name, filename, type, data, eof (True for its last piece)."""
        for name, storage in self._files.items(multi=True):
            part = {"name": name, "filename": storage.filename, "type": storage.content_type}
            storage.stream.seek(0)
            data = storage.stream.read(PIECE)
            while True:
                following = storage.stream.read(PIECE)
                yield {**part, "data": data, "eof": not following}
                if not following:
                    break
                data = following

    def close(self) -> None:
        """Delete the temporary files."""
        for storage in self._files.values():
            storage.close()


class _Spool:
    """Opens the temporary files, and stops one that grows too large."""

    def __init__(self, limits: FormLimits) -> None:
        self._limits = limits
        self.opened: list[BinaryIO] = []

    def open(self, *_: object, **__: object) -> BinaryIO:
        if len(self.opened) >= self._limits.max_files:
            raise PayloadTooLarge("Too many files")
        file = tempfile.SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115 - closed by the form
        self.opened.append(cast(BinaryIO, file))
        limit = self._limits.max_file_size
        write = file.write

        def write_within_limit(data: Any) -> int:
            if file.tell() + len(data) > limit:
                raise PayloadTooLarge("A file is too large")
            return write(data)

        file.write = write_within_limit  # type: ignore[method-assign, assignment]
        return self.opened[-1]


def parse_form(body: BinaryIO, size: int, content_type: str, limits: FormLimits) -> Form:
    """Read a form from a body of `size` bytes.

    Raises BadRequest for another content type or a broken body, PayloadTooLarge over a limit.
    """
    kind, options = parse_options_header(content_type)
    body.seek(0)
    if kind == "application/x-www-form-urlencoded":
        return _urlencoded(body, size, limits)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise BadRequest("The body is no form: send it urlencoded or as multipart/form-data")
    spool = _Spool(limits)
    parser = MultiPartParser(
        stream_factory=cast(Any, spool.open),
        max_form_memory_size=limits.max_size,
        max_form_parts=limits.max_fields + limits.max_files,
    )
    try:
        fields, files = parser.parse(body, options["boundary"].encode("latin-1"), size)
        if len(list(fields.items(multi=True))) > limits.max_fields:
            raise PayloadTooLarge("Too many fields")
    except BaseException as error:
        for file in spool.opened:
            file.close()
        if isinstance(error, RequestEntityTooLarge):
            raise PayloadTooLarge("The form is too large") from None
        if isinstance(error, ValueError):
            raise BadRequest("The form is broken") from None
        raise
    return Form(fields, files)


def _urlencoded(body: BinaryIO, size: int, limits: FormLimits) -> Form:
    if size > limits.max_size:
        raise PayloadTooLarge("The form is too large")
    try:
        pairs = parse_qsl(
            body.read(size).decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=limits.max_fields,
        )
    except ValueError:
        raise PayloadTooLarge("Too many fields") from None
    return Form(MultiDict(pairs), MultiDict())
