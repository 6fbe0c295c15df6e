"""Axes over outputs: what is known before the run, and how the graph grows when a list is there."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import callsheet
from callsheet.dsl.graph import Graph
from callsheet.errors import NodeError
from callsheet.spec.permissions import Permissions
from callsheet.spec.values import Deferred, Ref

AXIS = 'shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 5}'
FILM = (
    """
callsheet: 1
axes:
  """
    + AXIS
    + """
  style: [noir, pop]
nodes:
  script: {uses: x/script, with: {prompt: a storm}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ shot.prompt }}"}}
"""
)
SHOTS = [{"id": "dawn", "prompt": "p1", "seconds": 4}, {"id": "dusk", "prompt": "p2", "seconds": 8}]
CLIP = """
  clip:
    each: shot
    when: ${{ not axis.shot.last }}
    uses: x/video
    with: {image_url: "${{ card.images[0] }}", end_url: "${{ next(card).images[0] }}"}
"""
FILM_NODE = """
  film: {uses: x/concat, with: {videos: "${{ clip.video }}"}}
"""
OUTPUTS = """
outputs:
  film: ${{ film.video }}
  script: ${{ script.shots }}
"""


def grown(graph: Graph, **lists: object) -> Graph:
    assert graph.dynamic is not None
    return graph.extended(lists)


def test_before_the_list_is_there(graph: Any) -> None:
    g = graph(FILM + CLIP + FILM_NODE + OUTPUTS)
    assert list(g.instances) == ["script"]
    assert g.outputs == {"script": Ref("script", ("shots",))}
    (shot,) = g.dynamic.pending.values()
    assert (shot.address, shot.needs, shot.most) == ("shot", ("script",), 5)
    assert [(u.node, u.most) for u in g.dynamic.unknown()] == [("card", 5), ("clip", 5), ("film", 1)]
    assert g.dynamic.unknown_outputs == {"film": ("film",)}
    assert g.dynamic.providers == {"fal"}


def test_what_is_known_of_an_instance_before_it_is(graph: Any) -> None:
    g = graph(
        FILM
        + """
  clip:
    each: [style, shot]
    uses: x/video
    with: {image_url: "${{ card.images[0] }}", prompt: "${{ style }}", duration: 8s}
"""
    )
    clips = [u for u in g.dynamic.unknown() if u.node == "clip"]
    assert [(u.most, u.sample.params["prompt"], u.sample.params["duration"]) for u in clips] == [
        (5, "noir", "8s"),
        (5, "pop", "8s"),
    ]
    assert clips[0].after == ("script", "card")


def test_the_graph_grows_and_what_was_there_stays(graph: Any) -> None:
    before = graph(FILM + CLIP + FILM_NODE + OUTPUTS)
    g = grown(before, shot=SHOTS)
    assert g.dynamic is None
    assert list(g.instances) == ["script", 'card["dawn"]', 'card["dusk"]', 'clip["dawn"]', "film"]
    assert g.instances["script"] is before.instances["script"]
    assert g.instances['card["dusk"]'].params["prompt"] == "p2"
    assert g.instances['clip["dawn"]'].params["end_url"] == Ref('card["dusk"]', ("images", 0))
    assert g.skipped == ('clip["dusk"]',)
    assert g.instances["film"].params["videos"] == [Ref('clip["dawn"]', ("video",))]
    assert g.outputs["film"] == Ref("film", ("video",))
    assert g.axes["shot"] == ("dawn", "dusk")
    assert list(before.instances) == ["script"]


def test_text_with_an_expression_in_it_is_text(graph: Any) -> None:
    said = "${{ inputs.secret }} ${% if true %}"
    g = grown(graph(FILM), shot=[{"id": "${{ x }}", "prompt": said, "seconds": 1}])
    assert g.instances['card["${{ x }}"]'].params["prompt"] == said


@pytest.mark.parametrize(
    ("shots", "message"),
    [
        ([], "the list of `shot` is empty"),
        ("dawn, dusk", "the list of `shot`: "),
        ([{"id": str(i), "prompt": "p", "seconds": 1} for i in range(6)], "has 6 elements; its `max` is 5"),
        ([SHOTS[0], SHOTS[0]], 'elements 1 and 2 of `shot` have the same key "dawn"'),
        ([{"id": " ", "prompt": "p", "seconds": 1}], "element 1 of `shot` has no usable key"),
        ([{"id": "a\nb", "prompt": "p", "seconds": 1}], "element 1 of `shot` has no usable key"),
        ([SHOTS[0], {"id": "dusk", "prompt": 5, "seconds": 1}], "element 2 of `shot`: 5 is not text"),
        ([SHOTS[0], {"id": "dusk"}], "element 2 of `shot`: the field `prompt` (string) is missing"),
    ],
)
def test_a_list_that_cannot_be_used(graph: Any, shots: object, message: str) -> None:
    with pytest.raises(NodeError) as error:
        grown(graph(FILM), shot=shots)
    assert message in error.value.message
    assert error.value.kind == "failed"
    assert error.value.next_step


def test_a_list_that_makes_too_many_instances(graph: Any) -> None:
    g = graph(FILM, permissions=Permissions(max_instances=3))
    assert len(grown(g, shot=SHOTS).instances) == 3
    with pytest.raises(NodeError, match="the pipeline has more than 3 instances") as error:
        grown(g, shot=[*SHOTS, {"id": "noon", "prompt": "p", "seconds": 1}])
    assert error.value.kind == "failed"
    assert error.value.next_step


def test_one_bad_shot_fails_alone(graph: Any) -> None:
    g = grown(
        graph(
            FILM
            + """
  clip:
    each: shot
    uses: x/video
    with: {image_url: "${{ card.images[0] }}", duration: '${{ shot.seconds ~ "s" }}'}
"""
        ),
        shot=[SHOTS[0], {"id": "noon", "prompt": "p", "seconds": 9}],
    )
    assert g.instances['clip["dawn"]'].params["duration"] == "4s"
    late = next(v for v in g.instances['clip["noon"]'].params.values() if isinstance(v, Deferred))
    with pytest.raises(NodeError, match='"9s" is not one of'):
        late.compute({}.__getitem__)


def test_what_a_model_writes_names_no_file(errors: Any, graph: Any, tmp_path: Path) -> None:
    (tmp_path / "private.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    clip = '\n  clip: {each: shot, uses: x/video, with: {image_url: "${{ shot.%s }}"}}\n'
    assert errors(FILM + clip % "prompt") == [("media-kind", "shot.prompt")]
    text = FILM.replace("script.shots", "script.data.shots") + clip % "still"
    for still in ("./private.png", "https://x.test/a.png"):
        g = grown(graph(text), shot=[{"id": "a", "prompt": "p", "still": still}])
        late = g.instances['clip["a"]'].params["image_url"]
        with pytest.raises(NodeError, match="text where an image is taken"):
            late.compute({}.__getitem__)


def test_media_in_a_list_stay_outputs(graph: Any) -> None:
    g = graph("""
callsheet: 1
axes:
  pick: {over: "${{ card.images }}", max: 4}
nodes:
  card: {uses: x/image, with: {prompt: p}}
  clip: {each: pick, uses: x/video, with: {image_url: "${{ pick }}"}}
""")
    assert g.dynamic.pending["pick"].tree == Ref("card", ("images",))
    g = grown(g, pick=[Ref("card", ("images", i)) for i in range(2)])
    assert g.instances['clip["1"]'].params["image_url"] == Ref("card", ("images", 1))
    assert g.instances['clip["1"]'].needs == ("card",)


def test_an_axis_inside_a_late_one(graph: Any) -> None:
    g = graph("""
callsheet: 1
axes:
  scene: {over: "${{ script.shots }}", key: "${{ scene.id }}", max: 3}
  shot: {over: "${{ range(scene.seconds) }}", max: 9}
nodes:
  script: {uses: x/script, with: {prompt: p}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ scene.id }}", seed: "${{ shot }}"}}
  act: {each: scene, uses: x/image, with: {prompt: a, image_urls: "${{ card.images | map('first') }}"}}
""")
    assert [(u.node, u.most) for u in g.dynamic.unknown()] == [("card", 27), ("act", 3)]
    g = grown(g, scene=SHOTS)
    assert len([i for i in g.instances.values() if i.node == "card"]) == 12
    assert len(g.instances['act["dawn"]'].params["image_urls"]) == 4
    assert g.dynamic is None


SCENES = """
callsheet: 1
axes:
  scene: {over: "${{ script.shots }}", key: "${{ scene.id }}", max: 3}
  shot: {over: "${{ breakdown.shots }}", key: "${{ shot.id }}", max: 9}
nodes:
  script: {uses: x/script, with: {prompt: p}}
  breakdown: {each: scene, uses: x/script, with: {prompt: "${{ scene.prompt }}"}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ scene.id }} ${{ shot.prompt }}"}}
  act: {each: scene, uses: x/image, with: {prompt: a, image_urls: "${{ card.images | map('first') }}"}}
  board: {uses: x/text, with: {prompt: "${{ len(card[1]) | string }}"}}
outputs:
  cards: ${{ card.seed }}
"""


def test_several_levels_grow_one_after_the_other(graph: Any) -> None:
    g = grown(graph(SCENES), scene=SHOTS)
    assert list(g.instances) == ["script", 'breakdown["dawn"]', 'breakdown["dusk"]']
    assert set(g.dynamic.pending) == {'shot["dawn"]', 'shot["dusk"]'}
    assert [(u.node, u.most) for u in g.dynamic.unknown()] == [
        ("card", 9),
        ("card", 9),
        ("act", 1),
        ("act", 1),
        ("board", 1),
    ]
    half = g.extended({'shot["dusk"]': SHOTS})
    assert 'act["dusk"]' in half.instances and 'act["dawn"]' not in half.instances
    assert "cards" not in half.outputs
    whole = half.extended({'shot["dawn"]': SHOTS[:1]})
    assert whole.dynamic is None
    assert whole.outputs["cards"] == [
        [Ref('card["dawn", "dawn"]', ("seed",))],
        [Ref(f'card["dusk", "{key}"]', ("seed",)) for key in ("dawn", "dusk")],
    ]
    assert whole.instances["board"].params["prompt"] == "2"


def test_what_needs_something_unknown_is_not_there_yet(graph: Any) -> None:
    g = graph(
        FILM
        + CLIP
        + FILM_NODE
        + """
  poster: {uses: x/frame, with: {video: "${{ film.video }}"}}
  other: {uses: x/text, needs: [poster], with: {prompt: x}}
  free: {uses: x/text, with: {prompt: x}}
"""
    )
    assert list(g.instances) == ["script", "free"]
    assert [u.node for u in g.dynamic.unknown()] == ["card", "clip", "film", "poster", "other"]
    assert {"poster", "other"} <= set(grown(g, shot=SHOTS).instances)


def test_a_skipped_writer_leaves_the_list_to_a_default(graph: Any, errors: Any) -> None:
    text = """
callsheet: 1
inputs:
  write: false
  shots:
    type: list
    items: {id: string, prompt: string, seconds: integer}
    default: [{id: a, prompt: p, seconds: 1}]
axes:
  shot: {over: "${{ %s }}", key: "${{ shot.id }}", max: 5}
nodes:
  script: {when: "${{ inputs.write }}", uses: x/script, with: {prompt: a storm}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ shot.prompt }}"}}
"""
    both = text % "script.shots | default(inputs.shots)"
    assert list(graph(both).instances) == ['card["a"]']
    assert list(graph(both, sets={"write": "true"}).instances) == ["script"]
    assert errors(text % "script.shots") == [("axis-list", "script.shots")]


RECIPE = """
callsheet: 1
inputs: {prompt: {type: string}}
nodes:
  still: {uses: x/image, with: {prompt: "${{ inputs.prompt }}"}}
  clip: {uses: x/video, with: {image_url: "${{ still.images[0] }}"}}
outputs: {video: "${{ clip.video }}"}
"""


def test_recipes_takes_and_fallbacks_grow_too(graph: Any) -> None:
    text = (
        FILM
        + """
  act: {each: shot, uses: ./act.yaml, with: {prompt: "${{ shot.prompt }}"}}
  look:
    each: shot
    takes: 2
    uses: x/image
    with: {prompt: "${{ shot.id }}", seed: 5}
    fallback: [{uses: x/text, with: {prompt: "${{ shot.prompt }}"}}]
  film: {uses: x/concat, with: {videos: "${{ act.video }}"}}
"""
    )
    before = graph(text, **{"act.yaml": RECIPE})
    assert list(before.instances) == ["script"]
    assert [u.node for u in before.dynamic.unknown()] == [
        "card",
        "act/still",
        "act/clip",
        "look",
        "film",
    ]
    g = grown(before, shot=SHOTS)
    assert g.dynamic is None
    assert g.instances["film"].needs == ('act["dawn"]/clip', 'act["dusk"]/clip')
    assert g.instances['act["dusk"]/still'].params["prompt"] == "p2"
    second = g.instances['look["dawn"]#2']
    assert second.params["seed"] == 6
    assert [(a.spec.uses, a.params["prompt"]) for a in second.alternatives] == [("x/text", "p1")]
    assert not any("?" in address for address in g.instances)


def test_the_take_that_counts_is_the_list(graph: Any) -> None:
    g = graph(FILM.replace("script: {uses: x/script,", "script: {takes: 2, uses: x/script,"))
    assert g.dynamic.pending["shot"].needs == ("script",)
    assert {"script", "script#2", 'card["dawn"]'} <= set(grown(g, shot=SHOTS).instances)


def test_cameras_that_start_from_each_other(graph: Any) -> None:
    text = FILM.replace("script.shots", "script.data") + (
        "\n  frame: {each: shot, when: '${{ shot.parent is none }}', uses: x/image, with: {prompt: x}}\n"
        "  clip: {each: shot, uses: x/video,"
        ' with: {image_url: "${{ frame.images[0] | default(at(still, shot.parent).image) }}"}}\n'
        "  still: {each: shot, uses: x/frame, with: {video: '${{ clip.video }}'}}\n"
    )
    root = {"id": "a", "prompt": "p", "parent": None}
    g = grown(graph(text), shot=[root, {"id": "b", "prompt": "p", "parent": "a"}])
    assert g.instances['clip["b"]'].needs == ('still["a"]',)
    with pytest.raises(NodeError, match="wait for each other"):
        grown(graph(text), shot=[{"id": k, "prompt": "p", "parent": k} for k in "ab"])
    g = grown(graph(text), shot=[root, {"id": "b", "prompt": "p", "parent": "c"}])
    with pytest.raises(NodeError, match='no instance with the key "c"'):
        g.instances['clip["b"]'].params["image_url"].compute({}.__getitem__)


@pytest.mark.parametrize(
    ("axis", "code", "marked"),
    [
        ('shot: {over: "${{ script.shots }}"}', "axis-max", "shot"),
        ('shot: "${{ script.shots }}"', "axis-max", "shot"),
        ('shot: {over: "${{ script.shots }}", max: 0}', "bad-option", "0"),
        ('shot: {over: "${{ script.shots }}", max: many}', "bad-option", "many"),
        ("shot: {over: [a, b, c], max: 2}", "axis-max", "2"),
        ('shot: {over: "${{ script.text }}", max: 2}', "axis-list", "script.text"),
        ('shot: {over: "${{ script.nothing }}", max: 2}', "unknown-field", "script.nothing"),
        (
            'shot: {over: "${{ script.shots }}", key: "${{ shot.nothing }}", max: 2}',
            "unknown-field",
            "shot.nothing",
        ),
        (
            'shot: {over: "${{ script.shots }}", key: "${{ script.text }}", max: 2}',
            "late-value",
            "script.text",
        ),
        ('shot: {over: "${{ card.seed }}", max: 2}', "cycle", "card.seed"),
        ('shot: {over: "${{ sum.data }}", max: 2}', "cycle", "sum.data"),
    ],
)
def test_axes_that_cannot_be(errors: Any, axis: str, code: str, marked: str) -> None:
    text = f"""
callsheet: 1
axes:
  {axis}
nodes:
  script: {{uses: x/script, with: {{prompt: a storm}}}}
  card: {{each: shot, uses: x/image, with: {{prompt: x}}}}
  sum: {{uses: x/text, with: {{prompt: "${{{{ len(card) | string }}}}"}}}}
"""
    assert (code, marked) in errors(text)


def test_a_static_list_within_its_max(graph: Any) -> None:
    node = "nodes:\n  t: {each: a, uses: x/text, with: {prompt: p}}\n"
    assert len(graph("callsheet: 1\naxes: {a: {over: [x, y], max: 2}}\n" + node).instances) == 2


def test_growing_makes_each_instance_once(graph: Any) -> None:
    g = graph(SCENES.replace("max: 3", "max: 200"))
    scenes = [{"id": f"s{i}", "prompt": "p", "seconds": 1} for i in range(100)]
    g = grown(g, scene=scenes)
    for scene in scenes:
        known = g.instances
        g = g.extended({f'shot["{scene["id"]}"]': SHOTS})
        assert all(g.instances[address] is instance for address, instance in known.items())
    assert g.dynamic is None
    assert len(g.instances) == 1 + 100 + 200 + 100 + 1


Tree = dict[str, list[str]]
TREES = st.dictionaries(
    st.text("xyz", min_size=1, max_size=2),
    st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=3, unique=True),
    min_size=1,
    max_size=4,
)


def naive(tree: Tree, styles: list[str], skipped: str) -> Iterator[tuple[str, str, str, str | None]]:
    for scene, shots in tree.items():
        for i, shot in enumerate(shots):
            for style in styles:
                following = shots[i + 1] if i + 1 < len(shots) else None
                if shot != skipped:
                    yield scene, shot, style, following if following != skipped else None


def listed(keys: list[str]) -> list[Mapping[str, object]]:
    return [{"id": key, "prompt": "p", "seconds": 1} for key in keys]


def as_values(g: Graph) -> object:
    return (
        {a: (i.params, i.needs, i.key) for a, i in g.instances.items()},
        g.outputs,
        set(g.skipped),
        g.axes,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TREES, st.lists(st.sampled_from("pqr"), max_size=2, unique=True), st.text("abc", max_size=1), st.randoms()
)
def test_random_lists_in_any_order_are_nested_loops(
    graph: Any, tree: Tree, styles: list[str], skipped: str, random: Any
) -> None:
    document = {
        "callsheet": 1,
        "axes": {
            "scene": {"over": "${{ script.shots }}", "key": "${{ scene.id }}", "max": 9},
            "shot": {"over": "${{ breakdown.shots }}", "key": "${{ shot.id }}", "max": 9},
            "style": {"over": styles, "key": "${{ style }}"},
        },
        "inputs": {"skipped": {"type": "string", "default": skipped}},
        "nodes": {
            "script": {"uses": "x/script", "with": {"prompt": "p"}},
            "breakdown": {"uses": "x/script", "each": "scene", "with": {"prompt": "p"}},
            "card": {
                "each": ["shot", "style"],
                "when": "${{ shot.id != inputs.skipped }}",
                "uses": "x/image",
                "with": {"prompt": "x", "seed": "${{ next(card, shot).seed }}"},
            },
            "total": {"each": "scene", "uses": "x/text", "with": {"prompt": "${{ len(card) | string }}"}},
        },
        "outputs": {"seeds": "${{ card.seed }}"},
    }
    g = grown(graph(yaml.safe_dump(document)), scene=listed(list(tree)))
    lists = {f'shot["{scene}"]': listed(shots) for scene, shots in tree.items()}
    at_once = g.extended(lists)
    order = list(lists)
    random.shuffle(order)
    for address in order:
        g = g.extended({address: lists[address]})
    assert as_values(g) == as_values(at_once)
    assert g.dynamic is None
    wanted = list(naive(tree, styles, skipped))
    cards = {a: i for a, i in g.instances.items() if i.node == "card"}
    assert set(cards) == {f'card["{scene}", "{shot}", "{style}"]' for scene, shot, style, _ in wanted}
    for scene, shot, style, following in wanted:
        seed = cards[f'card["{scene}", "{shot}", "{style}"]'].params.get("seed")
        assert seed == (Ref(f'card["{scene}", "{following}", "{style}"]', ("seed",)) if following else None)
    for scene, shots in tree.items():
        assert g.instances[f'total["{scene}"]'].params["prompt"] == str(len(shots))


WRITTEN = """\
callsheet: 1
name: written
nodes:
  writer:
    uses: text/chat
    with:
      model: google/gemini-2.5-flash
      prompt: some shots
      schema:
        shots: {type: list, items: {id: string, prompt: string}, MAXIMUM}
  board:
    uses: recipe/storyboard
    with: {shots: "${{ writer.shots }}", animate: ANIMATE}
  journey:
    uses: recipe/interpolate
    with: {frames: "FRAMES"}
outputs: {film: "${{ journey.film }}"}
"""


@pytest.mark.parametrize(
    ("maximum", "animate", "frames", "most"),
    [
        ("maximum: 6", "false", "${{ board.frames }}", {"keyframe": 6, "sheet": 1, "journey/clip": 6}),
        ("maximum: 4", "true", "${{ board.frames }}", {"keyframe": 4, "board/clip": 4, "journey/clip": 4}),
        ("minimum: 1", "false", "${{ board.frames }}", {"board": 1, "journey": 1}),
        ("maximum: 6", "false", "${{ board.frames + board.frames }}", {"keyframe": 6, "journey": 1}),
    ],
)
def test_a_list_that_is_bounded_bounds_the_recipes_that_it_is_given_to(
    maximum: str, animate: str, frames: str, most: dict[str, int], tmp_path: Path
) -> None:
    text = WRITTEN.replace("MAXIMUM", maximum).replace("ANIMATE", animate).replace("FRAMES", frames)
    (tmp_path / "film.yaml").write_text(text, encoding="utf-8")
    graph = callsheet.load(tmp_path / "film.yaml")
    assert graph.dynamic is not None
    found = {unknown.node: unknown.most for unknown in graph.dynamic.unknown()}
    for name, count in most.items():
        assert [m for node, m in found.items() if node.endswith(name)] == [count], found
    assert ("board/clip" in found) is (animate == "true")
