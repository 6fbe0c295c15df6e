"""The scheduler, over random graphs."""

from __future__ import annotations

from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.runtime.execute.scheduler import Scheduler, Way, Work
from callsheet.runtime.graph.dag import remaining


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Needs of up to 25 addresses, each needing only earlier ones."""
    count = draw(st.integers(1, 25))
    return {
        f"n{i}": tuple(f"n{j}" for j in sorted(draw(st.sets(st.integers(0, i - 1), max_size=4)) if i else ()))
        for i in range(count)
    }


def scheduler(needs, limits, urgency=None):
    lanes = sorted(limits)
    lane = {address: lanes[i % len(lanes)] for i, address in enumerate(needs)}
    return Scheduler(Work(needs, lane, limits, urgency or dict.fromkeys(needs, 1.0))), lane


def play(needs, limits, random, failing=()):
    """Run to the end, ending jobs in random order; what was seen."""
    machine, lane = scheduler(needs, limits)
    running, ended = [], []
    while not machine.done:
        for address in machine.ready():
            assert all(machine.states[need] == "finished" for need in needs[address])
            machine.started(address)
            running.append(address)
        for name, limit in limits.items():
            assert sum(lane[address] == name for address in running) <= limit
        address = running.pop(random.randrange(len(running)))
        ended.append(address)
        (machine.failed if address in failing else machine.finished)(address)
    return machine, ended


LIMITS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 4), min_size=1)


@settings(deadline=None)
@given(graphs(), LIMITS, st.randoms(use_true_random=False))
def test_everything_is_made_once_in_order_within_limits(needs, limits, random):
    machine, ended = play(needs, limits, random)
    assert sorted(ended) == sorted(needs)
    assert set(machine.states.values()) == {"finished"}


@settings(deadline=None)
@given(graphs(), LIMITS, st.randoms(use_true_random=False), st.data())
def test_a_failure_blocks_what_depends_on_it_and_nothing_else(needs, limits, random, data):
    failing = data.draw(st.sets(st.sampled_from(sorted(needs)), max_size=3))
    machine, _ = play(needs, limits, random, failing)
    lost: set[str] = set()
    for address, before in needs.items():
        hit = lost & set(before)
        if hit:
            assert machine.states[address] == "blocked"
            assert machine.causes[address] in failing
        else:
            assert machine.states[address] == ("failed" if address in failing else "finished")
        if hit or address in failing:
            lost.add(address)


@st.composite
def stories(draw: st.DrawFn):
    """A graph in which needs may fail, instances have other ways, and each attempt ends somehow."""
    needs = draw(graphs())
    names = list(needs)
    tolerant = {a: draw(st.sets(st.sampled_from(before))) for a, before in needs.items() if before}
    ways: dict[str, list[Way]] = {}
    for i, address in enumerate(names):
        for _ in range(draw(st.integers(0, 2))):
            before = tuple(sorted(draw(st.sets(st.sampled_from(names[:i]), max_size=2)) if i else ()))
            ways.setdefault(address, []).append(Way(before, "a"))
    unused = set(names) - {need for before in needs.values() for need in before}
    idle = {a for a in unused if any(a in way.needs for left in ways.values() for way in left)}
    end = st.sampled_from(["finished", "finished", "failed", "held"])
    ends = {a: draw(st.lists(end, min_size=3, max_size=3)) for a in names}
    return needs, tolerant, ways, idle, ends


@settings(deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_whatever_happens_each_instance_gets_what_it_needs_or_a_reason(story, random):
    needs, tolerant, ways, idle, ends = story
    machine = Scheduler(
        Work(needs, dict.fromkeys(needs, "a"), {"a": 3}, dict.fromkeys(needs, 1.0), tolerant, ways, idle)
    )
    running, told = [], set()

    def as_alternative(address):
        taken = machine.way[address]
        return ways[address][taken - 1].needs if taken else needs[address]

    def lost(need, address):
        return machine.states[need] in ("failed", "blocked") and need not in tolerant.get(address, ())

    while not machine.done:
        for address in machine.ready():
            for need in as_alternative(address):
                assert machine.states[need] == "finished" or need in tolerant.get(address, ())
                assert machine.states[need] in ("finished", "failed", "blocked")
            machine.started(address)
            running.append(address)
        address = running.pop(random.randrange(len(running)))
        match ends[address][machine.way[address]]:
            case "finished":
                machine.finished(address)
            case "held":
                machine.held(address)
            case "failed" if not machine.turned(address):
                told.update(machine.failed(address))
    behind = set(machine.behind)
    made = (a for a, state in machine.states.items() if state in ("finished", "held"))
    asked_for = {need for a in made if machine.way[a] for need in as_alternative(a)}
    for address, state in machine.states.items():
        assert state not in ("ready", "running")
        assert (state == "waiting") == (address in behind)
        if state == "blocked":
            assert machine.states[machine.causes[address]] == "failed"
            assert any(lost(need, address) for need in as_alternative(address))
            assert address in told or address in idle
        if state == "idle":
            assert address in idle and address not in asked_for


def test_what_only_another_way_needs_is_made_when_that_way_is_taken():
    needs = {"soften": (), "clip": (), "film": ("clip",)}
    ways = {"clip": [Way(("soften",), "b")]}
    machine = Scheduler(
        Work(
            needs,
            dict.fromkeys(needs, "a"),
            {"a": 2, "b": 1},
            dict.fromkeys(needs, 1.0),
            ways=ways,
            idle={"soften"},
        )
    )
    assert machine.ready() == ("clip",)
    machine.started("clip")
    assert machine.turned("clip")
    assert machine.ready() == ("soften",)
    machine.started("soften")
    machine.finished("soften")
    assert machine.ready() == ("clip",)
    machine.started("clip")
    assert not machine.turned("clip")
    assert machine.failed("clip") == ("film",)


def test_a_way_whose_needs_fail_gives_way_to_the_next():
    needs = {"soften": (), "clip": (), "film": ("clip",)}
    ways = {"clip": [Way(("soften",), "a"), Way((), "a")]}
    machine = Scheduler(
        Work(
            needs, dict.fromkeys(needs, "a"), {"a": 2}, dict.fromkeys(needs, 1.0), ways=ways, idle={"soften"}
        )
    )
    for address in machine.ready():
        machine.started(address)
    machine.turned("clip")
    machine.ready()
    machine.started("soften")
    assert machine.failed("soften") == ()
    assert machine.ready() == ("clip",)
    assert machine.way["clip"] == 2


def test_a_person_holds_up_only_what_needs_what_is_looked_at():
    needs = {"board": (), "other": (), "clip": ("board",), "film": ("clip", "other")}
    machine, _ = scheduler(needs, {"a": 4})
    for address in machine.ready():
        machine.started(address)
    machine.held("board")
    machine.finished("other")
    assert machine.done
    assert machine.behind == ("clip", "film")


@settings(deadline=None)
@given(graphs(), LIMITS)
def test_what_is_ready_stays_ready_until_it_is_started(needs, limits):
    machine, _ = scheduler(needs, limits)
    assert machine.ready() == machine.ready()


def test_the_most_work_behind_goes_first():
    needs = {"short": (), "long": (), "after": ("long",)}
    urgency = remaining(needs, dict.fromkeys(needs, 1.0))
    machine, _ = scheduler(needs, {"a": 1}, urgency)
    assert machine.ready() == ("long",)


@settings(deadline=None)
@given(graphs(), LIMITS, st.randoms(use_true_random=False))
def test_nothing_starts_while_something_more_urgent_could(needs, limits, random):
    urgency = remaining(needs, {address: float(random.randrange(1, 9)) for address in needs})
    machine, lane = scheduler(needs, limits, urgency)
    running = []
    while not machine.done:
        started = machine.ready()
        waiting = [a for a, state in machine.states.items() if state == "ready" and a not in started]
        for address in started:
            assert all(urgency[address] >= urgency[a] for a in waiting if lane[a] == lane[address])
            machine.started(address)
            running.append(address)
        machine.finished(running.pop(random.randrange(len(running))))


def test_lanes_do_not_wait_for_each_other():
    machine, lane = scheduler({"x": (), "y": (), "z": ()}, {"a": 1, "b": 1})
    assert lane == {"x": "a", "y": "b", "z": "a"}
    assert machine.ready() == ("x", "y")


def test_after_a_stop_nothing_starts_and_what_runs_may_end():
    machine, _ = scheduler({"x": (), "y": ("x",)}, {"a": 1})
    machine.ready()
    machine.started("x")
    machine.stop()
    assert not machine.done
    machine.finished("x")
    assert machine.ready() == ()
    assert machine.done


@pytest.mark.parametrize("act", ["started", "finished", "failed"])
def test_an_address_does_not_skip_a_state(act):
    machine, _ = scheduler({"x": (), "y": ("x",)}, {"a": 1})
    with pytest.raises(ValueError, match="y"):
        getattr(machine, act)("y")


def test_an_address_is_started_once():
    machine, _ = scheduler({"x": ()}, {"a": 2})
    machine.ready()
    machine.started("x")
    with pytest.raises(ValueError, match="without being ready"):
        machine.started("x")


def test_a_lane_without_room_is_refused():
    with pytest.raises(ValueError, match="never start"):
        scheduler({"x": ()}, {"a": 0})


class Counted(float):
    """A number that counts how often it is compared, in all."""

    comparisons = 0

    def __neg__(self):
        return Counted(-float(self))

    def __lt__(self, other):
        Counted.comparisons += 1
        return float(self) < float(other)

    def __eq__(self, other):
        Counted.comparisons += 1
        return float(self) == float(other)

    __hash__ = float.__hash__


def comparisons_for(count):
    """How many comparisons a run of `count` instances takes, half of them in one wide wave."""
    needs = {f"n{i}": (f"n{i - count // 2}",) if i >= count // 2 else () for i in range(count)}
    random = Random(count)
    urgency = {address: Counted(random.random()) for address in needs}
    machine, _ = scheduler(needs, {"a": 8, "b": 8}, urgency)
    Counted.comparisons = 0
    while not machine.done:
        for address in machine.ready():
            machine.started(address)
            machine.finished(address)
    assert set(machine.states.values()) == {"finished"}
    return Counted.comparisons


def test_ten_thousand_are_cheap():
    count = 10_000
    assert comparisons_for(count) < 8 * count * log2(count)


def test_cost_grows_with_the_graph_not_with_its_square():
    assert comparisons_for(20_000) < 15 * comparisons_for(2_000)


@settings(deadline=None)
@given(graphs(), LIMITS, st.randoms(use_true_random=False), st.integers(0, 25))
def test_what_is_added_later_runs_like_what_was_there(needs, limits, random, cut):
    """A graph that comes in two parts, the second at some point of the run, ends like one that is whole."""
    names = list(needs)
    first = {a: needs[a] for a in names[:cut]}
    rest = {a: needs[a] for a in names[cut:]}
    failing = {a for a in names if random.random() < 0.2}
    whole, _ = play(needs, limits, random, failing)
    lanes = sorted(limits)
    lane = {address: lanes[i % len(lanes)] for i, address in enumerate(needs)}
    machine = Scheduler(Work(first, lane, limits, dict.fromkeys(first, 1.0)))
    when, blocked, running = random.randrange(len(names)), [], []
    while not machine.done or rest:
        if rest and (machine.done or when == 0):
            blocked += machine.add(Work(rest, lane, limits, dict.fromkeys(rest, 1.0)))
            rest = {}
        when -= 1
        for address in machine.ready():
            assert all(machine.states[need] == "finished" for need in needs[address])
            machine.started(address)
            running.append(address)
        if running:
            address = running.pop(random.randrange(len(running)))
            if address in failing:
                blocked += machine.failed(address)
            else:
                machine.finished(address)
    assert machine.states == whole.states
    assert sorted(blocked) == sorted(a for a, state in machine.states.items() if state == "blocked")


def test_what_is_added_may_do_without_what_failed():
    machine = Scheduler(Work({"a": ()}, {"a": "x"}, {"x": 1}, {"a": 1.0}))
    machine.ready()
    machine.started("a")
    machine.failed("a")
    lane, urgency = {"b": "y", "c": "y", "d": "y"}, {"b": 1.0, "c": 1.0, "d": 1.0}
    needs = {"d": ("c",), "b": ("a",), "c": ("a",)}
    assert machine.add(Work(needs, lane, {"y": 2}, urgency, tolerant={"b": ("a",)})) == ("c", "d")
    assert machine.causes == {"c": "a", "d": "a"}
    assert machine.ready() == ("b",)
