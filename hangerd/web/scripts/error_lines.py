"""Standard error that no visitor is shown, line by line on its way into the daemon's log."""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import Final

from twisted.logger import Logger

LONGEST_LINE: Final = 4096
"""Characters of one entry; a longer line becomes several."""

MOST_LINES: Final = 1000
"""Entries of one run; the log is not a script's to fill."""


class ErrorLines:
    """Logs what one run says on standard error, with its script and its id.

    What cannot be printed is written as its escape, so that no script forges an entry or paints
    the operator's terminal.
    """

    _log = Logger()

    def __init__(self, script: str, run: str) -> None:
        self._script = script
        self._run = run
        self._decoder = getincrementaldecoder("utf-8")("backslashreplace")
        self._rest = ""
        self._lines = 0

    def write(self, data: bytes) -> None:
        """Log the lines that are complete; keep the rest."""
        *lines, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in lines:
            self._tell(line)
        while len(self._rest) > LONGEST_LINE:
            line, self._rest = self._rest[:LONGEST_LINE], self._rest[LONGEST_LINE:]
            self._tell(line)

    def close(self) -> None:
        """Log what is left of a line."""
        rest, self._rest = self._rest + self._decoder.decode(b"", final=True), ""
        if rest:
            self._tell(rest)

    def _tell(self, line: str) -> None:
        for start in range(0, max(1, len(line)), LONGEST_LINE):
            self._lines += 1
            if self._lines < MOST_LINES:
                self._entry(_printable(line[start : start + LONGEST_LINE].rstrip("\r")))
            elif self._lines == MOST_LINES:
                self._entry("(more on standard error is not logged)")

    def _entry(self, line: str) -> None:
        self._log.info("{script}: {line} [{run}]", script=self._script, line=line, run=self._run)


def _printable(line: str) -> str:
    """Return the line with escapes for control characters; a tab stays."""
    return "".join(
        char if char.isprintable() or char == "\t" else char.encode("unicode_escape").decode()
        for char in line
    )
