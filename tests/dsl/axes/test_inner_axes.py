"""Axes over outputs that are made inside of the same recipe: each use grows for itself."""

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callsheet.dsl.graph import Graph, Instance
from callsheet.dsl.outline import outline
from callsheet.errors import NodeError
from callsheet.runtime.graph.selection import select
from callsheet.spec.values import Deferred, Ref, refs_in

ACT = """
callsheet: 1
inputs: {idea: {type: string}}
axes: {shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 4}}
nodes:
  script: {uses: x/script, with: {prompt: "${{ inputs.idea }}"}}
  title: {uses: x/image, with: {prompt: "${{ inputs.idea }}"}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ shot.prompt }}, ${{ inputs.idea }}"}}
  clip:
    each: shot
    when: ${{ not axis.shot.last }}
    uses: x/video
    with: {image_url: "${{ card.images[0] }}", end_url: "${{ next(card).images[0] }}"}
  film: {uses: x/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}", title: "${{ title.images[0] }}", clips: "${{ clip.video }}"}
"""
FILM = """
callsheet: 1
axes: {part: [one, two]}
nodes:
  act: {each: part, uses: ./act.yaml, with: {idea: "${{ part }}"}}
  poster: {uses: x/image, with: {prompt: p, image_urls: "${{ act.title }}"}}
  whole: {uses: x/concat, with: {videos: "${{ act.film }}"}}
  after: {uses: x/image, needs: [act], with: {prompt: p}}
outputs: {film: "${{ whole.video }}", clips: "${{ act.clips }}"}
"""
ACTS = {"act.yaml": ACT}


def listed(keys: list[str] | str) -> list[dict[str, object]]:
    return [{"id": key, "prompt": f"p{key}", "seconds": 1} for key in keys]


def test_each_use_grows_for_itself(graph: Any) -> None:
    g = graph(FILM, **ACTS)
    first, second = 'act["0"]', 'act["1"]'
    assert set(g.instances) == {
        f"{act}/{node}" for act in (first, second) for node in ("script", "title")
    } | {"poster"}
    assert g.instances["poster"].needs == (f"{first}/title", f"{second}/title")
    assert {a: (p.needs, p.most) for a, p in g.dynamic.pending.items()} == {
        f"{act}/shot": ((f"{act}/script",), 4) for act in (first, second)
    }
    assert g.dynamic.unknown_outputs == {"film": ("whole",), "clips": ("act",)}
    half = g.extended({f"{second}/shot": listed("abc")})
    assert {f'{second}/card["a"]', f'{second}/clip["b"]', f"{second}/film"} <= set(half.instances)
    assert half.skipped == (f'{second}/clip["c"]',)
    assert "whole" not in half.instances and set(half.dynamic.pending) == {f"{first}/shot"}
    whole = half.extended({f"{first}/shot": listed("xy")})
    assert whole.dynamic is None
    assert whole.instances["whole"].needs == (f"{first}/film", f"{second}/film")
    assert f'{first}/clip["x"]' in whole.instances["after"].needs
    assert [len(clips) for clips in whole.outputs["clips"]] == [1, 2]
    assert all(whole.instances[a] is i for a, i in half.instances.items())
    assert set(g.extended({f"{first}/shot": listed("xy")}).dynamic.pending) == {f"{second}/shot"}


def test_what_may_come_is_counted_inside_of_each_use(graph: Any) -> None:
    g = graph(FILM, **ACTS)
    found: dict[str, int] = {}
    for unknown in g.dynamic.unknown():
        found[unknown.node] = found.get(unknown.node, 0) + unknown.most
    assert found == {"act/card": 8, "act/clip": 8, "act/film": 2, "whole": 1, "after": 1}
    drawn = outline(g)
    assert {box.name: box.more for box in drawn.boxes if box.more} == found
    assert {("act/script", "act/card"), ("act/card", "act/clip"), ("act/film", "whole")} <= set(drawn.edges)
    cards = [u.sample for u in g.dynamic.unknown() if u.node == "act/card"]
    assert [card.address for card in cards] == ['act["0"]/card["…"]', 'act["1"]/card["…"]']


def test_a_recipe_that_waits_as_a_whole_tells_what_is_in_it(graph: Any) -> None:
    """The list comes from outside, and the recipe's own axis has a `max`; nested recipes are looked into."""
    outer = """
callsheet: 1
inputs: {scenes: {type: list, items: {id: string}}}
axes: {scene: {over: "${{ inputs.scenes }}", key: "${{ scene.id }}", max: 3}}
nodes:
  still: {uses: x/image, with: {prompt: p, seed: 5}}
  act: {each: scene, uses: ./act.yaml, with: {idea: "${{ scene.id }}"}}
"""
    text = """
callsheet: 1
nodes:
  writer: {uses: x/script, with: {prompt: p}}
  movie: {uses: ./outer.yaml, with: {scenes: "${{ writer.shots }}"}}
"""
    g = graph(text, **ACTS, **{"outer.yaml": outer})
    found = {unknown.node: unknown for unknown in g.dynamic.unknown()}
    assert {name: unknown.most for name, unknown in found.items()} == {
        "movie/still": 1,
        "movie/act/script": 3,
        "movie/act/title": 3,
        "movie/act/card": 12,
        "movie/act/clip": 12,
        "movie/act/film": 3,
    }
    assert found["movie/still"].sample.params == {"prompt": "p", "seed": 5}
    assert found["movie/still"].after == ("writer",)
    unbound = graph(text, **ACTS, **{"outer.yaml": outer.replace(", max: 3", "")})
    assert [(u.node, u.most) for u in unbound.dynamic.unknown()] == [("movie", 1)]


def test_lists_inside_of_lists_inside_of_recipes(graph: Any) -> None:
    scenes = """
callsheet: 1
axes:
  scene: {over: "${{ plot.shots }}", key: "${{ scene.id }}", max: 3}
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 3}
nodes:
  plot: {uses: x/script, with: {prompt: p}}
  script: {each: scene, uses: x/script, with: {prompt: "${{ scene.prompt }}"}}
  card: {each: shot, uses: x/image, with: {prompt: "${{ scene.id }} ${{ shot.prompt }}"}}
  board: {each: scene, uses: x/image, with: {prompt: p, image_urls: "${{ card.images | map('first') }}"}}
outputs: {cards: "${{ card.seed }}"}
"""
    text = """
callsheet: 1
nodes:
  film: {uses: ./scenes.yaml}
outputs: {cards: "${{ film.cards }}"}
"""
    g = graph(text, **{"scenes.yaml": scenes})
    g = g.extended({"film/scene": listed("ab")})
    assert set(g.dynamic.pending) == {'film/shot["a"]', 'film/shot["b"]'}
    g = g.extended({'film/shot["b"]': listed("x")})
    assert 'film/board["b"]' in g.instances and 'film/board["a"]' not in g.instances
    g = g.extended({'film/shot["a"]': listed("xy")})
    assert g.dynamic is None and [len(cards) for cards in g.outputs["cards"]] == [2, 1]


def test_takes_and_alternatives_inside_come_with_the_list(graph: Any) -> None:
    act = ACT.replace(
        "card: {each: shot, uses: x/image,",
        "card: {each: shot, takes: 2, fallback: [{uses: x/image, with: {seed: 7}}], uses: x/image,",
    ).replace("  script: {uses", "  script: {takes: 2, uses")
    g = graph(FILM, **{"act.yaml": act})
    assert g.dynamic.pending['act["0"]/shot'].needs == ('act["0"]/script',)
    assert not any("?" in u.node for u in g.dynamic.unknown())
    g = g.extended({'act["0"]/shot': listed("a")})
    card = g.instances['act["0"]/card["a"]#2']
    assert [other.params["seed"] for other in card.alternatives] != [None]
    assert not any("?" in address for address in g.instances)


def test_a_list_that_cannot_be_used_says_where(graph: Any) -> None:
    g = graph(FILM, **ACTS)
    with pytest.raises(NodeError, match=r'`act\["0"\]/shot` have the same key "a"'):
        g.extended({'act["0"]/shot': listed("aa")})
    with pytest.raises(NodeError, match="its `max` is 4"):
        g.extended({'act["0"]/shot': listed("abcde")})


def test_a_part_inside_of_one_use_asks_only_for_its_own_list(graph: Any) -> None:
    g = graph(FILM, **ACTS)
    assert set(select(g, ['act["1"]/clip["a"]']).instances) == {'act["1"]/script'}
    assert set(select(g, ["act/film"]).instances) == {'act["0"]/script', 'act["1"]/script'}
    assert set(select(g, ["whole"]).instances) == {'act["0"]/script', 'act["1"]/script'}


@pytest.mark.parametrize("taken", ["act.total", "len(act.clips) | string"])
def test_a_list_that_waits_for_what_comes_of_it_is_a_circle(errors: Any, taken: str) -> None:
    """Its writer is given what a node makes that takes what gathers the shots, or every clip."""
    text = """
callsheet: 1
nodes:
  act: {uses: ./act.yaml, with: {idea: "${{ sum.text }}"}}
  sum: {uses: x/text, with: {prompt: "${{ TAKEN }}"}}
""".replace("TAKEN", taken)
    total = '  total: {uses: x/text, with: {prompt: "${{ len(card) | string }}"}}'
    act = ACT.replace("outputs: {", total + '\noutputs: {total: "${{ total.text }}", ')
    assert [code for code, _ in errors(text, **{"act.yaml": act})] == ["cycle"]


def test_an_axis_inside_has_a_max_too(errors: Any) -> None:
    act = ACT.replace(", max: 4", "")
    assert [code for code, _ in errors(FILM, **{"act.yaml": act})] == ["axis-max"]


def film(styles: list[str], last: bool, gather: bool) -> dict[str, Any]:
    """The nodes of a small film; what is in them does not tell where they are."""
    return {
        "script": {"uses": "x/script", "with": {"prompt": "${{ inputs.idea }}"}},
        "card": {
            "each": ["shot", "style"],
            "when": "${{ not axis.shot.last }}" if last else True,
            "uses": "x/image",
            "with": {"prompt": "${{ shot.prompt }} ${{ style }}", "seed": "${{ next(card, shot).seed }}"},
        },
        "note": {"each": "style", "uses": "x/text", "with": {"prompt": "${{ len(card) | string }}"}},
        "look": {
            "uses": "x/image",
            "with": {"prompt": "p", "seed": "${{ script.shots[0].seconds }}"},
            **({"needs": ["card"]} if gather else {}),
        },
    }


def moved(tree: object, prefix: str) -> object:
    match tree:
        case Ref(address, path):
            return Ref(prefix + address, path)
        case Deferred():
            return "late", tuple(moved(ref, prefix) for ref in refs_in(tree))
        case dict():
            return {k: moved(v, prefix) for k, v in tree.items()}
        case list():
            return [moved(v, prefix) for v in tree]
    return tree


def seen(instance: Instance, prefix: str) -> object:
    needs = {prefix + need for need in instance.needs}
    return moved(instance.params, prefix), needs, instance.spec.uses


def compared(g: Graph, prefix: str) -> object:
    """The instances under `prefix` when they are in a recipe; as they would be there when they are not."""
    if prefix and any(address.startswith(prefix) for address in g.instances):
        return {a: seen(i, "") for a, i in g.instances.items() if a.startswith(prefix)}
    return {prefix + a: seen(i, prefix) for a, i in g.instances.items()}


KEYS = st.lists(st.text("ab", min_size=1, max_size=2), min_size=1, max_size=4, unique=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(KEYS, min_size=1, max_size=3),
    st.lists(st.sampled_from("pqr"), min_size=1, max_size=2, unique=True),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.randoms(),
)
def test_a_recipe_that_grows_is_its_nodes_written_out(
    graph: Any, acts: list[list[str]], styles: list[str], last: bool, gather: bool, deep: bool, random: Any
) -> None:
    axes = {
        "shot": {"over": "${{ script.shots }}", "key": "${{ shot.id }}", "max": 4},
        "style": {"over": styles, "key": "${{ style }}"},
    }
    body = {
        "callsheet": 1,
        "axes": axes,
        "inputs": {"idea": {"type": "string", "default": "i"}},
        "nodes": film(styles, last, gather),
        "outputs": {"seeds": "${{ card.seed }}", "look": "${{ look.images[0] }}"},
    }
    between = {
        "callsheet": 1,
        "nodes": {"inner": {"uses": "./act.yaml"}},
        "outputs": {"seeds": "${{ inner.seeds }}", "look": "${{ inner.look }}"},
    }
    names = [f"k{i}" for i in range(len(acts))]
    outer = {
        "callsheet": 1,
        "axes": {"part": {"over": names, "key": "${{ part }}"}},
        "nodes": {"act": {"each": "part", "uses": "./between.yaml" if deep else "./act.yaml"}},
        "outputs": {"seeds": "${{ act.seeds }}"},
    }
    files = {"act.yaml": yaml.safe_dump(body), "between.yaml": yaml.safe_dump(between)}
    g = graph(yaml.safe_dump(outer), **files)
    alone = graph(yaml.safe_dump(body))
    prefixes = [f'act["{name}"]/' + ("inner/" if deep else "") for name in names]
    order = list(range(len(acts)))
    random.shuffle(order)
    for i in order:
        assert compared(g, prefixes[i]) == compared(alone, prefixes[i])
        g = g.extended({f"{prefixes[i]}shot": listed(acts[i])})
    assert g.dynamic is None
    expected = []
    for prefix, keys in zip(prefixes, acts, strict=True):
        written = alone.extended({"shot": listed(keys)})
        assert compared(g, prefix) == compared(written, prefix)
        assert {a for a in g.skipped if a.startswith(prefix)} == {prefix + a for a in written.skipped}
        expected.append(moved(written.outputs["seeds"], prefix))
    assert g.outputs["seeds"] == expected
