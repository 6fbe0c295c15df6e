"""Axes, alignment, neighbours, chains, skipping: what instances there are and what flows between them."""

from typing import Any

import pytest

from callsheet.errors import NodeError
from callsheet.spec.values import Deferred, Ref

SHOTS = """
callsheet: 1
inputs:
  shots:
    type: list
    items: {id: string, prompt: string}
    default: [{id: dawn, prompt: p1}, {id: storm, prompt: p2}, {id: night, prompt: p3}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
  style: [noir, pop]
nodes:
"""


def node(name: str, uses: str, each: str = "", when: str = "", **params: str) -> str:
    lines = [f"  {name}:", f"    uses: {uses}"]
    lines += [f"    each: {each}"] if each else []
    lines += [f"    when: ${{{{ {when} }}}}"] if when else []
    lines += ["    with:"] + [f"      {key}: {value}" for key, value in params.items()]
    return "\n".join(lines) + "\n"


CARD = node("card", "x/image", "shot", prompt="${{ shot.prompt }}")


def test_same_axis_is_the_matching_instance(graph: Any) -> None:
    g = graph(SHOTS + CARD + node("clip", "x/video", "shot", image_url="${{ card.images[0] }}"))
    clip = g.instances['clip["storm"]']
    assert clip.params == {"image_url": Ref('card["storm"]', ("images", 0))}
    assert clip.needs == ('card["storm"]',)


def test_neighbours_and_skipping(graph: Any) -> None:
    g = graph(
        SHOTS
        + CARD
        + node(
            "clip",
            "x/video",
            "shot",
            "not axis.shot.last",
            image_url="${{ card.images[0] }}",
            end_url="${{ next(card).images[0] }}",
        )
        + node("film", "x/concat", videos="${{ clip.video }}")
    )
    assert g.skipped == ('clip["night"]',)
    assert g.instances['clip["dawn"]'].params["end_url"] == Ref('card["storm"]', ("images", 0))
    assert g.instances["film"].params["videos"] == [
        Ref('clip["dawn"]', ("video",)),
        Ref('clip["storm"]', ("video",)),
    ]


def test_an_absent_optional_parameter_is_left_out(graph: Any) -> None:
    g = graph(
        SHOTS
        + CARD
        + node(
            "clip",
            "x/video",
            "shot",
            image_url="${{ card.images[0] }}",
            end_url="${{ next(card).images[0] }}",
        )
    )
    assert "end_url" in g.instances['clip["storm"]'].params
    assert "end_url" not in g.instances['clip["night"]'].params


def test_an_absent_value_can_have_a_default(graph: Any) -> None:
    g = graph(
        SHOTS
        + CARD
        + node("clip", "x/video", "shot", image_url="${{ next(card).images[0] | default(card.images[0]) }}")
    )
    assert g.instances['clip["night"]'].params["image_url"] == Ref('card["night"]', ("images", 0))


def test_a_chain_continues_the_instance_before(graph: Any) -> None:
    g = graph(
        SHOTS
        + CARD
        + node("start", "x/frame", "shot", "not axis.shot.first", video="${{ prev(clip).video }}")
        + node("clip", "x/video", "shot", image_url="${{ start.image | default(card.images[0]) }}")
    )
    assert g.instances['clip["dawn"]'].needs == ('card["dawn"]',)
    assert g.instances['start["storm"]'].needs == ('clip["dawn"]',)
    assert g.instances['clip["storm"]'].needs == ('start["storm"]',)


def test_products_of_axes_project_into_nested_lists(graph: Any) -> None:
    g = graph(
        SHOTS
        + node("cover", "x/image", "[shot, style]", prompt="${{ shot.prompt }} ${{ style }}")
        + node("sheet", "x/image", "style", prompt="${{ style }}", image_urls="${{ cover.images[0] }}")
        + node("all_of_them", "x/text", prompt="${{ len(cover) }} ${{ len(cover[0]) }}")
    )
    assert list(g.instances)[:2] == ['cover["dawn", "0"]', 'cover["dawn", "1"]']
    assert g.instances['cover["storm", "1"]'].params["prompt"] == "p2 pop"
    assert g.instances["all_of_them"].params["prompt"] == "3 2"


def test_projection_along_the_missing_axis(graph: Any) -> None:
    g = graph(
        SHOTS
        + node("cover", "x/frame", "[shot, style]", video="https://x.test/a.mp4")
        + node("sheet", "x/image", "style", prompt="s", image_urls="${{ cover.image }}")
    )
    assert g.instances['sheet["1"]'].params["image_urls"] == [
        Ref(f'cover["{key}", "1"]', ("image",)) for key in ("dawn", "storm", "night")
    ]


CAST = """
callsheet: 1
inputs:
  cast: [{name: mara}, {name: tom}]
  lines: [{id: l1, who: tom}, {id: l2, who: mara}]
axes:
  who: {over: "${{ inputs.cast }}", key: "${{ who.name }}"}
  line: {over: "${{ inputs.lines }}", key: "${{ line.id }}"}
nodes:
"""
SHEET = node("sheet", "x/image", "who", prompt="${{ who.name }}")


def test_a_node_is_looked_up_by_key(graph: Any) -> None:
    g = graph(CAST + SHEET + node("clip", "x/video", "line", image_url="${{ sheet[line.who].images[0] }}"))
    assert g.instances['clip["l1"]'].params == {"image_url": Ref('sheet["tom"]', ("images", 0))}
    assert g.instances['clip["l2"]'].needs == ('sheet["mara"]',)


@pytest.mark.parametrize("key", ['"tom"', "1", "-1"])
def test_a_node_is_looked_up_by_a_constant(graph: Any, key: str) -> None:
    g = graph(CAST + SHEET + node("clip", "x/video", image_url=f"'${{{{ sheet[{key}].images[0] }}}}'"))
    assert g.instances["clip"].params == {"image_url": Ref('sheet["tom"]', ("images", 0))}


def test_a_key_that_no_instance_has(read: Any) -> None:
    text = CAST + SHEET + node("clip", "x/video", "line", image_url="${{ sheet[line.id].images[0] }}")
    _, report = read(text)
    (found,) = [d for d in report.sorted() if d.severity == "error"]
    assert (found.code, found.message) == ("no-such-key", '`sheet` has no instance with the key "l1"')
    assert found.notes == ('in clip["l1"] and 1 more',)


def test_at_and_all(graph: Any) -> None:
    g = graph(
        SHOTS
        + CARD
        + node("clip", "x/video", "shot", image_url='${{ at(card, "night").images[0] }}')
        + node("board", "x/image", "shot", prompt="b", image_urls="${{ all(clip_frame).image }}")
        + node("clip_frame", "x/frame", "shot", video="${{ clip.video }}")
    )
    assert g.instances['clip["dawn"]'].params["image_url"].address == 'card["night"]'
    assert len(g.instances['board["dawn"]'].params["image_urls"]) == 3


def test_several_shared_axes_need_a_name(errors: Any, graph: Any) -> None:
    both = node("card", "x/image", "[shot, style]", prompt="p")
    text = (
        SHOTS
        + both
        + node(
            "clip",
            "x/video",
            "[shot, style]",
            "not axis.style.last",
            image_url="${{ next(card%s).images[0] }}",
        )
    )
    assert errors(text % "") == [("no-axis", "next(card)")]
    g = graph(text % ", style")
    assert g.instances['clip["dawn", "0"]'].params["image_url"].address == 'card["dawn", "1"]'


def test_needs_orders_without_data(graph: Any) -> None:
    text = (
        SHOTS + CARD + "  after:\n    uses: x/text\n    each: shot\n    needs: card\n    with: {prompt: x}\n"
    )
    assert graph(text).instances['after["storm"]'].needs == ('card["storm"]',)


def test_an_expression_over_outputs_is_late(graph: Any) -> None:
    g = graph(
        SHOTS
        + node("title", "x/text", prompt="t")
        + node(
            "card",
            "x/image",
            "shot",
            prompt="${{ shot.prompt }}, ${{ title.text | upper }}",
            seed="${{ title.number + 1 }}",
        )
    )
    card = g.instances['card["dawn"]']
    late = card.params["prompt"]
    assert isinstance(late, Deferred) and card.needs == ("title",)
    values = {Ref("title", ("text",)): "${{ inputs.shots }}", Ref("title", ("number",)): 4}
    assert late.compute(values.__getitem__) == "p1, ${{ INPUTS.SHOTS }}"
    assert card.params["seed"].compute(values.__getitem__) == 5


def test_a_late_value_is_checked_when_it_comes(graph: Any) -> None:
    g = graph(
        "callsheet: 1\nnodes:\n"
        + node("title", "x/text", prompt="t")
        + node("clip", "x/video", image_url="https://x.test/a.png", duration='${{ title.data.length ~ "s" }}')
    )
    late = g.instances["clip"].params["duration"]
    assert late.compute({Ref("title", ("data",)): {"length": 8}}.__getitem__) == "8s"
    with pytest.raises(NodeError, match='"9s" is not one of'):
        late.compute({Ref("title", ("data",)): {"length": 9}}.__getitem__)


def test_text_of_a_model_never_becomes_media(errors: Any) -> None:
    text = (
        "callsheet: 1\nnodes:\n"
        + node("t", "x/text", prompt="t")
        + node("clip", "x/video", image_url="${{ t.text }}")
    )
    assert errors(text) == [("media-kind", "t.text")]


def test_errors_of_instances_are_gathered(read: Any) -> None:
    text = (
        SHOTS
        + CARD
        + node("clip", "x/video", "shot", image_url="${{ card.images[0] }}", duration="${{ shot.id }}")
    )
    _, report = read(text)
    (found,) = report.sorted()
    assert (found.code, found.span.text, found.notes) == (
        "parameter-choice",
        "shot.id",
        ('in clip["dawn"] and 2 more',),
    )


def test_keys_are_escaped_in_addresses(graph: Any) -> None:
    text = 'callsheet: 1\naxes: {a: {over: [\'x"y\'], key: "${{ a }}"}}\nnodes:\n' + node(
        "t", "x/text", "a", prompt="${{ a }}"
    )
    assert list(graph(text).instances) == ['t["x\\"y"]']


def test_a_constant_node_list_and_nested_values(graph: Any) -> None:
    g = graph(
        SHOTS + CARD + "  clip:\n    uses: x/video\n    with:\n      image_url: ${{ card.images[0][0] }}\n"
        "      options: {a: [1, '${{ len(inputs.shots) }}'], b: {c: '${{ card.seed[0] }}'}}\n"
    )
    assert g.instances["clip"].params["image_url"] == Ref('card["dawn"]', ("images", 0))
    assert g.instances["clip"].params["options"] == {"a": [1, 3], "b": {"c": Ref('card["dawn"]', ("seed",))}}


def test_secrets_are_names(graph: Any, errors: Any) -> None:
    g = graph(
        "callsheet: 1\nnodes:\n  t:\n    uses: x/text\n    with: {prompt: x, api_key: {secret: MY_KEY}}\n"
    )
    assert g.instances["t"].params["api_key"].variable == "MY_KEY"
    assert errors(
        "callsheet: 1\nnodes:\n  t:\n    uses: x/text\n    with: {prompt: x, api_key: {secret: sk-1234}}\n"
    ) == [("parameter-type", "sk-1234")]


def test_one_element_of_each_instance(graph: Any) -> None:
    g = graph(
        SHOTS + CARD + node("board", "x/image", prompt="b", image_urls='${{ card.images | map("first") }}')
    )
    assert g.instances["board"].params["image_urls"][1] == Ref('card["storm"]', ("images", 0))


def test_only_elements_of_lists_may_be_missing(graph: Any) -> None:
    text = SHOTS + CARD + node("clip", "x/video", "shot", image_url="${{ card.images[0] }}")
    film = node("film", "x/concat", videos="${{ clip.video }}").replace("uses:", "missing: skip\n    uses:")
    g = graph(text + film)
    assert g.instances["film"].tolerates == g.instances["film"].needs
    assert g.instances['clip["dawn"]'].tolerates == ()
    first = node("board", "x/image", prompt="board", image_urls='${{ card.images | map("first") }}').replace(
        "uses:", "missing: placeholder\n    needs: clip\n    uses:"
    )
    g = graph(text + first)
    assert set(g.instances["board"].tolerates) == {'card["dawn"]', 'card["storm"]', 'card["night"]'}


def test_missing_without_a_list_is_said(read: Any) -> None:
    g, report = read(SHOTS + CARD.replace("uses:", "missing: skip\n    uses:"))
    assert g is not None
    (said,) = report.sorted()
    assert (said.severity, said.code, said.span.text) == ("warning", "bad-option", "card")
