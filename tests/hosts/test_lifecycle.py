"""The lifecycle under a fake clock: examples, then a state machine that tries every order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from hangerd.hosts.lifecycle import Lifecycle
from hangerd.hosts.machine import State
from hangerd.hosts.restarts import Exit, History, RestartMode, RestartPolicy

CRASH, CLEAN = Exit(status=1), Exit(status=0)


class FakeBody:
    """Writes down what it was asked, and which processes live."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.alive: set[int] = set()
        self.most = 0

    def launch(self, generation: int) -> None:
        self.asked.append(("launch", generation))
        self.alive.add(generation)
        self.most = max(self.most, len(self.alive))

    def drain(self, generation: int) -> None:
        self.asked.append(("drain", generation))

    def halt(self, generation: int, hard: bool) -> None:
        self.asked.append(("kill" if hard else "halt", generation))


class World:
    """A lifecycle with everything fake round it."""

    def __init__(self, mode: RestartMode = "on-failure", max_restarts: int = 3) -> None:
        self.clock = Clock()
        self.body = FakeBody()
        self.told: list[State] = []
        policy = RestartPolicy(mode=mode, max_restarts=max_restarts, window=60, stable_time=10)
        self.life = Lifecycle(
            self.body, History(policy, lambda: 0.0), self.clock, 5.0, self.told.append
        )

    def exit(self, how: Exit) -> None:
        generation = self.life.generation
        self.body.alive.discard(generation)
        self.life.exited(generation, how)

    def ready(self) -> None:
        self.life.start()
        self.life.became_ready(self.life.generation)


class Examples(SynchronousTestCase):
    def test_start_is_single_flight_and_a_stop_drains_then_halts(self) -> None:
        world = World()
        for _ in range(100):
            world.life.start()
        world.life.became_ready(1)
        world.life.stop(drain=2.0)
        world.life.drained(1)
        world.exit(CLEAN)
        self.assertEqual(world.body.asked, [("launch", 1), ("drain", 1), ("halt", 1)])
        self.assertEqual(
            world.told,
            [State.STARTING, State.READY, State.DRAINING, State.STOPPING, State.STOPPED],
        )
        self.assertEqual(world.clock.getDelayedCalls(), [])

    def test_a_crash_comes_back_within_a_tenth_of_a_second(self) -> None:
        world = World()
        world.ready()
        world.exit(Exit(signal=9))
        self.assertEqual(world.life.state, State.BACKING_OFF)
        self.assertEqual(world.life.reason, "ended by itself: signal 9")
        world.clock.advance(0.1)
        self.assertEqual((world.life.state, world.life.generation), (State.STARTING, 2))
        self.assertEqual(world.life.restarts, 1)

    def test_too_many_crashes_fail_until_a_reset(self) -> None:
        world = World(max_restarts=1)
        world.ready()
        world.exit(CRASH)
        world.clock.advance(1)
        world.exit(CRASH)
        self.assertEqual(world.life.state, State.FAILED)
        world.life.start()
        self.assertEqual(world.life.state, State.FAILED)
        world.life.start(reset=True)
        self.assertEqual(world.life.state, State.STARTING)
        world.exit(CRASH)
        self.assertEqual(world.life.state, State.BACKING_OFF)

    def test_a_stop_in_a_delay_is_never_undone(self) -> None:
        world = World()
        world.ready()
        world.exit(CRASH)
        world.life.stop()
        world.clock.advance(1000)
        self.assertEqual((world.life.state, world.life.generation), (State.STOPPED, 1))

    def test_a_start_that_takes_too_long_is_ended_and_judged(self) -> None:
        world = World()
        world.life.start()
        world.clock.advance(5)
        self.assertEqual(world.body.asked[-1], ("kill", 1))
        world.life.became_ready(1)
        self.assertEqual(world.life.state, State.STOPPING)
        world.exit(Exit(signal=9))
        self.assertEqual(world.life.state, State.BACKING_OFF)
        self.assertEqual(world.life.reason, "not ready within 5 s")

    def test_a_start_during_a_stop_begins_anew_when_the_old_one_has_gone(self) -> None:
        world = World()
        world.ready()
        world.life.stop(drain=1)
        world.life.start()
        world.clock.advance(1)
        self.assertEqual(world.body.asked[-1], ("halt", 1))
        world.exit(CLEAN)
        self.assertEqual((world.life.state, world.life.generation), (State.STARTING, 2))
        self.assertEqual(world.body.most, 1)

    def test_a_second_stop_escalates(self) -> None:
        world = World()
        world.ready()
        world.life.stop(drain=9)
        world.life.stop()
        world.life.stop()
        self.assertEqual([verb for verb, _ in world.body.asked[1:]], ["drain", "halt", "kill"])

    def test_a_hung_process_is_replaced_without_being_blamed(self) -> None:
        world = World(mode="never")
        for _ in range(20):
            world.ready()
            world.life.replace("a call did not end")
            world.exit(Exit(signal=9))
            self.assertEqual(world.life.state, State.STARTING)
        world.life.became_ready(world.life.generation)
        world.life.stop(drain=1)
        world.life.replace("hung while draining")
        self.assertEqual(world.body.asked[-1][0], "kill")
        world.exit(Exit(signal=9))
        self.assertEqual(world.life.state, State.STOPPED)
        world.life.replace("not there")
        self.assertEqual(world.life.state, State.STOPPED)

    def test_never_rests_and_failed_can_be_stopped(self) -> None:
        world = World(mode="never")
        world.ready()
        world.exit(CRASH)
        self.assertEqual(world.life.state, State.STOPPED)
        world = World(max_restarts=0)
        world.ready()
        world.exit(CRASH)
        self.assertEqual(world.life.state, State.FAILED)
        world.life.stop()
        self.assertEqual(world.life.state, State.STOPPED)
        world.life.stop()
        self.assertEqual(world.body.asked, [("launch", 1)])

    def test_old_generations_are_not_heard(self) -> None:
        world = World()
        world.ready()
        world.exit(CRASH)
        world.clock.advance(1)
        world.life.exited(1, CRASH)
        world.life.became_ready(1)
        world.life.drained(1)
        self.assertEqual(world.life.state, State.STARTING)
        world.exit(CRASH)
        world.life.exited(2, CRASH)
        self.assertEqual(world.life.state, State.BACKING_OFF)
        self.assertEqual(world.life.last_exit, CRASH)


class EveryOrder(RuleBasedStateMachine):
    """Whatever the order: one process, a timer only where one belongs, no stop undone."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(mode="always")
        self.stopped_by_hand = False

    @property
    def life(self) -> Lifecycle:
        return self.world.life

    @rule(reset=st.booleans())
    def start(self, reset: bool) -> None:
        failed = self.life.state is State.FAILED
        self.life.start(reset)
        assert failed is (self.life.state is State.FAILED) or reset
        self.stopped_by_hand = self.stopped_by_hand and self.life.state is State.STOPPED

    @rule(drain=st.sampled_from([0.0, 0.5]))
    def stop(self, drain: float) -> None:
        self.life.stop(drain)
        self.stopped_by_hand = True

    @rule()
    def replace(self) -> None:
        again = self.life.state in (State.STARTING, State.READY)
        self.life.replace("hung")
        self.stopped_by_hand = self.stopped_by_hand and not again

    @rule(age=st.integers(0, 2))
    def ready(self, age: int) -> None:
        self.life.became_ready(self.life.generation - age)

    @rule(age=st.integers(0, 2))
    def drained(self, age: int) -> None:
        self.life.drained(self.life.generation - age)

    @precondition(lambda self: self.world.body.alive)
    @rule(how=st.sampled_from([CRASH, CLEAN, Exit(signal=9), Exit(error="gone")]))
    def exit(self, how: Exit) -> None:
        self.world.exit(how)

    @rule(how=st.sampled_from([CRASH, CLEAN]))
    def stale_exit(self, how: Exit) -> None:
        before = self.life.state
        self.life.exited(self.life.generation - 1, how)
        assert self.life.state is before

    @rule(seconds=st.sampled_from([0.05, 0.5, 5.0, 100.0]))
    def wait(self, seconds: float) -> None:
        generation = self.life.generation
        self.world.clock.advance(seconds)
        assert not (self.stopped_by_hand and self.life.generation > generation)

    @invariant()
    def one_process_at_most(self) -> None:
        alive = self.world.body.alive
        assert self.world.body.most <= 1
        assert alive <= {self.life.generation}
        living = (State.STARTING, State.READY, State.DRAINING, State.STOPPING)
        assert bool(alive) is (self.life.state in living)

    @invariant()
    def a_timer_only_where_one_belongs(self) -> None:
        timed = (State.STARTING, State.DRAINING, State.BACKING_OFF)
        assert len(self.world.clock.getDelayedCalls()) == (self.life.state in timed)

    @invariant()
    def every_change_was_told(self) -> None:
        told = self.world.told
        assert (told[-1] if told else State.STOPPED) is self.life.state
        assert all(one is not two for one, two in pairwise(told))


class Orders(SynchronousTestCase):
    def test_every_order(self) -> None:
        run_state_machine_as_test(
            EveryOrder, settings=settings(max_examples=150, stateful_step_count=40, deadline=None)
        )
