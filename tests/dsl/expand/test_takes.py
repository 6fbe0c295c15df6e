"""Takes in the graph: who there is, with which seed, and whom references mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.takes import with_takes
from callsheet.dsl.graph import Graph, Instance
from callsheet.dsl.values.inputs import Decided
from callsheet.spec.values import Deferred, Ref, refs_in
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec

FILM = """
callsheet: 1
axes:
  shot: [dawn, dusk]
nodes:
  card:
    each: shot
    uses: x/image
    takes: 3
    with: {prompt: "${{ shot }}", SEED}
  clip:
    each: shot
    uses: x/video
    takes: 2
    with: {image_url: "${{ card.images[0] }}", prompt: "from seed ${{ card.seed }}"}
  film:
    uses: x/concat
    needs: card
    with: {videos: "${{ clip.video }}"}
outputs:
  clips: ${{ clip.video }}
"""


def film(seed: str = "seed: 7") -> str:
    return FILM.replace("SEED", seed)


def taken(graph: Graph, **decided: dict[str, int]) -> tuple[Graph, Report]:
    findings = Report()
    return with_takes(graph, Decided(**decided, where="film.lock.yaml"), findings), findings


def test_each_take_has_an_address_and_a_seed_of_its_own(graph: Any) -> None:
    cards = [i for i in graph(film()).instances.values() if i.node == "card" and i.base == 'card["0"]']
    assert [i.address for i in cards] == ['card["0"]', 'card["0"]#2', 'card["0"]#3']
    assert [i.params["seed"] for i in cards] == [7, 8, 9]
    assert [i.take.picked for i in cards] == [True, False, False]
    assert [i.take.seeded for i in cards] == [False, True, True]


def test_without_a_seed_nothing_but_the_number_tells_them_apart(graph: Any) -> None:
    first, second, _ = (i for i in graph(film("image_urls: []")).instances.values() if i.base == 'card["0"]')
    assert first.params == second.params
    assert (second.take.number, second.take.seeded) == (2, False)


def test_a_seed_that_comes_late_is_moved_on_when_it_is_there(graph: Any) -> None:
    again = '  again: {uses: x/image, takes: 2, with: {prompt: p, seed: "${{ card.seed | first }}"}}'
    text = film().replace("  clip:", f"{again}\n  clip:")
    late = graph(text).instances["again#2"].params["seed"]
    assert isinstance(late, Deferred)
    assert late.compute(lambda ref: 40) == 41


def test_references_mean_the_take_that_was_picked(graph: Any) -> None:
    plain = graph(film())
    picked = graph(film(), decided=Decided(picks={'card["1"]': 2}))
    assert plain.instances['clip["1"]'].needs == ('card["1"]',)
    for clip in ('clip["1"]', 'clip["1"]#2'):
        assert picked.instances[clip].needs == ('card["1"]#2',)
        seen: list[Ref] = []
        late = picked.instances[clip].params["prompt"]
        assert isinstance(late, Deferred)
        assert late.compute(lambda ref, seen=seen: seen.append(ref) or 8) == "from seed 8"  # type: ignore[func-returns-value]
        assert picked.instances[clip].params["image_url"] == Ref('card["1"]#2', ("images", 0))
        assert {ref.address for ref in seen} == {'card["1"]#2'}
    assert picked.instances['clip["0"]'].needs == plain.instances['clip["0"]'].needs
    assert 'card["1"]#2' in picked.instances["film"].needs
    assert [r.address for r in refs_in(picked.outputs["clips"])] == ['clip["0"]', 'clip["1"]']


def test_one_more_take_was_asked_for(graph: Any) -> None:
    more = graph(film(), decided=Decided(takes={'clip["0"]': 4, 'card["0"]': 2, "gone": 5}))
    assert sum(i.base == 'clip["0"]' for i in more.instances.values()) == 4
    assert sum(i.base == 'card["0"]' for i in more.instances.values()) == 3


def test_a_pick_of_a_take_that_is_not_there_is_found_at_its_node(read: Any) -> None:
    _, report = read(film(), decided=Decided(picks={'card["1"]': 9}, where="film.lock.yaml"))
    (found,) = report.sorted()
    assert (found.code, found.span.text) == ("no-such-take", "card")
    assert found.message == 'film.lock.yaml picks take 9 of card["1"], which has 3'


def test_local_work_has_no_takes() -> None:
    local = fake_instance("join", fake_spec("media/join", provider="local"))
    _, findings = taken(fake_graph([local]), takes={"join": 2})
    (said,) = findings.sorted()
    code, message = said.code, said.message
    assert (code, message) == ("bad-option", "every take of `media/join` would be the same")


@pytest.mark.parametrize("takes", ["0", "1001", "two", "1.5", "true"])
def test_takes_are_a_whole_number(takes: str, errors: Any) -> None:
    assert errors(film().replace("takes: 3", f"takes: {takes}")) == [("bad-option", takes)]


def test_a_seed_beyond_what_the_model_takes_is_found(errors: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from callsheet.spec.types import INTEGER, Field
    from tests.dsl import conftest

    image = conftest.SPECS["x/image"]
    small = replace(image, inputs={**image.inputs, "seed": Field(INTEGER, maximum=8)})
    monkeypatch.setitem(conftest.SPECS, "x/image", small)
    assert errors(film()) == [("parameter-range", "card")]


SPEC = fake_spec("fake/image")


@st.composite
def films(draw: st.DrawFn) -> tuple[Graph, dict[str, int], dict[str, int]]:
    """A chain with side branches, the number of takes of each instance, and a pick within it."""
    count = draw(st.integers(1, 8))
    instances: list[Instance] = []
    for i in range(count):
        before = draw(st.lists(st.integers(0, i - 1), max_size=3)) if i else []
        params = {"list": [Ref(f"n{j}", ("video",)) for j in before], "seed": draw(st.integers(0, 99))}
        instances.append(fake_instance(f"n{i}", SPEC, params))
    takes = {f"n{i}": draw(st.integers(1, 4)) for i in range(count)}
    picks = {a: draw(st.integers(1, n)) for a, n in takes.items()}
    return fake_graph(instances, {"all": [Ref("n0", ("video",))]}), takes, picks


@settings(deadline=None)
@given(films())
def test_everything_refers_to_what_was_picked_and_nothing_else_changes(story: Any) -> None:
    plain, takes, picks = story
    graph, findings = taken(plain, takes=takes, picks=picks)
    assert not findings.sorted()
    for instance in graph.instances.values():
        for ref in refs_in(instance.params):
            meant = graph.instances[ref.address]
            assert meant.take.picked and meant.take.number == picks[meant.base]
            assert ref.address in instance.needs
        assert (
            instance.params["seed"]
            == plain.instances[instance.base].params["seed"] + instance.take.number - 1
        )
    more, _ = taken(plain, takes={a: n + 1 for a, n in takes.items()}, picks=picks)
    for address, instance in graph.instances.items():
        assert more.instances[address].params == instance.params
