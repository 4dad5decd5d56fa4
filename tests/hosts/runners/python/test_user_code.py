"""What the runner makes of a module, an exception, a state: without a process."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.runners.python import standin, state
from hangerd.hosts.runners.python.faults import (
    DEEPEST_CAUSE,
    CallError,
    describe_error,
    was_not_entered,
)
from hangerd.hosts.runners.python.functions import Functions
from hangerd.hosts.runners.python.interrupt import Interruptible, MainThread
from hangerd.hosts.runners.python.sources import Sources
from hangerd.hosts.runners.python.state import Checkpoint, Rollback


def caught(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as raised:
        return raised


class FaultTests(SynchronousTestCase):
    def test_the_class_the_text_and_the_frames(self) -> None:
        fault = describe_error(caught(ValueError("no")))
        self.assertEqual((fault["type"], fault["message"]), ("ValueError", "no"))
        self.assertIn("in caught", fault["stack"])
        self.assertNotIn("cause", fault)

    def test_causes_end_somewhere(self) -> None:
        error: BaseException = ValueError("first")
        for _ in range(DEEPEST_CAUSE + 5):
            outer = ValueError("outer")
            outer.__context__ = error
            error = outer
        fault, depth = describe_error(error), 0
        while "cause" in fault:
            fault, depth = fault["cause"], depth + 1
        self.assertEqual(depth, DEEPEST_CAUSE)

    def test_a_suppressed_context_is_no_cause(self) -> None:
        error = ValueError("x")
        error.__context__, error.__suppress_context__ = KeyError("y"), True
        self.assertNotIn("cause", describe_error(error))

    def test_our_own_faults_have_no_stack(self) -> None:
        self.assertEqual(describe_error(caught(CallError("busy", "x")))["stack"], "")

    def test_an_error_that_cannot_be_shown(self) -> None:
        class Shy(Exception):
            def __str__(self) -> NoReturn:
                raise RuntimeError

        fault = describe_error(caught(Shy()))
        self.assertIn("Shy", fault["type"])
        self.assertIn("Shy", fault["stack"])
        self.assertIn("cannot be shown", fault["message"])

    def test_frames_that_cannot_be_told(self) -> None:
        with mock.patch("traceback.TracebackException", side_effect=ValueError):
            self.assertEqual(describe_error(caught(OSError("x")))["stack"], "OSError: x\n")

    def test_the_runners_frames_are_left_out(self) -> None:
        def users() -> NoReturn:
            raise ValueError

        # as in a call: theirs, ours, theirs
        error = self.assertRaises(ValueError, Interruptible(MainThread()).run, users)
        self.assertNotIn("interrupt.py", describe_error(error)["stack"])
        self.assertIn("in users", describe_error(error)["stack"])

    def test_only_a_type_error_without_frames_is_about_the_call(self) -> None:
        self.assertTrue(was_not_entered(TypeError()))
        self.assertFalse(was_not_entered(ValueError()))
        self.assertFalse(was_not_entered(caught(TypeError())))


class FunctionsTests(SynchronousTestCase):
    def module(self, source: str) -> Functions:
        module = ModuleType("mine")
        exec(source, vars(module))
        return Functions(module)

    def test_own_public_functions(self) -> None:
        functions = self.module(
            "from os.path import join\ndef a(): pass\ndef _b(): pass\nc = 1\nclass D: pass"
        )
        self.assertEqual(functions.names(), ["a"])

    def test_all(self) -> None:
        functions = self.module("from os.path import join\ndef a(): pass\n__all__ = ['join', 'c']")
        self.assertEqual(functions.names(), ["join"])
        self.assertRaises(CallError, functions.work, "a")

    def test_a_function_that_came_later_is_found(self) -> None:
        functions = self.module("def a(): globals()['b'] = lambda: 1")
        self.assertRaises(CallError, functions.work, "b")
        functions.stop()
        self.assertTrue(callable(functions.work("a")))


class StateTests(SynchronousTestCase):
    def test_a_copy_gives_the_state_back(self) -> None:
        rollback, value = Rollback(), {"a": [1]}
        copy = rollback.copy(value)
        value["a"].append(2)
        self.assertEqual(rollback.restore(copy, value), {"a": [1]})

    def test_what_cannot_be_copied_stays_as_it_is(self) -> None:
        rollback, value = Rollback(), {"a": lambda: 1}
        with mock.patch.object(sys, "stderr") as stderr:
            self.assertIsNone(rollback.copy(value))
            self.assertIsNone(rollback.copy({}), "tried once")
        self.assertIn("cannot be pickled", str(stderr.write.call_args_list))
        self.assertIs(rollback.restore(None, value), value)

    def test_what_is_too_large_is_not_copied(self) -> None:
        with mock.patch.object(state, "LARGEST", 1000), mock.patch.object(sys, "stderr") as stderr:
            self.assertIsNone(Rollback().copy(["x" * 2000]))
            self.assertIsNotNone(Rollback().copy(["x" * 500]))
        self.assertIn("too large", str(stderr.write.call_args_list))


class CheckpointTests(SynchronousTestCase):
    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.path = folder / "state"
        self.checkpoint = Checkpoint(str(self.path))

    def again(self) -> Any:
        return Checkpoint(str(self.path)).load("otherwise")

    def test_states_come_back_as_they_were(self) -> None:
        ring: dict[str, Any] = {}
        ring["ring"] = ring
        states = [{"a": [1, 1.0, None, "x", True]}, {1: 2}, (1, 2), {1}, None, ["\ud800"], {"": {}}]
        for value in states:
            self.checkpoint.save(value)
            self.assertEqual(repr(self.again()), repr(value))
        self.checkpoint.save(ring)
        self.assertIs((back := self.again())["ring"], back)

    def test_plain_states_are_json(self) -> None:
        self.checkpoint.save({"a": [1]})
        self.assertEqual(self.path.read_text(), '{"a": [1]}')

    def test_an_unchanged_state_is_not_written(self) -> None:
        self.checkpoint.save({"a": 1})
        self.path.write_text("mark")
        self.checkpoint.save({"a": 1})
        self.assertEqual(self.path.read_text(), "mark")
        self.checkpoint.save({"a": 2})
        self.assertEqual(self.path.read_text(), '{"a": 2}')

    def test_a_state_that_cannot_be_kept_leaves_the_last(self) -> None:
        self.checkpoint.save({"a": 1})
        with mock.patch.object(sys, "stderr") as stderr:
            self.checkpoint.save({"a": lambda: 1})
        self.assertIn("cannot be kept", str(stderr.write.call_args_list))
        self.assertEqual(self.again(), {"a": 1})

    def test_nothing_there(self) -> None:
        self.assertEqual(self.again(), "otherwise")
        self.checkpoint.forget()

    def test_forget(self) -> None:
        self.checkpoint.save(1)
        self.checkpoint.forget()
        self.assertFalse(self.path.exists())

    def test_an_unreadable_file_is_put_aside(self) -> None:
        for junk in (b"{", b"\x80junk", b""):
            self.path.write_bytes(junk)
            with mock.patch.object(sys, "stderr"):
                self.assertEqual(self.again(), "otherwise")
            self.assertEqual(self.path.with_name("state.unreadable").read_bytes(), junk)


class SourcesTests(SynchronousTestCase):
    def test_only_the_users_files_once(self) -> None:
        def module(path: object) -> ModuleType:
            each = ModuleType("x")
            vars(each)["__file__"] = path
            return each

        loaded: dict[str, object] = {
            "a": module("/home/me/a.py"),
            "b": module("/home/me/site-packages/b.py"),
            "c": module(None),
            "d": module(sys.modules["os"].__file__),
            "e": module(sys.modules[Sources.__module__].__file__),
            "f": None,
        }
        with mock.patch.object(sys, "modules", loaded):
            sources = Sources()
            self.assertEqual(sources.fresh(), ["/home/me/a.py"])
            loaded["g"] = module("/home/me/a.py")
            loaded["h"] = module("/home/me/h.py")
            self.assertEqual(sources.fresh(), ["/home/me/h.py"])
            self.assertEqual(sources.fresh(), [])


class StandInTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.patch(sys, "modules", dict(sys.modules))

    def test_a_response_reaches_the_caller_once(self) -> None:
        caller = mock.Mock(cancelled=True)
        client = standin.ClientSocket(caller)
        self.assertTrue(client.cancelled)
        answer = standin.respond(client, {"a": 1}, error=True)
        self.assertEqual(answer.get_args(), {"message": "Received 'ERROR'"})
        with mock.patch.object(sys, "stderr"):
            standin.respond(client, {"a": 2})
        caller.settle.assert_called_once_with({"a": 1})

    def test_nobody_hears_what_init_and_stop_say(self) -> None:
        client = standin.ClientSocket()
        self.assertFalse(client.cancelled)
        self.assertEqual(standin.respond(client, {}).type, standin.MessageType.OK)

    def test_a_message_holds_a_dict(self) -> None:
        message = standin.Message(standin.MessageType.OK)
        message.set_args({"a": 1})
        self.assertEqual(message.get_args(), {"a": 1})

    def test_the_names_that_task_files_import(self) -> None:
        standin.install()
        from bgpy import respond, token_create  # type: ignore[import-not-found]
        from bgpy.core.message import Message  # type: ignore[import-not-found]
        from bgpy.core.sockets import ClientSocket  # type: ignore[import-not-found]
        from bgpy.server import respond as again  # type: ignore[import-not-found]

        self.assertIs(respond, standin.respond)
        self.assertIs(again, standin.respond)
        self.assertIs(ClientSocket, standin.ClientSocket)
        self.assertIs(Message, standin.Message)
        self.assertGreater(len(token_create(8)), 8)
        standin.install()
