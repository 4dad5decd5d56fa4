"""A host without processes: routing, waiting, ends, idleness, renewal, leases, limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.calls import Request
from hangerd.hosts.errors import LaunchError
from hangerd.hosts.faults import CallError, Fault
from hangerd.hosts.host import Host
from hangerd.hosts.replies import Reply, Stream
from hangerd.hosts.report import describe
from hangerd.hosts.restarts import Exit
from hangerd.hosts.spec import parse_spec
from hangerd.hosts.wire import json_payload
from tests.hosts.fakes import World, shown

KILLED = Exit(signal=9)


class HostCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()

    def call(self, host: Host, *args: Any, **options: Any) -> Deferred[Reply | Stream]:
        request = Request("f", json_payload({"args": args}), passing="arguments", **options)
        return host.call(request)

    def value(self, call: Deferred[Reply | Stream]) -> Any:
        reply = self.successResultOf(call)
        assert isinstance(reply, Reply)
        return reply.value()

    def fault(self, call: Deferred[Any]) -> Fault:
        error = self.failureResultOf(call, CallError).value
        assert isinstance(error, CallError)
        return error.fault

    def state(self, host: Host) -> str:
        state: str = describe(host, self.world.clock.seconds())["state"]
        return state


class Calling(HostCase):
    def test_first_calls_start_one_process_and_are_all_sent(self) -> None:
        host = self.world.host(threads=100)
        calls = [self.call(host, number) for number in range(100)]
        self.assertEqual(len(self.world.launcher.runners), 1)
        runner = self.world.runner
        self.assertEqual(shown(runner.got("start")[0])["module"], "work")
        runner.ready("f")
        self.assertEqual(len(runner.calls), 100)
        for number in range(100):
            runner.answer(number, at=number)
        self.assertEqual([self.value(call) for call in calls], list(range(100)))

    def test_least_loaded_then_the_queue_then_busy(self) -> None:
        host = self.world.host(instances=2, max_concurrency=1, queue=1)
        host.pool.start()
        one, two = self.world.launcher.runners
        one.ready("f")
        two.ready("f")
        calls = [self.call(host, number) for number in range(4)]
        self.assertEqual((len(one.calls), len(two.calls)), (1, 1))
        fault = self.fault(calls[3])
        self.assertEqual((fault.code, fault.retry_after), ("busy", 1.0))
        two.answer("b")
        self.assertEqual(len(two.calls), 2)
        two.answer("c")
        one.answer("a")
        self.assertEqual([self.value(call) for call in calls[:3]], ["a", "b", "c"])

    def test_the_deadline_counts_from_the_call_and_late_answers_are_dropped(self) -> None:
        host = self.world.host(max_concurrency=1)
        first, second = self.call(host, timeout=1.0), self.call(host, timeout=1.5)
        runner = self.world.runner
        self.world.advance(0.4)
        runner.ready("f")
        self.assertEqual(runner.calls[0].header["timeout"], 0.6)
        self.world.advance(0.6)
        self.assertEqual(self.fault(first).code, "timeout")
        self.assertEqual(runner.got("cancel")[0].header["reason"], "timeout")
        self.assertEqual(len(runner.calls), 1)
        runner.send("result", "too late", id=runner.calls[0].id)
        self.assertEqual(len(runner.calls), 2)
        runner.answer("right")
        self.assertEqual(self.value(second), "right")

    def test_a_call_that_expires_while_it_waits_is_never_sent(self) -> None:
        host = self.world.host()
        call = self.call(host, timeout=0.5)
        self.world.advance(0.5)
        self.assertEqual(self.fault(call).code, "timeout")
        self.world.runner.ready("f")
        self.assertEqual(self.world.runner.calls, [])

    def test_a_cancelled_call_that_hangs_costs_its_instance(self) -> None:
        host = self.world.host(cancel_grace=0.5)
        call = self.call(host)
        old = self.world.runner
        old.ready("f")
        call.cancel()
        self.failureResultOf(call)
        self.world.advance(0.5)
        self.assertEqual(old.ends, [0])
        waiting = self.call(host)
        old.die(KILLED)
        self.world.runner.ready("f")
        self.world.runner.answer(1)
        self.assertEqual(self.value(waiting), 1)
        self.assertEqual(len(self.world.launcher.runners), 2)

    def test_streams_give_credit_as_they_are_read(self) -> None:
        host = self.world.host()
        call = self.call(host, window=4)
        runner = self.world.runner
        runner.ready("f")
        number = runner.calls[0].id
        for item in range(4):
            runner.send("item", item, id=number)
        stream = self.successResultOf(call)
        assert isinstance(stream, Stream)
        values = [self.read(stream) for _ in range(4)]
        self.assertEqual(values, [0, 1, 2, 3])
        self.assertEqual([frame.header["items"] for frame in runner.got("credit")], [2, 2])
        waiting = Deferred.fromCoroutine(stream.__anext__())
        self.assertNoResult(waiting)
        runner.send("fault", {"type": "ValueError", "message": "x"}, id=number, code="function")
        self.assertEqual(self.fault(waiting).type, "ValueError")

    def read(self, stream: Stream) -> Any:
        return self.successResultOf(Deferred.fromCoroutine(stream.__anext__())).value()

    def test_a_stream_that_ends_and_one_that_is_closed(self) -> None:
        host = self.world.host(threads=2)
        calls = [self.call(host), self.call(host)]
        runner = self.world.runner
        runner.ready("f")
        runner.send("end", id=runner.calls[0].id)
        runner.send("item", 1, id=runner.calls[1].id)
        ended, closed = (self.successResultOf(call) for call in calls)
        assert isinstance(ended, Stream)
        assert isinstance(closed, Stream)
        self.failureResultOf(Deferred.fromCoroutine(ended.__anext__()), StopAsyncIteration)
        closed.close()
        self.assertEqual(runner.got("cancel")[0].header["reason"], "gone")
        runner.send("item", 2, id=runner.calls[1].id)
        self.assertEqual(self.read(closed), 1)
        self.failureResultOf(Deferred.fromCoroutine(closed.__anext__()), StopAsyncIteration)

    def test_an_answer_in_pieces_that_break_the_protocol_is_given_up(self) -> None:
        host = self.world.host()
        call = self.call(host)
        runner = self.world.runner
        runner.ready("f")
        runner.send_raw("result", b"", id=runner.calls[0].id, more=True)
        self.assertEqual(self.fault(call).code, "encoding")
        self.assertEqual(len(runner.got("cancel")), 1)

    def test_what_a_host_does_not_take(self) -> None:
        host = self.world.host()
        fault = self.fault(self.call(host, type="pickle"))
        self.assertEqual(fault.code, "pickle")
        command = self.world.host(kind="command", argv=["x"])
        self.assertEqual(self.fault(self.call(command)).code, "no_function")
        self.assertEqual(self.world.launcher.runners, [])

    def test_inspect_suspends_deadlines(self) -> None:
        host = self.world.host(kind="js", path="x.js", inspect=9229)
        call = self.call(host, timeout=1.0)
        self.world.advance(5.0)
        self.world.runner.ready("f", inspector="ws://127.0.0.1:9229/7-9")
        self.assertIsNone(self.world.runner.calls[0].header["timeout"])
        self.world.advance(100.0)
        self.assertEqual(self.world.runner.got("ping"), [])
        self.world.runner.answer(1)
        self.assertEqual(self.value(call), 1)
        (instance,) = describe(host, 0.0)["instances"]
        self.assertEqual(instance["inspector"], "ws://127.0.0.1:9229/7-9")


class Ending(HostCase):
    def test_death_tells_exit_and_stderr_and_the_host_comes_back(self) -> None:
        host = self.world.host()
        call, waiting = self.call(host), self.call(host)
        runner = self.world.runner
        runner.ready("f")
        runner.watcher.process_wrote("stderr", b"one\nlast wor")
        runner.die(KILLED)
        fault = self.fault(call)
        self.assertEqual(
            (fault.code, fault.exit, fault.stderr_tail, fault.host, fault.instance),
            ("died", "signal 9", "one\nlast wor", "work", 1),
        )
        self.assertNoResult(waiting)
        self.world.advance(0.1)
        self.world.runner.ready("f")
        self.world.runner.answer(2)
        self.assertEqual(self.value(waiting), 2)

    def test_calls_are_told_soon_even_if_something_of_the_host_lingers(self) -> None:
        host = self.world.host()
        call = self.call(host)
        runner = self.world.runner
        runner.ready("f")
        runner.watcher.process_ended(Exit(status=1))
        assert runner.link is not None
        runner.link.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.fault(call).exit, "status 1")
        self.assertEqual(self.state(host), "ready")

    def test_a_lost_socket_ends_the_process(self) -> None:
        host = self.world.host(stop_grace=0.5)
        call = self.call(host)
        runner = self.world.runner
        runner.ready("f")
        assert runner.link is not None
        runner.link.dataReceived(b"\xff" * 8)
        self.assertTrue(runner.pipe.disconnecting or runner.pipe.disconnected)
        runner.link.connectionLost(Failure(ConnectionAborted()))
        self.assertEqual(runner.ends, [0.5])
        self.assertNoResult(call)
        runner.watcher.process_gone(KILLED)
        self.assertEqual(self.fault(call).type, "WireError")

    def test_a_start_that_fails_tells_who_waits(self) -> None:
        host = self.world.host()
        call = self.call(host)
        runner = self.world.runner
        fault = {"type": "SyntaxError", "message": "no", "stack": "at 1", "watch": ["/srv/a.py"]}
        runner.send("fault", fault, code="start")
        runner.die(Exit(status=1))
        told = self.fault(call)
        self.assertEqual(
            (told.code, told.type, told.stack, told.exit),
            ("start", "SyntaxError", "at 1", "status 1"),
        )
        self.assertEqual(host.sources.paths, ["/srv/a.py"])
        self.assertEqual(self.state(host), "backing off")
        self.world.advance(0.1)
        self.world.runner.ready("f")
        self.assertEqual(self.state(host), "ready")

    def test_what_cannot_be_launched_is_a_failed_start(self) -> None:
        self.world.launcher.refusal = LaunchError("there is no node", "Install it.")
        host = self.world.host(restart="never")
        call = self.call(host)
        self.world.advance(0)
        fault = self.fault(call)
        self.assertEqual((fault.code, fault.message), ("start", "there is no node. Install it."))
        self.assertEqual(self.state(host), "stopped")

    def test_a_start_timeout_tells_who_waits(self) -> None:
        host = self.world.host(start_timeout=2.0)
        call = self.call(host)
        self.world.advance(2.0)
        self.assertEqual(self.world.runner.ends, [0])
        self.world.runner.die(KILLED)
        self.assertEqual(self.fault(call).code, "start")

    def test_failed_refuses_until_a_start(self) -> None:
        host = self.world.host(max_restarts=0)
        self.call(host).addErrback(lambda _: None)
        self.world.runner.ready("f")
        self.world.runner.die(Exit(status=3))
        fault = self.fault(self.call(host))
        self.assertEqual(fault.code, "failed")
        self.assertIn("status 3", fault.message)
        self.assertEqual(self.fault(host.pool.when_ready()).code, "failed")
        started = host.start()
        self.world.runner.ready("f")
        self.assertEqual(self.successResultOf(started).number, 2)

    def test_stop_refuses_who_waits_drains_and_escalates(self) -> None:
        host = self.world.host(stop_grace=4.0)
        running, waiting = self.call(host, timeout=None), self.call(host)
        runner = self.world.runner
        runner.ready("f")
        stopped = host.stop()
        self.assertEqual(self.fault(waiting).code, "stopping")
        self.assertEqual(len(runner.got("drain")), 1)
        self.world.advance(2.0)
        self.assertEqual(runner.got("stop")[0].header["grace"], 1.0)
        self.world.advance(1.0)
        self.assertEqual(runner.ends, [1.0])
        self.assertNoResult(stopped)
        runner.die(KILLED)
        self.successResultOf(stopped)
        self.assertEqual(self.fault(running).code, "died")
        host.close()
        self.assertEqual(self.world.clock.getDelayedCalls(), [])

    def test_a_call_during_a_stop_starts_the_next_one(self) -> None:
        host = self.world.host()
        host.pool.start()
        self.world.runner.ready("f")
        host.stop()
        call = self.call(host)
        self.assertEqual(len(self.world.launcher.runners), 1)
        self.world.runner.die(Exit(status=0))
        self.world.runner.ready("f")
        self.world.runner.answer(1)
        self.assertEqual(self.value(call), 1)

    def test_calls_wait_for_the_next_process_of_one_that_is_about_to_end(self) -> None:
        host = self.world.host()
        last = self.call(host)
        self.world.runner.ready("f")
        self.world.runner.send("drain")
        self.world.runner.answer("bye")
        self.assertEqual(self.value(last), "bye")
        call = self.call(host)
        self.assertEqual(len(self.world.runner.calls), 1)
        self.world.runner.die(Exit(status=0))
        self.world.runner.ready("f")
        self.world.runner.answer(1)
        self.assertEqual(self.value(call), 1)

    def test_kill_hurries(self) -> None:
        host = self.world.host()
        host.pool.start()
        self.world.runner.ready("f")
        host.stop()
        host.kill()
        self.assertEqual(self.world.runner.ends, [0])

    def test_a_silent_instance_is_replaced(self) -> None:
        host = self.world.host(idle_timeout=0)
        host.pool.start()
        runner = self.world.runner
        runner.ready("f")
        self.world.advance(5.0)
        runner.pong()
        for _ in range(16):
            self.world.clock.advance(1.0)
        self.assertEqual(runner.ends, [0])

    def test_a_call_with_a_deadline_may_hold_the_loop_up_to_it(self) -> None:
        host = self.world.host(call_timeout=20, idle_timeout=0)
        self.call(host, timeout=None)
        runner = self.world.runner
        runner.ready("f")
        for _ in range(30):
            self.world.clock.advance(1.0)
        self.assertEqual(runner.ends, [])
        for _ in range(8):
            self.world.clock.advance(1.0)
        self.assertEqual(runner.ends, [0])


class Resting(HostCase):
    def ready_host(self, **spec: Any) -> Host:
        host = self.world.host(idle_timeout=10, **spec)
        host.pool.start()
        self.world.runner.ready("f")
        return host

    def test_idle_time_counts_from_the_start_and_from_the_last_call(self) -> None:
        host = self.ready_host()
        self.world.advance(9)
        call = self.call(host, timeout=None)
        self.world.advance(30)
        self.world.runner.answer(1)
        self.value(call)
        self.world.advance(9)
        self.assertEqual(self.state(host), "ready")
        self.world.advance(1)
        self.assertEqual(self.state(host), "stopping")

    def test_brief_calls_hold(self) -> None:
        host = self.ready_host()
        for _ in range(5):
            self.world.advance(4)
            call = self.call(host)
            self.world.runner.answer(1)
            self.value(call)
        self.world.advance(9)
        self.assertEqual(self.state(host), "ready")
        self.world.advance(1)
        self.assertEqual(self.state(host), "stopping")

    def test_leases_and_direct_connections_hold(self) -> None:
        host = self.ready_host()
        lease = host.leases.acquire()
        self.world.advance(100)
        self.world.runner.send("direct", connections=1, calls=5)
        host.leases.release(lease)
        self.world.advance(100)
        self.assertEqual(self.state(host), "ready")
        self.world.runner.send("direct", connections=0, calls=9)
        self.world.advance(10)
        self.assertEqual(self.state(host), "stopping")

    def test_a_restart_in_a_pending_idle_stop_keeps_the_new_one(self) -> None:
        host = self.ready_host()
        self.world.advance(9.5)
        self.world.runner.die(KILLED)
        self.world.advance(0.1)
        self.world.runner.ready("f")
        self.world.advance(5)
        self.assertEqual(self.state(host), "ready")
        self.world.advance(5)
        self.assertEqual(self.state(host), "stopping")

    def test_autostarted_hosts_and_unleased_commands_stay(self) -> None:
        kept = self.ready_host(autostart=True)
        self.world.advance(100)
        self.assertEqual(self.state(kept), "ready")
        command = self.world.host(kind="command", argv=["x"], idle_timeout=10)
        command.pool.start()
        self.world.runner.watcher.process_started(1)
        self.world.advance(100)
        self.assertEqual(self.state(command), "ready")
        lease = command.leases.acquire(ttl=5)
        self.assertTrue(command.leases.renew(lease, 20))
        self.world.advance(20)
        self.assertNotIn(lease, command.leases)
        self.world.advance(10)
        self.assertEqual(self.state(command), "stopping")


class Renewing(HostCase):
    def test_new_seats_are_ready_first_and_the_old_finish_their_calls(self) -> None:
        host = self.world.host()
        call = self.call(host)
        old = self.world.runner
        old.ready("f")
        restarted = host.restart()
        new = self.world.runner
        self.assertIsNot(new, old)
        new.ready("f")
        self.assertEqual(self.successResultOf(restarted).number, 2)
        later = self.call(host)
        self.assertEqual((len(old.calls), len(new.calls)), (1, 1))
        self.assertEqual(old.got("stop"), [])
        old.answer("old")
        self.assertEqual(self.value(call), "old")
        self.assertEqual(len(old.got("stop")), 1)
        new.answer("new")
        self.assertEqual(self.value(later), "new")
        old.die(Exit(status=0))
        self.assertEqual(len(host.pool.every), 1)

    def test_a_new_seat_that_fails_leaves_the_old_and_says_why(self) -> None:
        host = self.world.host()
        host.pool.start()
        old = self.world.runner
        old.ready("f")
        restarted = host.restart()
        self.world.runner.send("fault", {"type": "SyntaxError", "message": "no"}, code="start")
        self.world.runner.die(Exit(status=1))
        self.assertEqual(self.fault(restarted).type, "SyntaxError")
        report = describe(host, 0.0)
        self.assertEqual(report["reload_error"]["type"], "SyntaxError")
        self.assertEqual((report["state"], self.world.launcher.alive), ("ready", [old]))
        again = host.restart()
        self.world.runner.ready("f")
        self.successResultOf(again)
        self.assertIsNone(describe(host, 0.0)["reload_error"])

    def test_a_second_renewal_replaces_one_under_way(self) -> None:
        host = self.world.host()
        host.pool.start()
        self.world.runner.ready("f")
        host.renew(host.spec)
        abandoned = self.world.runner
        host.renew(host.spec)
        self.assertEqual(abandoned.ends, [2.5])
        self.world.runner.ready("f")
        abandoned.die(KILLED)
        self.assertEqual(len(host.pool.seats), 1)

    def test_a_stopped_host_only_takes_the_spec(self) -> None:
        host = self.world.host()
        spec = parse_spec("work", {"kind": "python", "module": "b"}, Path("/"))
        host.renew(spec)
        self.assertEqual((host.spec.module, self.world.launcher.runners), ("b", []))

    def test_commands_are_stopped_before_they_start_again(self) -> None:
        host = self.world.host(kind="command", argv=["x"])
        host.pool.start()
        old = self.world.runner
        old.watcher.process_started(1)
        restarted = host.restart()
        self.assertEqual(len(self.world.launcher.runners), 1)
        old.die(Exit(signal=15))
        self.world.runner.watcher.process_started(2)
        self.successResultOf(restarted)
        self.assertEqual(len(self.world.launcher.runners), 2)

    def test_a_port_of_the_inspector_is_left_before_the_next_one_takes_it(self) -> None:
        host = self.world.host(kind="js", path="x.js", inspect=9229)
        host.pool.start()
        old = self.world.runner
        old.ready("f")
        host.renew(host.spec)
        waiting = self.call(host)
        self.assertEqual(self.world.launcher.runners, [old])
        old.die(Exit(status=0))
        self.assertIsNot(self.world.runner, old)
        self.world.runner.ready("f")
        self.world.runner.answer(1)
        self.assertEqual(self.value(waiting), 1)

    def test_any_free_port_of_the_inspector_leaves_no_gap(self) -> None:
        host = self.world.host(kind="js", path="x.js", inspect=0)
        host.pool.start()
        self.world.runner.ready("f")
        host.renew(host.spec)
        self.assertEqual(len(self.world.launcher.alive), 2)

    def test_recycling_by_calls_age_and_memory(self) -> None:
        for spec in ({"recycle_calls": 1}, {"recycle_age": 3}, {"memory_limit": 1000}):
            world = self.world = World()
            host = world.host(idle_timeout=0, **spec)
            call = self.call(host)
            old = world.runner
            old.ready("f")
            old.answer(1)
            self.value(call)
            world.memory[1001] = 2000
            world.advance(1.0, 1.0, 1.0, 1.0)
            self.assertEqual(len(world.launcher.runners), 2, spec)
            world.runner.ready("f")
            self.assertEqual(len(old.got("stop")), 1)

    def test_a_short_peak_of_memory_is_no_reason(self) -> None:
        host = self.world.host(idle_timeout=0, memory_limit=1000)
        host.pool.start()
        self.world.runner.ready("f")
        for second in range(50):
            self.world.memory[1001] = 2000 if second % 5 < 2 else 10
            self.world.advance(1.0)
        self.assertEqual(len(self.world.launcher.runners), 1)

    def test_tickets_are_told_to_the_runner_first(self) -> None:
        host = self.world.host()
        asked = host.ticket()
        self.world.runner.ready("f")
        ticket = self.successResultOf(asked)
        self.assertEqual(self.world.runner.got("ticket")[0].header["ticket"], ticket["ticket"])
        self.assertEqual((ticket["socket"], ticket["instance"]), ("/run/work.1", 1))


class Commands(HostCase):
    def test_a_log_line_makes_it_ready(self) -> None:
        host = self.world.host(kind="command", argv=["x"], probe={"log": "listening on \\d+"})
        started = host.start()
        watcher = self.world.runner.watcher
        watcher.process_started(1)
        watcher.process_wrote("stdout", b"listen")
        watcher.process_wrote("stderr", b"ing on 1\n")
        self.assertNoResult(started)
        watcher.process_wrote("stdout", b"ing on 80")
        self.successResultOf(started)

    def test_a_check_is_asked_until_it_says_yes(self) -> None:
        host = self.world.host(kind="command", argv=["x"], probe={"tcp": "a:1", "interval": 1})
        started = host.start()
        self.world.runner.watcher.process_started(1)
        checks = self.world.launcher.checks
        checks[0].callback(False)
        self.world.advance(1.0)
        checks[1].errback(OSError())
        self.world.advance(1.0, 5.0, 1.0)
        checks[3].callback(True)
        self.successResultOf(started)
        self.world.advance(1.0)
        self.assertEqual(len(checks), 4)

    def test_an_end_stops_asking(self) -> None:
        host = self.world.host(kind="command", argv=["x"], probe={"tcp": "a:1"}, restart="never")
        started = host.start()
        self.world.runner.watcher.process_started(1)
        self.world.runner.die(Exit(status=1))
        self.assertEqual(self.fault(started).code, "start")
        host.close()
        self.assertEqual(self.world.clock.getDelayedCalls(), [])
