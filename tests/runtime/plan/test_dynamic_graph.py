"""Runs whose graph grows: what a node writes becomes an axis, in the same run."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Given
from callsheet.errors import InputError
from callsheet.runtime.events import (
    NodeBlocked,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    RunFinished,
    RunGrew,
    RunStarted,
)
from callsheet.spec.node import Job, NodeSpec
from callsheet.spec.types import IMAGE, STRING, VIDEO, Choice, Field, ListOf, Record
from callsheet.testing.fakes import FakeProvider, fake_spec

SHOT = Record({"id": Field(STRING, required=True), "prompt": Field(STRING, required=True)})
PROMPT = {"prompt": Field(STRING)}
SPECS = {
    spec.uses: spec
    for spec in (
        fake_spec("x/script", {"shots": ListOf(SHOT)}, PROMPT),
        fake_spec("x/image", {"images": ListOf(IMAGE)}, PROMPT),
        fake_spec("x/clip", {"video": VIDEO}, {"image": Field(IMAGE), "length": Field(Choice(("4s", "8s")))}),
        fake_spec("x/join", {"video": VIDEO}, {"videos": Field(ListOf(VIDEO), required=True)}, "local"),
    )
}
FILM = """
callsheet: 1
name: film
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 4}
nodes:
  script: {uses: x/script, with: {prompt: a storm}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ shot.prompt }}"}}
  clip:
    each: shot
    when: ${{ not axis.shot.last }}
    uses: x/clip
    with: {image: "${{ next(card).images[0] }}"}
  film: {uses: x/join, with: {videos: "${{ clip.video }}"}}
  free: {uses: x/image, with: {prompt: free}}
outputs:
  film: ${{ film.video }}
  cards: ${{ card.images }}
"""
SCENES = """
callsheet: 1
name: film
axes:
  scene: {over: "${{ script.shots }}", key: "${{ scene.id }}", max: 4}
  shot: {over: "${{ breakdown.shots }}", key: "${{ shot.id }}", max: 4}
nodes:
  script: {uses: x/script}
  breakdown: {each: scene, uses: x/script, with: {prompt: "${{ scene.prompt }}"}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ scene.id }} ${{ shot.prompt }}"}}
outputs:
  cards: ${{ card.images }}
"""


class Known:
    def find(self, uses: str) -> NodeSpec | None:
        return SPECS.get(uses)

    def nearest(self, uses: str) -> tuple[str, ...]:
        return ()


class Writer(FakeProvider):
    """Writes the lists it is told to. lists: address → the ids of its shots."""

    def __init__(self, lists: Mapping[str, list[str]], **options: Any) -> None:
        super().__init__(**options)
        self.lists = lists

    async def perform(self, job: Job) -> Mapping[str, object]:
        made = dict(await super().perform(job))
        if job.spec.uses == "x/script":
            ids = self.lists[job.address]
            made["shots"] = [{"id": key, "prompt": f"prompt of {key}"} for key in ids]
        return made


@pytest.fixture
def film(studio: Any) -> Callable[..., Graph]:
    def film(text: str = FILM, **lists: list[str]) -> Graph:
        studio.provider = Writer({"script": ["dawn", "noon", "dusk"], **lists})
        Path("film.yaml").write_text(text)
        report = Report()
        graph = compile_file(Path("film.yaml"), Given(), Known(), report)
        assert graph is not None, [(d.code, d.message) for d in report.sorted()]
        return graph

    return film


def ended(studio: Any) -> RunFinished:
    return studio.of(RunFinished)[0]


def adds_up(studio: Any) -> bool:
    """The counts of the end are the total that was told last."""
    total = [*studio.of(RunStarted), *studio.of(RunGrew)][-1].total
    end = ended(studio)
    return total == end.made + end.reused + end.failed + end.blocked + end.waiting + end.not_started


def test_the_graph_grows_in_the_same_run(studio: Any, film: Any) -> None:
    result = studio.run(film())
    assert result.status == "done"
    (grew,) = studio.of(RunGrew)
    assert grew.axes == {"shot": ("dawn", "noon", "dusk")}
    assert (studio.of(RunStarted)[0].total, grew.total) == (2, 8)
    assert [s.address for s in studio.of(NodeSkipped)] == ['clip["dusk"]']
    assert adds_up(studio)
    names = {str(path.relative_to("out/film/preview")) for path in Path("out/film/preview").rglob("[!.]*.*")}
    assert {"film.mp4", "cards-dawn-01.png", "parts/clip-02-noon.mp4", "parts/free-1.png"} <= names
    assert "film-2.mp4" not in names and "parts/card-01-dawn.png" not in names
    assert len(result.outputs["cards"]) == 3


def test_what_grew_starts_after_what_it_needs(studio: Any, film: Any) -> None:
    studio.run(film())
    done: set[str] = set()
    for event in studio.heard:
        if isinstance(event, NodeFinished):
            done.add(event.address)
        if isinstance(event, NodeStarted) and event.address == 'clip["noon"]':
            assert 'card["dusk"]' in done
        if isinstance(event, NodeStarted) and event.address == "film":
            assert {'clip["dawn"]', 'clip["noon"]'} <= done


def test_the_next_run_knows_it_all_and_makes_nothing(studio: Any, film: Any) -> None:
    studio.run(film())
    studio.run(film())
    assert studio.provider.calls == []
    assert studio.of(RunGrew) == []
    assert studio.of(RunStarted)[0].total == ended(studio).reused == 8


def test_another_list_keeps_what_is_the_same(studio: Any, film: Any) -> None:
    studio.run(film())
    text = FILM.replace("a storm", "a calm")
    studio.run(film(text, script=["noon", "dawn", "dusk", "night"]))
    assert {"script", 'card["night"]', 'clip["dusk"]', "film"} <= set(studio.provider.calls)
    assert not {f'card["{key}"]' for key in ("dawn", "noon", "dusk")} & set(studio.provider.calls)
    assert ended(studio).status == "done"


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (["dawn", "dawn"], 'elements 1 and 2 of `shot` have the same key "dawn"'),
        ([], "the list of `shot` is empty"),
        (list("abcde"), "the list of `shot` has 5 elements; its `max` is 4"),
        (["  "], "element 1 of `shot` has no usable key"),
    ],
)
def test_a_list_that_is_no_axis_fails_its_node(studio: Any, film: Any, ids: list[str], message: str) -> None:
    for _ in range(2):
        result = studio.run(film(script=ids), preview=False)
        (failed,) = studio.of(NodeFailed)
        assert (failed.address, failed.kind, failed.message) == ("script", "failed", message)
        assert failed.next_step
        assert (result.status, result.exit_code) == ("failed", 1)
        assert list(studio.done()) == ["free"]
        assert studio.of(RunGrew) == [] and adds_up(studio)


def test_in_a_preview_a_list_is_cut_to_what_the_axis_takes(studio: Any, film: Any) -> None:
    studio.run(film(script=list("abcdef")), preview=True)
    assert studio.of(RunGrew)[0].axes == {"shot": ("a", "b", "c", "d")}


def test_one_bad_shot_fails_alone(studio: Any, film: Any) -> None:
    text = FILM.replace('{image: "${{ next(card).images[0] }}"}', '{length: "${{ shot.id }}"}')
    studio.run(film(text, script=["4s", "9s", "end"]))
    assert [f.address for f in studio.of(NodeFailed)] == ['clip["9s"]']
    assert '"9s" is not one of' in studio.of(NodeFailed)[0].message
    assert [b.address for b in studio.of(NodeBlocked)] == ["film"]
    assert 'clip["4s"]' in [e.address for e in studio.of(NodeFinished)] and adds_up(studio)


def test_scenes_and_the_shots_of_each(studio: Any, film: Any) -> None:
    lists = {"script": ["one", "two"], 'breakdown["one"]': ["a"], 'breakdown["two"]': ["a", "b"]}
    result = studio.run(film(SCENES, **lists))
    assert result.status == "done" and adds_up(studio)
    assert list(studio.of(RunGrew)[0].axes) == ["scene"]
    assert [len(cards) for cards in result.outputs["cards"]] == [1, 2]


def test_a_scene_without_shots_fails_alone(studio: Any, film: Any) -> None:
    lists = {"script": ["one", "two"], 'breakdown["one"]': [], 'breakdown["two"]': ["a", "b"]}
    studio.run(film(SCENES, **lists))
    assert [(f.address, f.message) for f in studio.of(NodeFailed)] == [
        ('breakdown["one"]', 'the list of `shot["one"]` is empty')
    ]
    made = [e.address for e in studio.of(NodeFinished)]
    assert 'card["two", "b"]' in made and adds_up(studio)


def test_a_part_that_is_not_known_yet(studio: Any, film: Any) -> None:
    studio.run(film(), only=['card["noon"]'])
    assert [e.address for e in studio.of(NodeFinished)] == ["script", 'card["noon"]']
    assert studio.of(RunGrew)[0].total == 2
    studio.run(film(), only=["clip"])
    assert {e.address for e in studio.of(NodeFinished)} >= {'clip["dawn"]', 'clip["noon"]'}
    assert "free" not in [e.address for e in studio.of(NodeFinished)]


def test_a_part_that_never_comes(studio: Any, film: Any) -> None:
    studio.run(film(), only=['card["night"]'])
    assert 'no node or instance card["night"]' in studio.of(NodeFailed)[0].message
    with pytest.raises(InputError, match="no node or instance nothing"):
        studio.run(film(), only=["nothing"])


def test_nothing_grows_before_a_person_has_looked(studio: Any, film: Any) -> None:
    text = FILM.replace("script: {uses: x/script,", "script: {approve: true, uses: x/script,")
    for _ in range(2):
        result = studio.run(film(text), preview=False)
        assert (result.status, result.exit_code) == ("waiting", 4)
        assert studio.of(RunGrew) == []
        assert set(studio.done()) == {"script", "free"}


def test_a_gather_in_a_scene_does_not_wait_for_the_others(studio: Any, film: Any) -> None:
    text = SCENES.replace(
        "outputs:",
        '  reel: {each: scene, uses: x/join, with: {videos: "${{ clip.video }}"}}\n'
        '  clip: {each: shot, uses: x/clip, with: {image: "${{ card.images[0] }}"}}\noutputs:',
    )
    lists = {"script": ["one", "two"], 'breakdown["one"]': ["a"], 'breakdown["two"]': []}
    studio.run(film(text, **lists))
    assert 'reel["one"]' in [e.address for e in studio.of(NodeFinished)]
