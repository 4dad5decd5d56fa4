"""Every way of printing and asking leads to the visitor of its own run."""

from __future__ import annotations

import gc
import sys

import pytest

from hangerd.scripts.outcome import DONE
from tests.integration.scripts.running import Stage, failing, play, run

PATHS = """
import logging, pprint, sys, threading, traceback, warnings
me = {id}
warnings.simplefilter('always')
lock = threading.Lock()
def aside():
    for n in range({lines}):
        print(f'{{me}} thread {{n}}')
thread = threading.Thread(target=aside)
thread.start()
for n in range({lines}):
    print(f'{{me}} print {{n}}')
    sys.stdout.write(f'{{me}} write {{n}}\\n')
    sys.stdout.buffer.write(f'{{me}} buffer {{n}}\\n'.encode())
    logging.warning(f'{{me}} logging {{n}}')
    warnings.warn(f'{{me}} warnings {{n}}')
    pprint.pprint(f'{{me}} pprint {{n}}')
    try:
        raise ValueError(f'{{me}} traceback {{n}}')
    except ValueError:
        traceback.print_exc()
thread.join()
"""


def test_every_way_of_printing_reaches_its_own_visitor(
    stage: Stage, capfd: pytest.CaptureFixture[str]
) -> None:
    lines, scripts = 50, 8
    plays = []
    for number in range(scripts):
        name = f"script{number}.py"
        (stage.root / name).write_text(PATHS.format(id=1000 + number, lines=lines))
        plays.append(stage.play(name))
    for number, played in enumerate(plays):
        played.finish()
        assert played.outcome == DONE
        mine = str(1000 + number)
        everything = played.text + played.err.decode()
        for way in ("print", "write", "buffer", "logging", "warnings", "pprint", "traceback"):
            found = [ln for ln in everything.splitlines() if f"{mine} {way} " in ln]
            assert len(found) >= lines, (way, len(found))
        assert sum(f"{mine} thread" in ln for ln in everything.splitlines()) == lines
        for other in range(scripts):
            assert other == number or f"{1000 + other} " not in everything
    assert capfd.readouterr() == ("", "")


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
