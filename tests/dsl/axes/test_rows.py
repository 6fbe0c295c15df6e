"""Tables of `--each`: what a row gives, and what is wrong with a table is said at its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import callsheet
from callsheet.dsl.address import without_first_key
from callsheet.dsl.graph import Graph
from callsheet.runtime.check import Checked, check
from callsheet.spec.batch import each_row_of
from callsheet.spec.values import Ref, map_leaves

FILM = """
callsheet: 1
name: promo
inputs:
  product: {type: string}
  seconds: {type: integer, default: 5}
  style: {enum: [noir, pop], default: noir}
  look: {fields: {light: string, lens: string?}, default: {light: soft}}
nodes:
  clip:
    uses: fal-ai/pika/v2.2/text-to-video
    when: ${{ inputs.seconds > 4 }}
    with:
      prompt: "${{ inputs.product }}, ${{ inputs['style'] }}, ${{ inputs.look.light }}"
      duration: ${{ inputs.seconds }}
outputs: {film: "${{ clip.video | default('none') }}"}
"""
CSV = "id,product,seconds,style\nlamp,a lamp,10,pop\ncup,a cup,,\noff,a hat,2,noir\n"


@pytest.fixture(autouse=True)
def project(in_folder: Path) -> None:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)


def checked(table: str, name: str = "rows.csv", film: str = FILM) -> Checked:
    Path("film.yaml").write_text(film)
    Path(name).write_text(table)
    with each_row_of(Path(name)):
        return check("film.yaml")


def problems(table: str, name: str = "rows.csv", film: str = FILM) -> list[str]:
    """What is wrong, with the file and the line."""
    found = checked(table, name, film).diagnostics
    return [f"{d.span.source.path.name}:{d.span.source.position(d.span.start)[0]} {d.message}" for d in found]


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("rows.csv", CSV),
        (
            "rows.tsv",
            "id\tproduct\tseconds\tstyle\nlamp\ta lamp\t10\tpop\ncup\ta cup\t\t\noff\ta hat\t2\tnoir\n",
        ),
        (
            "rows.yaml",
            "- {id: lamp, product: a lamp, seconds: 10, style: pop}\n- {id: cup, product: a cup}\n"
            "- {id: off, product: a hat, seconds: 2}\n",
        ),
        (
            "rows.json",
            '[{"id": "lamp", "product": "a lamp", "seconds": 10, "style": "pop"},'
            ' {"id": "cup", "product": "a cup", "seconds": null},'
            ' {"id": "off", "product": "a hat", "seconds": 2}]',
        ),
    ],
)
def test_every_form_of_a_table_gives_the_same_films(name: str, table: str) -> None:
    graph = checked(table, name).graph
    assert graph is not None and graph.rows == ("lamp", "cup", "off")
    assert {a: (i.params["prompt"], i.params["duration"]) for a, i in graph.instances.items()} == {
        'clip["lamp"]': ("a lamp, pop, soft", 10),
        'clip["cup"]': ("a cup, noir, soft", 5),
    }
    assert graph.skipped == ('clip["off"]',)
    assert list(graph.outputs) == ['film["lamp"]', 'film["cup"]', 'film["off"]']
    assert graph.outputs['film["off"]'] == "none"


def test_a_cell_may_hold_an_object_where_the_table_can() -> None:
    graph = checked("- {id: a, product: x, look: {light: hard}}\n", "rows.yaml").graph
    assert graph is not None and graph.instances['clip["a"]'].params["prompt"] == "x, noir, hard"


def test_what_is_given_elsewhere_fills_empty_cells() -> None:
    Path("rows.csv").write_text("id,product,seconds\na,,\nb,a cup,10\n")
    with each_row_of(Path("rows.csv")):
        graph = check("film.yaml", sets={"product": "a lamp"}).graph
    assert graph is not None
    assert [i.params["prompt"] for i in graph.instances.values()] == [
        "a lamp, noir, soft",
        "a cup, noir, soft",
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("product\nx\n", "rows.csv:1 there is no column `id`"),
        ("id,prodct\na,x\n", "rows.csv:1 the pipeline has no input `prodct`, which is a column"),
        ("id,product\na,x\nb,y\na,z\n", "rows.csv:4 there are two rows with the id a"),
        ("id,product\na,\n", "rows.csv:2 the row has no value for the input `product`"),
        ("id,product\n,x\n", "rows.csv:2 the row has no `id`"),
        ('id,product\na,x\n"b\nc",y\n', "rows.csv:3 this id cannot name a row"),
        ("id,product\na,x\nb\x1b[31m,y\n", "rows.csv:3 this id cannot name a row"),
        (f"id,product\n{'a' * 201},x\n", "rows.csv:2 this id cannot name a row"),
        ("id,product,seconds\na,x,ten\n", 'rows.csv:2 "ten" is not an integer'),
        ("id,product,style\na,x,baroque\n", 'rows.csv:2 "baroque" is not one of'),
        ("id,product\n", "rows.csv:1 the table has no rows"),
        ("", "rows.csv:1 "),
        ("id,product,product\na,x,y\n", "rows.csv:1 "),
    ],
)
def test_a_mistake_in_a_table_is_told_at_its_line(table: str, said: str) -> None:
    assert any(found.startswith(said) for found in problems(table)), problems(table)


def test_a_table_that_is_not_there_is_told() -> None:
    with each_row_of(Path("rows.csv")):
        found = check("film.yaml")
    assert [d.message for d in found.diagnostics] == ["cannot read rows.csv: No such file or directory"]


@pytest.mark.parametrize(
    ("name", "table", "said"),
    [
        ("rows.json", "{}", "this is no list of objects"),
        ("rows.yaml", "- a\n- b\n", "this is no list of objects"),
        ("rows.yaml", "- {id: a, product: x}\n- b\n", "this row is no object"),
        ("rows.json", "[{]", "JSON"),
    ],
)
def test_a_list_of_other_things_is_told(name: str, table: str, said: str) -> None:
    assert any(said in found for found in problems(table, name)), problems(table, name)


def test_a_pipeline_with_an_axis_of_this_name_is_told() -> None:
    film = FILM.replace("nodes:", "axes: {row: [a, b]}\nnodes:")
    assert any("`row` is the name of the axis over the rows" in p for p in problems("id\na\n", film=film))


def test_all_inputs_at_once_cannot_be_used() -> None:
    film = FILM.replace("inputs.look.light", "inputs | tojson")
    assert any("cannot use all `inputs` at once" in p for p in problems("id,product\na,x\n", film=film))


def test_hostile_cells_stay_text(in_folder: Path) -> None:
    table = 'id,product\n"${{ inputs.seconds }}",\'=cmd()\n../up,"${{ 1 + 1 }} {% raw %}"\n'
    graph = checked(table).graph
    assert graph is not None
    texts = [str(instance.params["prompt"]) for instance in graph.instances.values()]
    assert texts == ["'=cmd(), noir, soft", "${{ 1 + 1 }} {% raw %}, noir, soft"]


def test_an_axis_over_a_column_has_other_elements_in_each_row() -> None:
    film = """
callsheet: 1
name: lists
inputs:
  shots: {type: list, items: string}
axes:
  shot: {over: "${{ inputs.shots }}"}
nodes:
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/text-to-video
    with: {prompt: "${{ shot }} of ${{ len(inputs.shots) }}"}
outputs: {clips: "${{ clip.video }}"}
"""
    graph = checked("- {id: a, shots: [x, y]}\n- {id: b, shots: [z]}\n", "rows.yaml", film).graph
    assert graph is not None
    assert [i.params["prompt"] for i in graph.instances.values()] == ["x of 2", "y of 2", "z of 1"]
    assert len(graph.outputs['clips["a"]']) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        ('clip["a"]', "clip"),
        ('clip["a", "b"]', 'clip["b"]'),
        ('clip["a"]#2', "clip#2"),
        ('act["a"]/clip["b"]', 'act/clip["b"]'),
        (r'clip["a\"]b", "c"]', 'clip["c"]'),
        ("clip", "clip"),
    ],
)
def test_an_address_without_its_row(address: str, alone: str) -> None:
    assert without_first_key(address) == alone


SHOTS = """
callsheet: 1
name: promo
inputs:
  product: {type: string}
axes:
  shot: {over: [dawn, noon, dusk], key: "${{ shot }}"}
  take: {over: "${{ [shot, inputs.product] }}"}
nodes:
  whole: {uses: fal-ai/pika/v2.2/text-to-video, with: {prompt: "${{ inputs.product }}"}}
  still:
    uses: fal-ai/pika/v2.2/text-to-video
    each: shot
    with: {prompt: "${{ shot }}, ${{ inputs.product }}"}
  other: {uses: fal-ai/pika/v2.2/text-to-video, each: [shot, take], with: {prompt: "${{ take }}"}}
  made: {uses: USES, each: [EACH], with: {WITH}}
outputs: {made: "${{ made.video }}"}
"""
JOIN = 'videos: "${{ %s }}"'
TEXT = 'prompt: "so ${{ %s }}"'


def made_of(expression: str, each: str, form: str) -> str:
    uses = "media/concat" if form is JOIN else "fal-ai/pika/v2.2/text-to-video"
    return SHOTS.replace("USES", uses).replace("EACH", each).replace("WITH", form % expression)


def instances(graph: Graph) -> dict[str, object]:
    """What each instance is made of."""
    return {address: instance.params for address, instance in graph.instances.items()}


@pytest.mark.parametrize(
    ("form", "expression", "each"),
    [
        (JOIN, "all(still).video", ""),
        (JOIN, "all(still).video", "shot"),
        (JOIN, "still.video", ""),
        (JOIN, "[at(still, 'dusk').video]", ""),
        (JOIN, "[at(still, 'dusk').video]", "shot"),
        (JOIN, "[still['dusk'].video, still[0].video, all(still)[2].video]", ""),
        (JOIN, "[prev(still, wrap=true).video, next(still, wrap=true).video]", "shot"),
        (
            JOIN,
            "[prev(still).video | default(still.video), at(still, shot).video]",
            "shot",
        ),
        (JOIN, "[all(whole).video]", "shot"),
        (JOIN, "prev(other, shot).video | default([still.video])", "shot"),
        (JOIN, "[next(other).video | default(other.video)]", "shot, take"),
        (JOIN, "at(other, 'noon', shot).video", ""),
        (TEXT, "len(all(still))", "shot"),
        (TEXT, "prev(shot) | default('first')", "shot"),
        (TEXT, "axis.shot.index ~ axis.shot.length ~ axis.take.key", "shot, take"),
        (TEXT, "axis | tojson", "shot"),
    ],
)
def test_no_expression_leaves_its_row(form: str, expression: str, each: str) -> None:
    film = made_of(expression, each, form)
    found = checked("id,product\na,lamp\nb,cup\n", film=film)
    assert found.graph is not None, problems("id,product\na,lamp\nb,cup\n", film=film)
    for row, product in (("a", "lamp"), ("b", "cup")):
        alone = check("film.yaml", sets={"product": product})
        assert alone.graph is not None, [d.message for d in alone.diagnostics]
        mine = {
            without_first_key(address): map_leaves(params, _without_row)
            for address, params in instances(found.graph).items()
            if f'["{row}"' in address
        }
        assert mine == instances(alone.graph)


def _without_row(leaf: object) -> object:
    return replace(leaf, address=without_first_key(leaf.address)) if isinstance(leaf, Ref) else leaf


@pytest.mark.parametrize(
    ("form", "expression", "each"),
    [
        (JOIN, "[prev(whole).video]", ""),
        (JOIN, "[next(whole, wrap=true).video]", "shot"),
        (JOIN, "[at(whole, 'a').video]", ""),
        (JOIN, "[prev(still).video]", ""),
        (JOIN, "[at(whole, 'a', row).video]", ""),
        (JOIN, "[prev(still, row).video]", "shot"),
        (JOIN, "[prev(still, 'row').video]", "shot"),
        (TEXT, "row.id", ""),
        (TEXT, "next(row).product", ""),
        (TEXT, "axis.row.length", ""),
        (TEXT, "axis['row'].key", "shot"),
        (TEXT, "'x'", "row"),
    ],
)
def test_what_is_wrong_in_one_film_is_wrong_in_each_row(form: str, expression: str, each: str) -> None:
    film = made_of(expression, each, form)
    assert check_alone(film) and problems("id,product\na,lamp\nb,cup\n", film=film)


def check_alone(film: str) -> list[str]:
    """What is wrong with the film, made once."""
    Path("film.yaml").write_text(film)
    return [d.message for d in check("film.yaml", sets={"product": "lamp"}).diagnostics]


LISTS = """
callsheet: 1
name: promo
inputs:
  words: {type: string}
axes:
  part: {over: "${{ all(lines).parts }}", max: 5}
nodes:
  lines: {uses: text/split, with: {text: "${{ inputs.words }}", by: words, words: 1}}
  said: {uses: text/split, each: part, with: {text: "${{ prev(part) | default('-') }} ${{ part }}"}}
outputs: {said: "${{ said.parts }}"}
"""


def test_a_list_that_comes_during_the_run_is_that_of_its_row() -> None:
    Path("film.yaml").write_text(LISTS)
    Path("rows.csv").write_text("id,words\na,one two\nb,three four five\n")
    done = callsheet.run("film.yaml", each="rows.csv")
    assert done.status == "done"
    assert done.outputs['said["a"]'] == [["- one"], ["one two"]]
    assert done.outputs['said["b"]'] == [["- three"], ["three four"], ["four five"]]
