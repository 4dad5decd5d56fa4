"""What a script sees and does, in real threads and on the real loop."""

from __future__ import annotations

import gc
import io
import sys
from textwrap import dedent

from hangerd.scripts.errors import Timeout
from hangerd.scripts.outcome import DONE
from tests.integration.scripts.running import Stage, failing, play, run, until


def test_globals_are_those_that_scripts_expect(stage: Stage) -> None:
    names = (
        "__builtins__ __doc__ __file__ __loader__ __main__ __name__ __package__ __server__"
        " __spec__ print run wait"
    )
    assert run(stage, "print(*sorted(globals()))").text == names + "\n"


def test_names_that_need_no_import(stage: Stage) -> None:
    text = run(
        stage,
        """
        from hangerd import request, response, websocket, context, __globals__ as g, wait as w
        import hangerd, httpout, __main__
        print(__main__.__name__, g is __globals__, w is wait, exit.__name__, websocket)
        print(hangerd.request is request, httpout is __main__, httpout.response is response)
        print(__server__.SCRIPT_NAME, __server__['REQUEST_METHOD'], request.method)
        """,
        uri="/script.py?a=1",
    ).text
    assert text == ("__main__ True True exit None\nTrue True True\n/script.py GET b'GET'\n")


def test_unknown_name(stage: Stage) -> None:
    assert "ImportError" in failing(stage, "from httpout import ne")


def test_star_import_and_real_package(stage: Stage) -> None:
    text = run(
        stage,
        """
        from httpout import *
        from hangerd import errors
        import hangerd.errors as same
        from hangerd.exceptions import NotFound
        from httpout.exceptions import WebSocketClientClosed, WebSocketException
        print(request.path, errors is same, NotFound.code)
        print(issubclass(WebSocketClientClosed, WebSocketException))
        """,
    ).text
    assert text == "b'/script.py' True 404\nTrue\n"


def test_a_forked_child_ends_with_the_script(stage: Stage) -> None:
    """It is a copy of the daemon, with its listeners, and has no reactor."""
    source = """
        import os, sys, warnings
        warnings.simplefilter('ignore')
        child = os.fork()
        if not child:
            sys.exit(3)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    assert run(stage, source).text == "3\n"


def test_what_a_forked_child_prints_is_lost_and_does_not_hold_it(stage: Stage) -> None:
    """However much it is: nobody takes it there."""
    source = """
        import os, warnings
        warnings.simplefilter('ignore')
        print('parent')
        child = os.fork()
        if not child:
            print('child' * 1_000_000)
            os._exit(4)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    assert run(stage, source).text == "parent\n4\n"


def test_a_forked_child_does_not_wait_for_the_daemon(stage: Stage) -> None:
    source = """
        import asyncio, os, warnings
        warnings.simplefilter('ignore')
        wait(asyncio.sleep(0))
        child = os.fork()
        if not child:
            try:
                input()
            except EOFError:
                wait(asyncio.sleep(0))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    assert run(stage, source).text == "1\n"


def test_an_excepthook_is_of_the_script(stage: Stage) -> None:
    outside = sys.excepthook
    source = """
        import sys
        before = sys.excepthook
        def hook(kind, error, trace):
            print('sorry:', kind.__name__, error, trace.tb_frame.f_code.co_name, trace.tb_lineno)
        sys.excepthook = hook
        assert sys.excepthook is hook is not before
        1 / 0
        """
    played = play(stage, source).finish()
    assert played.text == "sorry: ZeroDivisionError division by zero <module> 8\n"
    assert (played.outcome.kind, played.outcome.exit_code) == ("error", 1)
    assert sys.excepthook is outside
    assert run(stage, "import sys\nprint(sys.excepthook)").text == f"{outside}\n"
    quiet = "import sys\nsys.excepthook = lambda *_: print('never')\nexit(3)"
    played = play(stage, quiet).finish()
    assert (played.text, played.outcome.exit_code) == ("", 3)


def test_an_excepthook_for_threads_is_of_the_script(stage: Stage) -> None:
    source = """
        import threading
        {}
        thread = threading.Thread(target=lambda: 1 / 0, name='worker')
        thread.start()
        thread.join()
        """
    hook = "threading.excepthook = lambda args: print('sorry:', args.thread.name, args.exc_value)"
    played = run(stage, source.format(hook))
    assert (played.text, played.err) == ("sorry: worker division by zero\n", b"")
    played = run(stage, source.format(""))
    assert (played.text, b"Exception in thread worker" in played.err) == ("", True)


def test_atexit_is_the_end_of_the_script(stage: Stage) -> None:
    source = """
        import atexit
        atexit.register(print, 'second', end='!')
        atexit.register(print, 'never')
        atexit.unregister(print)
        @atexit.register
        def last(): print('last')
        atexit.register(lambda: 1 / 0)
        atexit.register(print, 'first', sep='')
        exit(2)
        """
    played = play(stage, source).finish()
    assert (played.text, played.outcome.exit_code) == ("first\nlast\n", 2)
    assert b"ZeroDivisionError" in played.err


def test_what_libraries_give_to_atexit_is_for_the_end_of_the_daemon(stage: Stage) -> None:
    source = """
        import atexit, importlib, weakref, multiprocessing.util as library
        print(library.atexit is atexit, importlib.import_module('atexit') is atexit)
        """
    assert run(stage, source).text == "False True\n"


def test_a_failing_thread_shows_the_frames_of_the_script(stage: Stage) -> None:
    source = """
        import threading
        thread = threading.Thread(target=lambda: 1 / 0, name='worker')
        thread.start()
        thread.join()
        """
    told = run(stage, source).err.decode()
    assert told.startswith("Exception in thread worker:\nTraceback ")
    assert "ZeroDivisionError" in told
    assert "work_in_run" not in told


def test_argv_and_argparse(stage: Stage) -> None:
    source = """
        import argparse, sys
        p = argparse.ArgumentParser(); p.add_argument('n', type=int)
        print(p.parse_args().n + 1, len(sys.argv))
        """
    assert run(stage, source, argv=("41",)).text == "42 2\n"


def test_run_and_wait(stage: Stage) -> None:
    text = run(
        stage,
        """
        import asyncio, threading
        async def main(x):
            await asyncio.sleep(0.01)
            print('in', x)
            return x * 2
        future = run(main(1))
        print('out')
        print(future.result(), wait(main(3)))
        async def bad(): raise ValueError('seen')
        try:
            wait(bad())
        except ValueError as e:
            print(e)
        try:
            wait(asyncio.sleep(60), timeout=0.01)
        except TimeoutError:
            print('late')
        async def nested():
            try:
                wait(asyncio.sleep(0))
            except RuntimeError as e:
                return type(e).__name__
        print(wait(nested()))
        async def leaving(): exit(3)
        try:
            wait(leaving())
        except SystemExit as e:
            print('exit', e.code)
        print(wait(asyncio.to_thread(lambda: print('thread') or 5)))
        """,
    ).text
    assert text == ("out\nin 1\nin 3\n2 6\nseen\nlate\nRuntimeError\nexit 3\nthread\n5\n")


def test_the_page_waits_for_coroutines(stage: Stage) -> None:
    source = """
        import asyncio
        async def main():
            await asyncio.sleep(0.2)
            print('Done!')
        run(main())
        print('OK')
        """
    assert run(stage, source).text == "OK\nDone!\n"


def test_unseen_failure_of_a_coroutine(stage: Stage) -> None:
    played = run(stage, "async def bad(): raise KeyError('x')\nrun(bad())")
    unseen = played.run.coroutines.unseen_failure()
    assert unseen is not None
    assert unseen.error == "KeyError: 'x'"
    played = run(stage, "async def bad(): raise KeyError('x')\nprint(run(bad()).exception())")
    assert played.run.coroutines.unseen_failure() is None


def test_an_end_in_a_computing_loop(stage: Stage) -> None:
    played = play(
        stage,
        """
        print('begin')
        try:
            n = 0
            while True: n += 1
        finally:
            print('finally')
        """,
    )
    until(lambda: played.run.output.total > 0)
    played.run.gate.end(Timeout)
    played.finish()
    assert played.outcome.kind == "timeout"
    assert played.text == "begin\nfinally\n"


def test_a_disconnect_is_raised_at_the_next_print(stage: Stage) -> None:
    source = """
        import sys, time
        from hangerd import request, ignore_disconnect
        told = []
        request.on_disconnect(lambda: told.append(1))
        {ignore}
        print('begin')
        try:
            while not (request.disconnected and told):
                time.sleep(0.005)
            print('gone')
        finally:
            print('finally')
            __globals__.ended = {mark}
        """
    played = play(stage, source.format(ignore="", mark=1))
    until(lambda: played.run.output.total > 0)
    played.run.disconnect()
    played.finish()
    assert played.outcome.kind == "disconnect"
    assert stage.shared.globals.module.ended == 1
    played = play(stage, source.format(ignore="ignore_disconnect()", mark=2))
    until(lambda: played.run.output.total > 0)
    played.run.disconnect()
    played.finish()
    assert played.outcome == DONE
    assert stage.shared.globals.module.ended == 2


def test_shared_globals_and_hooks(stage: Stage) -> None:
    (stage.root / "__globals__.py").write_text(
        dedent(
            """
            import __main__
            from httpout import app, modules
            assert __main__ is modules['__globals__']
            counter = 0
            async def request(**server): server['response'].set_header('X-Debug', 'bar')
            async def response(**server): del server['response'].headers[b'x-debug']
            app.add_middleware(request, 'request')
            app.add_middleware(response, 'response')
            app.logger.info('entering %s', __file__)
            """
        )
    )
    assert "x-debug" in run(stage, "__globals__.counter += 1").run.head.fields
    played = run(stage, "__globals__.counter += 1\nprint(__globals__.counter)")
    assert (played.text, "x-debug" in played.run.head.fields) == ("2\n", False)
    kept = run(
        stage,
        """
        class C: v = 1
        a, b = C(), C()
        a.o, b.o = b, a
        __globals__.kept = a
        """,
    )
    assert kept.outcome == DONE
    gc.collect()
    assert run(stage, "print(__globals__.kept.o.o.v)").text == "1\n"
    (stage.root / "__globals__.py").write_text("1 / 0")
    assert run(stage, "print(__globals__.counter)").text == "2\n"
    entering, failed = stage.log
    assert entering.startswith("entering /")
    assert "ZeroDivisionError" in failed
    (stage.root / "__globals__.py").write_text("counter = 'new'")
    assert run(stage, "print(__globals__.counter)").text == "new\n"


def test_an_edit_is_live_at_the_next_run(stage: Stage) -> None:
    for number in range(1000, 1300):
        (stage.root / "module.py").write_text(f"X = {number}")
        source = f"import module\nprint({number % 10}, module.X)"
        assert run(stage, source).text == f"{number % 10} {number}\n"


def test_nothing_of_a_run_is_left_in_the_process(stage: Stage) -> None:
    (stage.root / "module.py").write_text("class C: pass")
    before = (set(sys.modules), list(sys.path), dict(sys.__dict__["modules"]).keys())
    run(stage, "import module, sys\nassert 'module' in sys.modules\nsys.argv.append('x')")
    assert before[0] == set(sys.modules)
    assert before[1] == sys.path
    assert isinstance(sys.stdout, io.TextIOBase) or sys.stdout
