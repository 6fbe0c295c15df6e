"""Inputs: how they are declared, where their values come from, what files may hold."""

import os
from pathlib import Path
from typing import Any

import pytest

from callsheet.runtime.check import check
from callsheet.spec.values import LocalFile

POSIX = pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32

ROWS = """
callsheet: 1
inputs:
  rows:
    type: list
    items: {id: string, n: integer, on: boolean, note: {type: string, default: none}}
    default: %s
axes:
  row: {over: "${{ inputs.rows }}", key: "${{ row.id }}"}
nodes:
  card:
    each: row
    uses: x/image
    with: {prompt: "${{ row.note }} ${{ row.on }}", seed: "${{ row.n }}"}
"""
TABLES = {
    "shots.csv": 'id,n,on,note,ignored\na,1,true,"x, y",?\n\nb,2,false,,\n',
    "excel.csv": "\ufeffid;n;on;note\r\na;1;true;x, y\r\nb;2;false;\r\n",
    "shots.tsv": "id\tn\ton\tnote\na\t1\ttrue\tx, y\nb\t2\tfalse\t\n",
    "shots.json": '[{"id": "a", "n": 1, "on": true, "note": "x, y"}, {"id": "b", "n": 2, "on": false}]',
    "shots.yaml": "- {id: a, n: 1, on: true, note: 'x, y'}\n- {id: b, n: 2, on: false}\n",
}


@pytest.mark.parametrize(
    ("table", "seconds"),
    [
        ("id;sec\na;1,5\nb;-2,25\nc;3\n", [1.5, -2.25, 3]),
        ("sep=;\nid;sec\na;1,5\nb;2.5\nc;0\n", [1.5, 2.5, 0]),
    ],
)
def test_a_table_with_semicolons_has_decimal_commas(table: str, seconds: list[float], graph: Any) -> None:
    text = """
callsheet: 1
inputs:
  rows: {type: list, items: {id: string, sec: number}, default: ./rows.csv}
axes: {row: {over: "${{ inputs.rows }}", key: "${{ row.id }}"}}
nodes:
  card: {each: row, uses: x/image, with: {prompt: "a ${{ row.sec }}"}}
"""
    found = graph(text, **{"rows.csv": table}).instances.values()
    assert [float(str(i.params["prompt"])[2:]) for i in found] == seconds


def test_lines_that_end_as_on_windows_inside_a_cell_are_told(tmp_path: Path) -> None:
    (tmp_path / "film.yaml").write_text(
        "callsheet: 1\ninputs:\n  rows: {type: list, items: {id: string}, default: ./rows.csv}\n"
        'axes: {row: {over: "${{ inputs.rows }}"}}\nnodes:\n  clip:\n    each: row\n'
        '    uses: fal-ai/pika/v2.2/text-to-video\n    with: {prompt: "${{ row.id }}"}\n'
    )
    for text, told in ((b'id\r\n"two\r\nlines"\r\n', True), (b'id\r\n"two\nlines"\r\n', False)):
        (tmp_path / "rows.csv").write_bytes(text)
        found = [d.message for d in check(tmp_path / "film.yaml").diagnostics]
        assert any("end as on Windows" in message for message in found) is told


@pytest.mark.parametrize("name", TABLES)
def test_every_kind_of_list_file_gives_the_same(name: str, graph: Any) -> None:
    found = graph(ROWS % f"./{name}", **{name: TABLES[name]}).instances
    assert {a: dict(i.params) for a, i in found.items()} == {
        'card["a"]': {"prompt": "x, y true", "seed": 1},
        'card["b"]': {"prompt": "none false", "seed": 2},
    }


@pytest.mark.parametrize(
    ("name", "content", "code", "marked"),
    [
        ("s.csv", "id,m\na,1\n", "list-column", "id,m"),
        ("s.csv", "id,n,on\na,one,true\n", "input-value", "one"),
        ("s.csv", "id,n,on,n\na,1,true,2\n", "list-column", "id,n,on,n"),
        ("s.csv", "id,n,on\na,1,true,extra\n", "list-file", "a,1,true,extra"),
        ("s.csv", 'id,n,on\n"a,1,true\n', "list-file", "i"),
        ("s.csv", "", "list-file", ""),
        ("s.json", '[{"id": "a", "n": 1, "on": true,}]', "list-file", ","),
        ("s.json", '[{"id": "a", "n": 1, "on": true},\n]', "list-file", ","),
        ("s.yaml", "- {id: a, n: 1, on: &x true}", "yaml-alias", "&x"),
        ("s.yaml", "- {id: a, n: 1.5, on: true}", "input-value", "1.5"),
    ],
)
def test_broken_list_files_are_pointed_into(
    name: str, content: str, code: str, marked: str, read: Any
) -> None:
    _, report = read(ROWS % f"./{name}", **{name: content})
    found = [d for d in report.sorted() if d.span.source.path.name == name]
    assert (found[0].code, found[0].span.text[: len(marked)]) == (code, marked)


def test_declarations(graph: Any) -> None:
    inputs = """
callsheet: 1
inputs:
  plain: 3
  only_default: {default: warm}
  mood: {enum: [calm, loud], default: loud}
  look: {type: object, fields: {grain: number}, default: {grain: 0.5}}
  maybe: {type: "string?"}
nodes:
  a:
    uses: x/text
    with:
      prompt: ${{ inputs.plain }} ${{ inputs.only_default }} ${{ inputs.mood }} ${{ inputs.look.grain }}
  b:
    uses: x/image
    with: {prompt: "${{ inputs.maybe | default('nothing') }}"}
"""
    found = graph(inputs).instances
    assert found["a"].params["prompt"] == "3 warm loud 0.5" and found["b"].params["prompt"] == "nothing"
    changed = graph(
        inputs, sets={"plain": "7", "mood": "calm", "look": "{grain: 1}", "maybe": "yes: 3"}
    ).instances
    assert changed["a"].params["prompt"] == "7 warm calm 1" and changed["b"].params["prompt"] == "yes: 3"


def test_an_inputs_file_and_set_over_it(graph: Any, errors: Any) -> None:
    text = (
        "callsheet: 1\ninputs: {who: Ann, n: 1}\nnodes:\n"
        "  a: {uses: x/text, with: {prompt: '${{ inputs.who }} ${{ inputs.n }}'}}\n"
    )
    files = {"in.yaml": "who: Zoë\nn: 2\n", "bad.yaml": "whom: Zoë\n"}
    assert graph(text, inputs="in.yaml", **files).instances["a"].params["prompt"] == "Zoë 2"
    found = graph(text, inputs="in.yaml", sets={"n": "3"}, **files)
    assert found.instances["a"].params["prompt"] == "Zoë 3"
    assert errors(text, inputs="bad.yaml", **files) == [("input-unknown", "Zoë")]


def test_media_are_found_beside_the_file_that_names_them(graph: Any, tmp_path: Path) -> None:
    text = """
callsheet: 1
inputs:
  hero: {type: image, default: ./hero.png}
  rows: {type: list, items: {id: string, pic: image}, default: ./rows.csv}
axes: {row: {over: "${{ inputs.rows }}", key: "${{ row.id }}"}}
nodes:
  a: {uses: x/video, with: {image_url: "${{ inputs.hero }}"}}
  b: {each: row, uses: x/video, with: {image_url: "${{ row.pic }}", end_url: ./hero.png}}
"""
    found = graph(
        text, **{"hero.png": PNG, "rows.csv": "id,pic\nx,hero.png\ny,https://x.test/a.png\n"}
    ).instances
    assert found["a"].params["image_url"] == LocalFile("image", tmp_path / "hero.png")
    assert found['b["x"]'].params["image_url"] == LocalFile("image", tmp_path / "hero.png")
    assert found['b["y"]'].params["image_url"] == "https://x.test/a.png"
    assert found['b["x"]'].params["end_url"] == LocalFile("image", tmp_path / "hero.png")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("./none.png", "local-file"),
        ("../../../../etc/hostname", "local-file"),
        ("file:///etc/hostname", "local-file"),
        ("ftp://x.test/a.png", "local-file"),
        ("./notes.txt", "local-media"),
        ("./sound.wav", "media-kind"),
        pytest.param("./link.png", "local-file", marks=POSIX),
    ],
)
def test_files_that_are_no_image_of_this_project(value: str, code: str, errors: Any, tmp_path: Path) -> None:
    if os.name == "posix":
        (tmp_path / "link.png").symlink_to("/etc/hostname")
    text = f"callsheet: 1\nnodes:\n  a: {{uses: x/video, with: {{image_url: {value}}}}}\n"
    wav = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 32
    assert errors(text, **{"notes.txt": "hello", "sound.wav": wav}) == [(code, value)]


COUNTED = """
callsheet: 1
inputs:
  rows: %s
nodes:
  a: {uses: x/text, with: {prompt: "${{ len(inputs.rows) }} rows"}}
"""


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ("{type: list, items: string, minimum: 2, maximum: 3}", "[a]", "1 element; at least 2 needed"),
        (
            "{type: list, items: string, minimum: 2, maximum: 3}",
            "[a, b, c, d]",
            "4 elements; at most 3 taken",
        ),
        ("{type: list, items: string, minimum: 2, maximum: 3}", "[a, b]", ""),
        ("{type: list, items: {id: string, note: string?}}", "[{id: a}]", ""),
    ],
)
def test_how_many_elements_a_list_may_have(declared: str, given: str, message: str, read: Any) -> None:
    text = COUNTED % declared
    _, report = read(text, sets={"rows": given})
    assert [d.message for d in report.sorted()] == ([message] if message else [])
