"""out/<name>/: the outputs of the film, its parts in order, and what an earlier version left."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.dsl.graph import Take
from callsheet.runtime.output.part_names import instance_names
from callsheet.spec.types import IMAGE, VIDEO, ListOf
from callsheet.spec.values import Ref
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec

CLIP = fake_spec("fake/video", {"video": VIDEO})
STILL = fake_spec("fake/image", {"images": ListOf(IMAGE)})
FILM = """
callsheet: 1
name: film
inputs:
  acts: [{id: zoo, shots: [late, early]}, {id: air, shots: [b, a]}]
axes:
  act: {over: "${{ inputs.acts }}", key: "${{ act.id }}"}
  shot: {over: "${{ act.shots }}", key: "${{ shot }}"}
  beat: {over: [storm, dusk, dawn, a, b, c, d, e, f, g, "11", noon], key: "${{ beat }}"}
  lang: {over: [en, de], key: "${{ lang }}"}
  count: {over: [a, b, c, d, e, f, g, h, i, j, k, l]}
nodes:
  still: {each: beat, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ beat }}"}}
  tick: {each: count, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ count }}"}}
  card:
    each: [act, shot]
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}"}
  cut:
    each: [beat, lang]
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ beat }} ${{ lang }}"}
    when: ${{ beat != "dusk" }}
"""


def files(folder: str = "out") -> list[str]:
    """Every file but the manifests."""
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("[!.]*.*") if p.is_file())


def test_parts_sort_in_the_order_of_the_film(in_folder: Path) -> None:
    Path("film.yaml").write_text(FILM)
    graph = callsheet.load("film.yaml")
    names = {a: own[0] for a, own in instance_names(graph).items()}
    for node in ("still", "tick", "card", "cut"):
        ours = [name for address, name in names.items() if graph.instances[address].node == node]
        assert ours == sorted(ours), node
    assert names['still["storm"]'] == "still-01-storm" and names['still["11"]'] == "still-11-11"
    assert names['tick["3"]'] == "tick-03", "the key is the number"
    assert names['card["zoo", "early"]'] == "card-01-zoo-02-early"
    assert names['cut["dawn", "de"]'] == "cut-03-dawn-02-de", "a skipped element leaves a gap"


def test_takes_sort_as_numbers() -> None:
    clip = fake_instance("clip", CLIP)
    takes = [
        replace(clip, address=f"clip#{i}" if i > 1 else "clip", take=Take(i, 12, i == 1))
        for i in range(1, 13)
    ]
    names = [own[-1] for own in instance_names(fake_graph(takes)).values()]
    assert names == sorted(names) and names[0] == "clip-take01"


def test_what_is_an_output_is_no_part(studio: Any) -> None:
    clips = [fake_instance(f'clip["{key}"]', CLIP) for key in ("b", "a")]
    still = fake_instance("still", STILL)
    outputs = {
        "clips": [Ref(clip.address, ("video",)) for clip in clips],
        "poster": Ref("still", ("images", 0)),
    }
    result = studio.run(fake_graph([*clips, still], outputs), preview=False)
    assert files() == ["fake/clips-a.mp4", "fake/clips-b.mp4", "fake/parts/still-2.png", "fake/poster.png"]
    assert result.outputs["poster"] == Path("out/fake/poster.png")


def test_lists_in_lists_have_the_keys_of_what_is_in_them(studio: Any) -> None:
    clips = {
        (a, b): fake_instance(f'clip["{a}", "{b}"]', CLIP) for a in ("wide", "tall") for b in ("en", "de")
    }
    tree = [[Ref(clips[a, b].address, ("video",)) for b in ("en", "de")] for a in ("wide", "tall")]
    studio.run(fake_graph([*clips.values()], {"films": tree}), preview=False)
    assert files() == [f"fake/films-{a}-{b}.mp4" for a in ("tall", "wide") for b in ("de", "en")]


def test_a_part_of_the_film_has_the_same_names(studio: Any) -> None:
    clips = [fake_instance(f'clip["{key}"]', CLIP) for key in ("b", "a")]
    graph = fake_graph(clips, {"clips": [Ref(clip.address, ("video",)) for clip in clips]})
    studio.run(graph, preview=False)
    before = files()
    studio.run(graph, preview=False, only=['clip["b"]'])
    assert files() == before == ["fake/clips-a.mp4", "fake/clips-b.mp4"]


def test_no_file_takes_the_name_of_a_folder(studio: Any) -> None:
    graph = fake_graph(
        [fake_instance("clip", CLIP)], {name: Ref("clip", ("video",)) for name in ("rows", "parts")}
    )
    studio.run(graph, preview=False)
    assert files() == ["fake/parts.mp4", "fake/rows.mp4"] and Path("out/fake/parts").is_dir()


@pytest.fixture
def old(studio: Any, storyboard: Callable[..., Any]) -> dict[str, int]:
    """A film as an earlier version left it, all in one folder: file → inode."""
    studio.run(storyboard(), preview=False)
    top, parts = Path("out/lighthouse"), Path("out/lighthouse/parts")
    former = (parts / ".callsheet.jsonl").read_text().replace("-1.png", ".png")
    with (top / ".callsheet.jsonl").open("a") as manifest:
        manifest.write(former)
    for path in parts.glob("[!.]*.*"):
        path.rename(top / path.name.replace("-1.png", ".png"))
    (parts / ".callsheet.jsonl").unlink()
    parts.rmdir()
    return {path.name.replace("-1.png", ".png"): path.stat().st_ino for path in top.glob("[!.]*.*")}


def inodes() -> dict[str, int]:
    return {path.name.replace("-1.png", ".png"): path.stat().st_ino for path in Path("out").rglob("[!.]*.*")}


NOW = [
    "lighthouse/film.mp4",
    *(f"lighthouse/parts/clip-{key}.mp4" for key in ("dawn", "storm")),
    *(f"lighthouse/parts/keyframe-{key}-{i}.png" for key in ("dawn", "storm") for i in (1, 2)),
]


def test_files_of_the_old_layout_are_moved(
    studio: Any, storyboard: Callable[..., Any], old: dict[str, int]
) -> None:
    assert "clip-dawn.mp4" in old and files() == sorted(f"lighthouse/{name}" for name in old)
    result = studio.run(storyboard(), preview=False)
    assert files() == sorted(NOW) and inodes() == old and not result.notes
    lines = Path("out/lighthouse/.callsheet.jsonl").read_text().splitlines()
    assert [json.loads(line).get("name") for line in lines] == [None, "film.mp4"], "the film, and its file"
    studio.run(storyboard(), preview=False)
    assert files() == sorted(NOW) and inodes() == old


def test_what_a_kill_left_half_moved_is_moved(
    studio: Any, storyboard: Callable[..., Any], old: dict[str, int]
) -> None:
    """A file is recorded in its new folder before it is moved there."""
    former = Path("out/lighthouse/.callsheet.jsonl").read_text()
    studio.run(storyboard(), preview=False)
    top, parts = Path("out/lighthouse"), Path("out/lighthouse/parts")
    (parts / "clip-dawn.mp4").rename(top / "clip-dawn.mp4")
    (top / ".callsheet.jsonl").write_text(former)
    studio.run(storyboard(), preview=False)
    assert files() == sorted(NOW) and inodes() == old


def test_a_part_of_the_old_layout_is_moved_and_the_rest_stays(
    studio: Any, storyboard: Callable[..., Any], old: dict[str, int]
) -> None:
    studio.run(storyboard(), preview=False, only=['clip["dawn"]'])
    assert "lighthouse/parts/clip-dawn.mp4" in files() and "lighthouse/clip-storm.mp4" in files()
    studio.run(storyboard(), preview=False)
    assert files() == sorted(NOW) and inodes() == old


def test_what_somebody_else_put_there_is_not_moved(
    studio: Any, storyboard: Callable[..., Any], old: dict[str, int]
) -> None:
    Path("out/lighthouse/mine.mp4").write_text("mine")
    edited = Path("out/lighthouse/clip-dawn.mp4")
    edited.unlink()
    edited.write_text("a cut of mine")
    parts = Path("out/lighthouse/parts")
    parts.mkdir()
    (parts / "clip-storm.mp4").write_text("mine, too")
    result = studio.run(storyboard(), preview=False)
    assert edited.read_text() == "a cut of mine" and Path("out/lighthouse/mine.mp4").read_text() == "mine"
    assert (parts / "clip-storm.mp4").read_text() == "mine, too"
    assert inodes()["clip-storm-2.mp4"] == old["clip-storm.mp4"]
    assert result.notes == (
        f"{parts / 'clip-storm.mp4'} is not from callsheet, so it stays; the result is clip-storm-2.mp4",
    )
