"""What diff calls new or made again, held against a model that writes every history out in full."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import callsheet
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.runtime import keys
from callsheet.runtime.diff.compare import compare
from callsheet.runtime.diff.side import Side, side_of
from callsheet.runtime.diff.text_diff import words
from callsheet.runtime.graph.arguments import LocalFiles, parameters

MADE = {"added", "changed", "affected"}


@dataclass(frozen=True)
class Node:
    """A language model's call. before: the place of the node whose answer it takes, or -1."""

    name: str
    text: str
    before: int


Film = tuple[Node, ...]


@st.composite
def films(draw: st.DrawFn) -> Film:
    count = draw(st.integers(1, 6))
    texts = st.sampled_from(["a cat", "a dog", "the sea"])
    return tuple(Node(f"n{i}", draw(texts), draw(st.integers(-1, i - 1))) for i in range(count))


@st.composite
def edits(draw: st.DrawFn, film: Film) -> Film:
    """Some names, texts and edges changed; a node more or less at the end."""
    nodes = list(film)
    for i in draw(st.lists(st.integers(0, len(nodes) - 1), max_size=3)):
        match draw(st.sampled_from(["name", "text", "edge"])):
            case "name":
                nodes[i] = replace(nodes[i], name=f"m{i}")
            case "text":
                nodes[i] = replace(nodes[i], text=draw(st.sampled_from(["a cat", "a whale"])))
            case "edge":
                nodes[i] = replace(nodes[i], before=draw(st.integers(-1, i - 1)))
    if draw(st.booleans()):
        nodes.append(Node("last", "the end", draw(st.integers(-1, len(nodes) - 1))))
    elif draw(st.booleans()) and len(nodes) > 1:
        nodes.pop()
    return tuple(nodes)


def written(film: Film) -> str:
    lines = ["callsheet: 1", "name: film", "nodes:"]
    for node in film:
        earlier = f" after ${{{{ {film[node.before].name}.output }}}}" if node.before >= 0 else ""
        lines += [f"  {node.name}:", "    uses: openrouter/router"]
        lines += [f'    with: {{model: m, prompt: "{node.text}{earlier}"}}']
    return "\n".join([*lines, "outputs:", f"  text: ${{{{ {film[-1].name}.output }}}}", ""])


def history(film: Film, i: int) -> str:
    """All that leads to a node, spelled out."""
    node = film[i]
    return node.text + (f" after ({history(film, node.before)})" if node.before >= 0 else "")


def side(film: Film) -> Side:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.yaml"
        path.write_text(written(film), encoding="utf-8")
        return side_of("", callsheet.load(path))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_made_is_what_has_no_history(data: st.DataObject) -> None:
    old = data.draw(films())
    new = data.draw(edits(old))
    changes = compare(side(old), side(new))
    left = [history(old, i) for i in range(len(old))]
    expected = 0
    for i in range(len(new)):
        if (told := history(new, i)) in left:
            left.remove(told)
        else:
            expected += 1
    made = [c for c in changes.instances if c.what in MADE]
    assert len(made) == expected
    for change in made:
        if change.what == "affected":
            assert not change.differences
    gone = changes.count("removed")
    assert len(old) - gone == len(new) - changes.count("added")


@given(films())
@settings(max_examples=20, deadline=None)
def test_a_film_does_not_differ_from_itself(film: Film) -> None:
    assert not compare(side(film), side(film)).any


@given(st.text(max_size=60), st.text(max_size=60))
def test_words_make_up_both_texts(old: str, new: str) -> None:
    found = list(words(old, new))
    assert "".join(text for mark, text in found if mark != "+") == old
    assert "".join(text for mark, text in found if mark != "-") == new
    assert all(text for _, text in found)


def test_the_work_of_a_comparison_is_bounded() -> None:
    often = "very " * 2000
    assert list(words(f"a {often}b", f"{often}c")) == [("-", f"a {often}b"), ("+", f"{often}c")]
    prose = " ".join(f"word{number % 400}" for number in range(1500))
    assert list(words(prose, prose.replace("word7 ", "cold ", 1)))[1:3] == [("-", "word7"), ("+", "cold")]


def test_what_needs_no_output_has_the_key_that_it_is_bought_under() -> None:
    """The definition is one: nothing that diff calls another request is the same to a run, or the reverse."""
    graph = callsheet.load(Path("examples/postcard/film.yaml"))
    known = side_of("", graph).keys
    for address in ('clip["wind"]', 'clip["night"]'):
        instance = graph.instances[address]
        params = parameters(instance, {}, LocalFiles(MediaInspector()), with_defaults=False)
        assert known[address] == keys.key(keys.components(instance, None, params))


def test_thousands_of_instances_are_compared_quickly(tmp_path: Path) -> None:
    import time

    text = """
callsheet: 1
axes: {{shot: {{over: "${{{{ range({count}) }}}}"}}}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {{prompt: "{look} ${{{{ shot }}}}"}}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{prompt: it moves, image_url: "${{{{ card.images[0] }}}}"}}
  film:
    uses: media/concat
    with: {{videos: "${{{{ clip.video }}}}"}}
outputs: {{film: "${{{{ film.video }}}}"}}
"""
    sides = []
    for look, count in (("dusk", 1500), ("dawn", 1500), ("dawn", 1501)):
        path = tmp_path / "film.yaml"
        path.write_text(text.format(look=look, count=count), encoding="utf-8")
        sides.append(side_of(look, callsheet.load(path)))
    began = time.process_time()
    changes = compare(sides[0], sides[1])
    assert (changes.count("changed"), changes.count("affected")) == (1500, 1501)
    changes = compare(sides[1], sides[2])
    assert (changes.count("added"), changes.count("affected")) == (2, 1)
    assert time.process_time() - began < 3
