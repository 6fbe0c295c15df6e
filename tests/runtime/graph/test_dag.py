"""What the shape of the graph says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.runtime.graph.dag import downstream, needs_of, order, remaining, upstream
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec

DIAMOND = {"end": ("left", "right"), "right": ("start",), "left": ("start",), "start": (), "alone": ()}
SECONDS = {"end": 1.0, "right": 5.0, "left": 2.0, "start": 1.0, "alone": 3.0}


def test_order_keeps_the_file_order_where_it_can():
    assert order(DIAMOND) == ("start", "right", "left", "end", "alone")


def test_the_longest_path_from_each():
    assert remaining(DIAMOND, SECONDS) == {"end": 1, "right": 6, "left": 3, "start": 7, "alone": 3}


def test_upstream_is_the_thing_and_all_it_needs():
    assert upstream(DIAMOND, ["left"]) == {"left", "start"}


def test_a_circle_is_named():
    with pytest.raises(ValueError, match=r"a cycle: (a → b → a|b → a → b)"):
        order({"a": ("b",), "b": ("a",), "c": ()})


def test_skipped_instances_are_not_waited_for_and_missing_ones_are_an_error():
    spec = fake_spec()
    graph = fake_graph([fake_instance("b", spec, needs=["a"])], skipped=("a",))
    assert needs_of(graph) == {"b": ()}
    with pytest.raises(ValueError, match="needs a"):
        needs_of(fake_graph([fake_instance("b", spec, needs=["a"])]))


def test_a_chain_of_ten_thousand():
    needs = {f"n{i}": (f"n{i - 1}",) if i else () for i in range(10_000)}
    assert order(needs) == tuple(needs)
    assert remaining(needs, dict.fromkeys(needs, 1.0))["n0"] == 10_000


@st.composite
def graphs(draw):
    """Needs without a circle, in order or not."""
    names = draw(st.permutations([f"n{i}" for i in range(draw(st.integers(0, 8)))]))
    needs = {
        name: tuple(draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else ())
        for at, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))} if draw(st.booleans()) else needs


@given(graphs())
def test_what_is_in_order_stays_as_it_is_and_all_else_is_sorted(needs):
    found = order(needs)
    assert sorted(found) == sorted(needs)
    assert all(found.index(need) < found.index(name) for name, before in needs.items() for need in before)
    assert order({name: needs[name] for name in found}) == found
    longest = remaining(needs, {name: 1.0 + i for i, name in enumerate(needs)})
    for at, name in enumerate(needs):
        after = [one for one, before in needs.items() if name in before]
        assert longest[name] == 1.0 + at + max((longest[one] for one in after), default=0)
        assert downstream(needs, name) == set(after).union(*(downstream(needs, one) for one in after))
        direct = needs[name]
        assert upstream(needs, [name]) == {name}.union(*(upstream(needs, [one]) for one in direct))
