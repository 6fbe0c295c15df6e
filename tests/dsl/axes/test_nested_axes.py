"""Axes inside axes: the list of the inner one depends on the item of the outer one."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.spec.values import Ref

SCENES = """
callsheet: 1
inputs:
  scenes:
    type: list
    items: {id: string, shots: {type: list, items: {id: string, prompt: string}}}
    default:
      - {id: act1, shots: [{id: dawn, prompt: p1}, {id: dusk, prompt: p2}]}
      - {id: act2, shots: []}
      - {id: act3, shots: [{id: dawn, prompt: p3}]}
axes:
  shot: {over: "${{ scene.shots }}", key: "${{ shot.id }}"}
  scene: {over: "${{ inputs.scenes }}", key: "${{ scene.id }}"}
  style: [noir, pop]
nodes:
"""
CARD = """
  card: {each: shot, uses: x/image, with: {prompt: "${{ scene.id }} ${{ shot.prompt }}"}}
"""


def test_an_inner_axis_brings_the_outer_one_along(graph: Any) -> None:
    g = graph(SCENES + CARD)
    assert list(g.instances) == ['card["act1", "dawn"]', 'card["act1", "dusk"]', 'card["act3", "dawn"]']
    assert g.instances['card["act3", "dawn"]'].params["prompt"] == "act3 p3"
    assert g.axes == {
        "scene": ("act1", "act2", "act3"),
        'shot["act1"]': ("dawn", "dusk"),
        'shot["act2"]': (),
        'shot["act3"]': ("dawn",),
        "style": ("0", "1"),
    }


def test_products_name_the_outer_axis_just_before_the_inner_one(graph: Any) -> None:
    g = graph(
        SCENES
        + '  cover: {each: [style, shot], uses: x/image, with: {prompt: "${{ style }} ${{ shot.id }}"}}'
    )
    assert list(g.instances)[:3] == [
        'cover["0", "act1", "dawn"]',
        'cover["0", "act1", "dusk"]',
        'cover["0", "act3", "dawn"]',
    ]


def test_neighbours_stay_within_the_outer_item(graph: Any) -> None:
    g = graph(
        SCENES
        + CARD
        + """
  clip:
    each: [scene, shot]
    uses: x/video
    with: {image_url: "${{ card.images[0] }}", end_url: "${{ next(card).images[0] }}"}
"""
    )
    assert g.instances['clip["act1", "dawn"]'].params["end_url"].address == 'card["act1", "dusk"]'
    assert "end_url" not in g.instances['clip["act1", "dusk"]'].params


def test_gathers_nest_and_leave_out_what_is_skipped(graph: Any) -> None:
    g = graph(
        SCENES
        + """
  card: {each: shot, when: "${{ shot.prompt != 'p1' }}", uses: x/frame, with: {video: "https://x.test/a.mp4"}}
  board:
    each: scene
    uses: x/image
    with: {prompt: "${{ len(card) | string }}", image_urls: "${{ card.image }}"}
outputs:
  all: ${{ card.image }}
"""
    )
    dusk, dawn = (Ref(f"card[{key}]", ("image",)) for key in ('"act1", "dusk"', '"act3", "dawn"'))
    assert g.outputs["all"] == [[dusk], [], [dawn]]
    assert g.instances['board["act1"]'].params == {"prompt": "1", "image_urls": [dusk]}
    assert g.instances['board["act2"]'].params == {"prompt": "0", "image_urls": []}


def test_the_neighbour_along_the_outer_axis_is_all_of_it(graph: Any) -> None:
    g = graph(
        SCENES.replace("shots: []", "shots: [{id: noon, prompt: p4}]")
        + CARD
        + """
  seam:
    each: shot
    uses: x/image
    with: {prompt: x, seed: "${{ len(next(card, scene)) }}"}
"""
    )
    found = [i.params["seed"] for i in g.instances.values() if i.node == "seam"]
    assert found == [1, 1, 1, 0]


def test_look_ups_go_from_the_outside_in(graph: Any, errors: Any) -> None:
    def clip(first: str, each: str = "") -> str:
        return (
            SCENES + CARD + f'  clip: {{{each} uses: x/video, with: {{image_url: "${{{{ {first} }}}}"}}}}\n'
        )

    for first, each in (
        ("at(card, 'dusk').images[0]", "each: shot, when: \"${{ scene.id == 'act1' }}\","),
        ("at(card, 'dusk').images[0]", "each: scene, when: \"${{ scene.id == 'act1' }}\","),
        ("at(at(card, 'act1', scene), 'dusk').images[0]", ""),
        ("at(at(card, 'act1'), 'dusk').images[0]", ""),
        ("at(card, 'act1')[1].images[0]", ""),
    ):
        clips = [i for i in graph(clip(first, each)).instances.values() if i.node == "clip"]
        assert {i.params["image_url"].address for i in clips} == {'card["act1", "dusk"]'}, first
    assert errors(clip("at(card, 'dusk', shot).images[0]")) == [("no-axis", "shot")]
    assert ("no-such-key", "at(card, 'dusk').images[0]") in errors(
        clip("at(card, 'dusk').images[0]", "each: shot,")
    )


def test_keys_are_distinct_within_an_outer_item(read: Any) -> None:
    _, report = read(SCENES.replace("dusk", "dawn") + CARD)
    (found,) = report.sorted()
    assert found.code == "axis-key"
    assert found.message == 'elements 1 and 2 of `shot["act1"]` have the same key "dawn"'


def test_a_key_may_use_the_outer_item(graph: Any) -> None:
    text = SCENES.replace('key: "${{ shot.id }}"', 'key: "${{ scene.id ~ axis.shot.index }}"')
    assert list(graph(text + CARD).instances)[2] == 'card["act3", "act30"]'


def test_axes_lie_in_several(graph: Any) -> None:
    g = graph("""
callsheet: 1
axes:
  n: [1, 2]
  m: [1, 3]
  cell: {over: "${{ range(n + m) }}"}
  part: {over: "${{ range(cell) }}"}
nodes:
  t: {each: part, uses: x/text, with: {prompt: "${{ n }}${{ m }}${{ cell }}${{ part }}"}}
""")
    wanted = [
        f"{n}{m}{cell}{part}" for n in (1, 2) for m in (1, 3) for cell in range(n + m) for part in range(cell)
    ]
    assert [i.params["prompt"] for i in g.instances.values()] == wanted


@pytest.mark.parametrize(
    ("axes", "marked", "message"),
    [
        ("a: {over: '${{ a.x }}'}", "a.x", "made from itself"),
        ("a: {over: '${{ b.x }}'}\n  b: {over: '${{ range(axis.a.length) }}'}", "b.x", "a → b → a"),
    ],
)
def test_circles_of_axes_are_refused(read: Any, axes: str, marked: str, message: str) -> None:
    text = f"callsheet: 1\naxes:\n  {axes}\nnodes:\n  t: {{each: a, uses: x/text, with: {{prompt: x}}}}\n"
    _, report = read(text)
    (found,) = report.sorted()
    assert (found.code, found.span.text) == ("cycle", marked)
    assert message in found.message


def test_the_wrong_list_is_told_by_where_it_is(read: Any) -> None:
    text = SCENES.replace("${{ scene.shots }}", "${{ scene.id }}") + CARD
    assert [(d.code, d.span.text) for d in read(text)[1].sorted()] == [("axis-list", "scene.id")]
    text = SCENES.replace("${{ scene.shots }}", "${{ scene.shots[1] }}") + CARD
    found = read(text)[1].sorted()[0]
    assert found.code == "axis-list"


def test_a_million_elements_are_refused_at_once(errors: Any) -> None:
    axes = "a: {over: '${{ range(50000) }}'}\n  b: {over: '${{ range(a) }}'}"
    text = f"callsheet: 1\naxes:\n  {axes}\nnodes:\n  t: {{each: b, uses: x/text, with: {{prompt: x}}}}\n"
    assert errors(text) == [("too-many-instances", "range(a)")]


Tree = list[tuple[str, list[str]]]
KEYS = st.lists(st.text("abc", min_size=1, max_size=3), max_size=4, unique=True)
TREES = st.lists(
    st.tuples(st.text("xyz", min_size=1, max_size=3), KEYS), max_size=4, unique_by=lambda t: t[0]
)


def naive(tree: Tree, styles: list[str], skipped: str) -> Iterator[tuple[str, str, str, str | None]]:
    """Scene, shot, style and the next shot of the scene, as nested loops say them."""
    for scene, shots in tree:
        for i, shot in enumerate(shots):
            for style in styles:
                if shot != skipped:
                    following = shots[i + 1] if i + 1 < len(shots) else None
                    yield scene, shot, style, following if following != skipped else None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    TREES, st.lists(st.sampled_from("pqr"), max_size=2, unique=True), st.text("abc", min_size=1, max_size=2)
)
def test_random_nested_axes_are_nested_loops(graph: Any, tree: Tree, styles: list[str], skipped: str) -> None:
    scenes = [{"id": scene, "shots": [{"id": shot} for shot in shots]} for scene, shots in tree]
    items = {"id": "string", "shots": {"type": "list", "items": {"id": "string"}}}
    card = {
        "each": ["shot", "style"],
        "when": "${{ shot.id != inputs.skipped }}",
        "uses": "x/image",
        "with": {"prompt": "${{ next(card, shot).seed | default('none') }}"},
    }
    document = {
        "callsheet": 1,
        "inputs": {
            "scenes": {"type": "list", "items": items, "default": scenes},
            "skipped": {"type": "string", "default": skipped},
        },
        "axes": {
            "scene": {"over": "${{ inputs.scenes }}", "key": "${{ scene.id }}"},
            "shot": {"over": "${{ scene.shots }}", "key": "${{ shot.id }}"},
            "style": {"over": styles, "key": "${{ style }}"},
        },
        "nodes": {"card": card},
        "outputs": {"seeds": "${{ card.seed }}"},
    }
    card["with"] = {"prompt": "x", "seed": "${{ next(card, shot).seed }}"}
    g = graph(yaml.safe_dump(document))
    wanted = list(naive(tree, styles, skipped))
    assert list(g.instances) == [f'card["{scene}", "{shot}", "{style}"]' for scene, shot, style, _ in wanted]
    for scene, shot, style, following in wanted:
        seed = g.instances[f'card["{scene}", "{shot}", "{style}"]'].params.get("seed")
        assert seed == (Ref(f'card["{scene}", "{following}", "{style}"]', ("seed",)) if following else None)
    assert g.outputs["seeds"] == [
        [
            [Ref(f'card["{scene}", "{shot}", "{style}"]', ("seed",)) for style in styles if shot != skipped]
            for shot in shots
        ]
        for scene, shots in tree
    ]
