"""Every way of printing and asking leads to the visitor of its own run."""

from __future__ import annotations

import gc
import sys

from hangerd.scripts.outcome import DONE
from tests.integration.scripts.running import Stage, failing, play, run


def test_logging_is_configured_per_run(stage: Stage) -> None:
    source = """
        import logging
        logging.basicConfig(level=logging.{level}, format='{level} %(message)s')
        logging.debug('debug')
        logging.getLogger('some.where').info('info')
        logging.getLogger('some.where').error('error')
        """
    for level, lines in (("DEBUG", 3), ("ERROR", 1), ("INFO", 2)):
        text = run(stage, source.format(level=level)).err.decode()
        assert text.count("\n") == text.count(f"{level} ") == lines


def test_print_keeps_to_its_arguments(stage: Stage) -> None:
    text = run(
        stage,
        r"""
        import io, sys
        print(1, 2, sep=None, end=None)
        print('a', 'b', sep='-', end='!\n')
        f = io.StringIO()
        print('elsewhere', file=f)
        print(f.getvalue(), end='', flush=True)
        print('err', file=sys.stderr)
        print('\udc80 ☃')
        try:
            print(sep=1)
        except TypeError as e:
            print(e)
        """,
    )
    assert text.text == ("1 2\na-b!\nelsewhere\n\\udc80 ☃\nsep must be None or a string, not int\n")
    assert text.err == b"err\n"


def test_replaced_streams_belong_to_the_run(stage: Stage) -> None:
    before = sys.stdout
    text = run(
        stage,
        """
        import contextlib, io, sys
        with contextlib.redirect_stdout(io.StringIO()) as f:
            print('caught')
            help(len)
        print(f.getvalue()[:6])
        class Tee:
            def __init__(self, stream): self.stream = stream
            def write(self, text): return self.stream.write(text.upper())
            def flush(self): self.stream.flush()
        sys.stdout = Tee(sys.stdout)
        print('tee')
        sys.stdout = io.TextIOWrapper(sys.__dict__['stdout'].buffer, 'latin-1') if 0 else sys.stdout
        """,
    ).text
    assert text == "caught\nTEE\n"
    assert sys.stdout is before


def test_wrapped_output(stage: Stage) -> None:
    text = run(
        stage,
        """
        import io, sys
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8', line_buffering=True)
        print('wrapped ä')
        """,
    ).text
    assert text == "wrapped ä\n"
    gc.collect()
    assert run(stage, "print('still')").text == "still\n"


def test_input_three_ends(stage: Stage) -> None:
    played = play(
        stage,
        """
        import getpass, sys
        name = input('name? ')
        print('hello', repr(name), repr(input()), getpass.getpass('word? '))
        print(repr(sys.stdin.readline()))
        try:
            input()
        except EOFError:
            print('end')
        print(repr(sys.stdin.readline()), list(sys.stdin))
        """,
        interactive=True,
    )
    played.answers = ["Ada", "", "secret", "line"]
    played.finish()
    assert played.outcome == DONE
    assert played.text == "hello 'Ada' '' secret\n'line\\n'\nend\n'' []\n"


def test_input_without_anybody(stage: Stage) -> None:
    assert "EOFError" in failing(stage, "input('name? ')")


def test_input_on_the_loop(stage: Stage) -> None:
    source = """
        async def main(): input()
        wait(main())
        """
    assert "RuntimeError" in failing(stage, source, interactive=True)
