"""What a run would do and cost."""

from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.runtime.plan.draft import draft
from callsheet.spec.media import Facts
from callsheet.spec.price.price import Price
from callsheet.spec.price.rule import Rate
from callsheet.spec.types import IMAGE, NUMBER, STRING, VIDEO, Field, ListOf, Record
from callsheet.spec.values import Deferred, LocalFile, Ref, SecretName
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec


def total_length(parameters):
    """As long as its videos together."""
    lengths = [v.facts.seconds for v in parameters.get("videos", [])]
    known = bool(lengths) and None not in lengths
    return {"video": Facts(seconds=sum(lengths) if known else None)}


CLIP = replace(fake_spec("fake/video"), price=Price("second", (Rate(0.1, {}),)))
JOIN = replace(fake_spec("media/join", provider="local"), facts=total_length)


def film(videos, *others):
    return fake_graph(
        [*others, fake_instance("film", JOIN, {"videos": videos})], {"film": Ref("film", ("video",))}
    )


def test_facts_flow_along_the_edges():
    clips = [fake_instance(f"clip[{i}]", CLIP) for i in range(3)]
    planned = draft(film([Ref(c.address, ("video",)) for c in clips], *clips))
    assert [step.address for step in planned.steps] == ["clip[0]", "clip[1]", "clip[2]", "film"]
    assert planned.steps[-1].facts["video"].seconds == 6.0
    assert planned.seconds == 6.0
    assert planned.usd == pytest.approx(0.6)
    assert planned.unpriced == 0


def test_one_unknown_element_leaves_the_length_open():
    late = Deferred((Ref("clip", ("text",)),), lambda look: look(Ref("clip", ("text",))))
    planned = draft(film([Ref("clip", ("video",)), late], fake_instance("clip", CLIP)))
    assert planned.seconds is None


def test_an_element_of_a_list_output_has_the_facts_of_each():
    spec = replace(
        fake_spec("fake/many", {"clips": ListOf(VIDEO)}), facts=lambda _: {"clips": Facts(seconds=4)}
    )
    planned = draft(film([Ref("many", ("clips", 0)), Ref("many", ("clips", 1))], fake_instance("many", spec)))
    assert planned.seconds == 8


def test_a_file_of_the_user_is_probed():
    planned = draft(
        film([LocalFile("video", Path("a.mp4"))]), probe=lambda path: Facts(seconds=len(path.name))
    )
    assert planned.seconds == 5


def test_only_what_is_known_reaches_prices_and_defaults_fill_in():
    seen = {}
    inputs = {
        "strength": Field(NUMBER, default=0.5),
        "prompt": Field(STRING, default="nothing"),
        "key": Field(STRING),
        "frame": Field(IMAGE),
        "style": Field(Record()),
    }
    spec = replace(fake_spec(inputs=inputs), facts=lambda parameters: seen.update(parameters) or {})
    text = fake_instance("text", fake_spec("fake/text", {"text": STRING}))
    params = {
        "prompt": Ref("text", ("text",)),
        "key": SecretName("K"),
        "style": {"a": 1, "b": Ref("text", ("text",))},
    }
    draft(fake_graph([text, fake_instance("clip", spec, params)]))
    assert seen == {"strength": 0.5}


def test_what_has_no_price_is_counted_and_leaves_the_sum_open():
    bare = fake_instance("bare", fake_spec())
    planned = draft(fake_graph([fake_instance("clip", CLIP), bare]))
    assert planned.unpriced == 1
    assert planned.to_json()["usd"] == {"low": 0.2, "high": None, "unpriced": 1}


def test_local_work_is_free():
    assert draft(film([])).to_json()["usd"] == {"low": 0, "high": 0, "unpriced": 0}


def test_json_is_the_same_each_time_and_keeps_the_order():
    clips = [fake_instance(f"clip[{i}]", CLIP) for i in range(2)]
    graph = film([Ref(c.address, ("video",)) for c in clips], *clips)
    assert draft(graph).to_json() == draft(graph).to_json()
    assert draft(graph).to_json()["steps"][2] == {
        "address": "film",
        "node": "film",
        "uses": "media/join",
        "needs": ["clip[0]", "clip[1]"],
        "usd": 0.0,
        "outputs": {"video": {"seconds": 4.0}},
    }


def test_ten_thousand_instances_are_planned_each_once():
    asked = []
    spec = replace(CLIP, facts=lambda parameters: asked.append(1) or {"video": Facts(seconds=2.0)})
    clips = [fake_instance(f"clip[{i}]", spec) for i in range(9_999)]
    planned = draft(film([Ref(c.address, ("video",)) for c in clips], *clips))
    assert len(asked) == 9_999
    assert [step.address for step in planned.steps] == [*(c.address for c in clips), "film"]
    assert planned.seconds == 2.0 * 9_999
    assert planned.usd == pytest.approx(0.2 * 9_999)
    assert len(planned.to_json()["steps"]) == 10_000
