"""Standard streams that lead to the visitor of whichever run uses them.

Outside a run each falls through to the stream it stands before. A stream may be kept - by a
logging.StreamHandler, say - beyond the run that got it: it always serves the context it is used in.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from hangerd.scripts.current import CURRENT

Outside = Callable[[], Any]


class RoutedBinary(io.BufferedIOBase):
    """`sys.stdout.buffer` and `sys.stderr.buffer`."""

    def __init__(self, err: bool, outside: Outside) -> None:
        self._err = err
        self._outside = outside

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any, /) -> int:
        """Write bytes."""
        run = CURRENT.get()
        if run is None:
            return int(self._outside().buffer.write(data))
        copy = bytes(data)
        run.write_bytes(copy, self._err)
        return len(copy)

    def flush(self) -> None:
        """Flush outside a run; in one, hear of its end."""
        run = CURRENT.get()
        if run is None:
            self._outside().flush()
        elif not self._err:
            run.flush()

    def close(self) -> None:
        """Do nothing: a TextIOWrapper around this closes it when it is collected."""

    def __del__(self) -> None:
        pass


class RoutedText(io.TextIOBase):
    """`sys.stdout` and `sys.stderr`: UTF-8 in a run, what stands behind it otherwise."""

    def __init__(self, name: str, err: bool, outside: Outside) -> None:
        self.name = f"<{name}>"
        self.mode = "w"
        self._err = err
        self._outside = outside
        self._buffer = RoutedBinary(err, outside)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Tell how text becomes bytes."""
        return "utf-8" if CURRENT.get() is not None else str(self._outside().encoding)

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Tell what becomes of a lone surrogate."""
        return "backslashreplace" if CURRENT.get() is not None else str(self._outside().errors)

    @property
    def buffer(self) -> RoutedBinary:
        """Give the binary stream below."""
        return self._buffer

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, text: str, /) -> int:
        """Write text."""
        run = CURRENT.get()
        if run is None:
            return int(self._outside().write(text))
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        run.write_text(text, self._err)
        return len(text)

    def flush(self) -> None:
        """Flush outside a run; in one, hear of its end."""
        self._buffer.flush()

    def isatty(self) -> bool:
        """Tell whether a terminal is behind it; a visitor is none."""
        return CURRENT.get() is None and bool(self._outside().isatty())

    def fileno(self) -> int:
        """Give the descriptor; a run has none, and raises io.UnsupportedOperation."""
        if CURRENT.get() is not None:
            raise io.UnsupportedOperation("fileno: a script's output is no file")
        return int(self._outside().fileno())

    def reconfigure(self, **options: Any) -> None:
        """Change encoding or buffering outside a run; in one nothing needs to be."""
        if CURRENT.get() is None:
            self._outside().reconfigure(**options)

    def close(self) -> None:
        """Do nothing: other runs use the same stream."""

    def __del__(self) -> None:
        pass


class RoutedInput(io.TextIOBase):
    """`sys.stdin`: each line is asked of the visitor; the end of it is what he says is the end."""

    def __init__(self, outside: Outside) -> None:
        self.name = "<stdin>"
        self.mode = "r"
        self._outside = outside

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Tell how bytes become text."""
        return "utf-8" if CURRENT.get() is not None else str(self._outside().encoding)

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Tell what becomes of what is no text."""
        return "strict"

    @property
    def buffer(self) -> Any:
        """Give the lines as bytes."""
        return self._outside().buffer if CURRENT.get() is None else _InputBytes(self)

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        """Ask for one line; '' at the end of input. `size` is not kept to in a run."""
        run = CURRENT.get()
        if run is None:
            return str(self._outside().readline(-1 if size is None else size))
        try:
            return run.ask("") + "\n"
        except EOFError:
            return ""

    def read(self, size: int | None = -1, /) -> str:
        """Read until the end, or one line when a size is given."""
        if CURRENT.get() is None:
            return str(self._outside().read(size))
        return self.readline() if size is not None and size >= 0 else "".join(self)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.readline, "")

    def __next__(self) -> str:  # type: ignore[override]
        if line := self.readline():
            return line
        raise StopIteration

    def isatty(self) -> bool:
        """Tell whether a terminal is behind it; a visitor is none."""
        return CURRENT.get() is None and bool(self._outside().isatty())

    def fileno(self) -> int:
        """Give the descriptor; a run has none, and raises io.UnsupportedOperation."""
        if CURRENT.get() is not None:
            raise io.UnsupportedOperation("fileno: a script's input is no file")
        return int(self._outside().fileno())

    def close(self) -> None:
        """Do nothing: other runs use the same stream."""

    def __del__(self) -> None:
        pass


class _InputBytes(io.BufferedIOBase):
    """`sys.stdin.buffer` in a run."""

    def __init__(self, text: RoutedInput) -> None:
        self._text = text

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._text.readline().encode()

    def read(self, size: int | None = -1, /) -> bytes:
        return self._text.read(size).encode()

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        return [line.encode() for line in self._text]

    def __iter__(self) -> Iterator[bytes]:
        return (line.encode() for line in self._text)


class StandIn:
    """What C code finds as `sys.stdout`: hands every request to what Python code finds there."""

    def __init__(self, find: Outside) -> None:
        object.__setattr__(self, "_find", find)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_find")(), name)

    def __iter__(self) -> Iterator[str]:
        found: Iterable[str] = object.__getattribute__(self, "_find")()
        return iter(found)
