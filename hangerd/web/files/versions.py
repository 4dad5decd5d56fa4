"""Choosing the version of a static file that a client gets: plain or compressed, and its tag.

A compressed twin beside the file wins. Without one, a text that is neither tiny nor large is packed
here: the time that takes is spent on the reactor's thread, so its size is bounded, and it is sent
like any file, with a length, ranges and a tag of its own. A large one is packed while it is sent,
piece by piece, without a length or ranges; who asks for a range gets one of the plain file.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from twisted.internet.interfaces import IReactorTime

from hangerd.scripts.disk import OpenFile
from hangerd.scripts.mime import is_text
from hangerd.scripts.paths import StaticFile
from hangerd.web.files.conditions import Validators
from hangerd.web.headers import preferred_coding
from hangerd.web.packing import LEAST, Packer, Packing

Open = Callable[[str], OpenFile]

# Bytes of a text that is worth packing, and that is packed in 3 ms.
_WORTH_PACKING = range(LEAST, 262_144)
# Bytes of one that is packed while it is sent: some 10 ms for each million, a few at a time.
_PACKED_IN_PIECES = range(_WORTH_PACKING.stop, 16 * 1024**2)

# Seconds in which a file may change twice and keep its time: the tick of a file system's clock.
_TICK = 0.02


@dataclass(frozen=True, slots=True)
class Version:
    """One representation of a document: the open file, how to read it, what identifies it.

    `varies` says that with another Accept-Encoding it would be another one. `packer` is for one
    that is packed while it is sent, from the plain file; who sends it gives that back.
    """

    opened: OpenFile
    content_type: str
    coding: str | None
    varies: bool
    validators: Validators
    packer: Packer | None = None


class Versions:
    """Opens the version of a file that fits a client best."""

    def __init__(
        self, open_file: Open, clock: IReactorTime, packing: Packing | None = None
    ) -> None:
        """Take what bounds the packed answers; None to pack nothing."""
        self._open = open_file
        self._clock = clock
        self._packing = packing

    def choose(
        self, static: StaticFile, accept_encoding: str | None, *, ranged: bool = False
    ) -> Version:
        """Open one; the caller closes it. OSError where the file cannot be opened.

        `ranged`: a part of it is asked for.
        """
        plain = self._open(static.path)
        twins = dict(static.encoded)
        packs, in_pieces = self._may_pack(static, plain)
        offered = [*twins, *(["gzip"] if packs and "gzip" not in twins else [])]
        coding = preferred_coding(accept_encoding, offered)
        opened, mark, packer = plain, "-gzip", None
        if coding in twins:
            opened, mark = self._twin(twins[coding], plain), ""
        elif coding is not None and not in_pieces:
            opened = _packed(plain)
        elif coding is not None and self._packing is not None and not ranged:
            packer = self._packing.take()
        if opened is plain and packer is None:
            coding, mark = None, ""
        validators = self._validators(opened, mark)
        varies = bool(offered)
        return Version(opened, static.content_type, coding, varies, validators, packer)

    def _may_pack(self, static: StaticFile, plain: OpenFile) -> tuple[bool, bool]:
        """Say whether a file can be packed here, and if that is while it is sent."""
        in_pieces = plain.size in _PACKED_IN_PIECES
        may = self._packing is not None and is_text(static.content_type)
        return may and (in_pieces or plain.size in _WORTH_PACKING), in_pieces

    def _twin(self, path: str, plain: OpenFile) -> OpenFile:
        """Open a compressed twin and close the plain file, unless that was edited since."""
        try:
            twin = self._open(path)
        except OSError:
            return plain
        older, newer = (twin, plain) if twin.mtime_ns < plain.mtime_ns else (plain, twin)
        older.file.close()
        return newer

    def _validators(self, opened: OpenFile, mark: str) -> Validators:
        now = self._clock.seconds()
        etag = f"{opened.mtime_ns:x}-{opened.size:x}-{opened.inode:x}{mark}"
        if abs(now - opened.mtime_ns / 1e9) < _TICK:
            etag += f"-{int(now * 1e9):x}"  # good for this answer only
        # no date later than now may be told (8.8.2.1)
        return Validators(etag, modified=min(opened.mtime_ns // 1_000_000_000, int(now)))


def _packed(plain: OpenFile) -> OpenFile:
    """Give the file compressed, and close it; it itself where it just became shorter."""
    text = plain.file.read(plain.size)
    if len(text) < plain.size:
        return plain
    plain.file.close()
    packed = gzip.compress(text, compresslevel=1, mtime=0)  # the same bytes each time
    return OpenFile(BytesIO(packed), len(packed), plain.mtime_ns, plain.inode)
