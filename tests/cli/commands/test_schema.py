"""`callsheet schema`: valid draft-07, small by default, and true to the catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from callsheet.cli.commands.schema import command
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.syntax.parser import parse
from callsheet.dsl.yaml.nodes import to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import InputError
from callsheet.runtime.recipes.git_url import GitUse, named
from callsheet.runtime.schema import schema

ROOT = Path(__file__).parents[3]
PIPELINES = [
    p
    for folder in ("callsheet/recipes", "examples", "tests/patterns")
    for p in ROOT.glob(folder + "/**/*.yaml")
    if "callsheet: 1" in p.read_text(encoding="utf-8")
]
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return schema()


def branch(made: dict[str, Any], uses: str) -> dict[str, Any]:
    branches = made["$defs"]["node"]["allOf"]
    (found,) = [b["then"] for b in branches if b["if"]["properties"]["uses"]["const"] == uses]
    return dict(found)


def test_it_is_draft_07_and_small(made: dict[str, Any]) -> None:
    assert made["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert len(json.dumps(made)) < 500_000
    assert set(made["properties"]) == {
        "callsheet", "name", "description", "version", "requires", "examples", "override",
        "inputs", "axes", "nodes", "outputs", "budget",
    }  # fmt: skip


def test_uses_lists_constants_with_their_own_hover_text(made: dict[str, Any]) -> None:
    uses = made["$defs"]["node"]["properties"]["uses"]
    constants = {option["const"]: option for option in uses["anyOf"] if "const" in option}
    assert VEO in constants and "enum" not in uses
    assert "$0.15" in constants[VEO]["markdownDescription"]
    assert all(len(option["markdownDescription"]) < 600 for option in constants.values())


def test_recipes_that_ship_are_completed_too(made: dict[str, Any]) -> None:
    then = branch(made, "recipe/interpolate")
    parameters = made["$defs"][then["properties"]["with"]["$ref"].rpartition("/")[2]]
    assert parameters["required"] == ["frames"] and "closed" in parameters["properties"]


def test_parameters_follow_the_endpoint(made: dict[str, Any]) -> None:
    then = branch(made, VEO)
    parameters = made["$defs"][then["properties"]["with"]["$ref"].rpartition("/")[2]]
    assert parameters["required"] == ["first_frame_url", "last_frame_url", "prompt"]
    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["duration"]["anyOf"] == [
        {"enum": ["4s", "6s", "8s"]},
        {"$ref": "#/$defs/expression"},
    ]
    assert then["required"] == ["with"]


def test_what_is_retired_is_there_with_all_others_alone(made: dict[str, Any]) -> None:
    uses = [option.get("const", "") for option in made["$defs"]["node"]["properties"]["uses"]["anyOf"]]
    assert "bytedance/seedance-2.0/image-to-video" in uses and "openai/gpt-image-2" in uses
    assert not [name for name in uses if name.startswith(("fal-ai/sora-2/", "fal-ai/veo3/"))]


def test_models_of_the_project_and_of_its_recipes_are_listed_and_retired_ones_come_last(
    tmp_path: Path,
) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films/old.yaml").write_text("nodes: {a: {uses: fal-ai/veo2, with: {}}}\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("nodes:\n  a:\n    uses: 'fal-ai/kolors'\n", encoding="utf-8")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/made.yaml").write_text("uses: fal-ai/lcm\n", encoding="utf-8")
    uses = [o.get("const", "") for o in schema(root=tmp_path)["$defs"]["node"]["properties"]["uses"]["anyOf"]]
    models = [name for name in uses if "/" in name and not name.startswith("recipe/")]
    assert "fal-ai/kolors" in models and models[-1] == "fal-ai/veo2" and "fal-ai/lcm" not in models
    shipped = {name for p in (ROOT / "callsheet/recipes").glob("*.yaml") for name in used_in(p)}
    assert shipped and shipped <= set(models)


def used_in(path: Path) -> list[str]:
    """The models that a pipeline names."""
    return re.findall(r"uses: (fal-ai/[\w./-]+)", path.read_text(encoding="utf-8"))


def test_a_secret_may_name_its_variable() -> None:
    made = schema(every=True)
    then = branch(made, "fal-ai/sora-2/text-to-video")
    parameters = made["$defs"][then["properties"]["with"]["$ref"].rpartition("/")[2]]
    assert any("secret" in o.get("properties", {}) for o in parameters["properties"]["api_key"]["anyOf"])


def test_the_fields_of_an_answer_are_declarations(made: dict[str, Any]) -> None:
    parameters = made["$defs"][branch(made, "text/chat")["properties"]["with"]["$ref"].rpartition("/")[2]]
    assert parameters["properties"]["schema"] == {"$ref": "#/$defs/fields"}
    fields = {**made["$defs"]["fields"], "$defs": made["$defs"]}
    shots = {"type": "list", "items": {"id": "string"}, "maximum": 5}
    jsonschema.validate({"title": "string", "mood": {"enum": ["a", "b"]}, "shots": shots}, fields)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "strng"}, fields)


@pytest.mark.parametrize("path", PIPELINES, ids=lambda p: p.stem if p.stem != "film" else p.parent.name)
def test_an_editor_underlines_nothing_in_what_is_right(made: dict[str, Any], path: Path) -> None:
    report = Report()
    source = read_source(path, report)
    assert source is not None
    tree = read_yaml(source, report)
    assert tree is not None
    found = list(jsonschema.Draft7Validator(made).iter_errors(to_data(tree)))
    assert not found, [(list(error.path), error.message) for error in found]


PROBE = "nodes: {a: {uses: media/probe, with: {media: a.png}%s}}"
HEADS = [
    "name: 2049", "name: a/b", "name: ''", "description: 5", "description: [a]",
    "inputs:", "axes:", "outputs:",
    "outputs: {poster.png: 1}", "outputs: {a/b: 1}", "inputs: {x: {type: 'list[string?]'}}",
    "inputs: {x: {type: any}}", "inputs: {x: {default: 3, description: 5}}",
    "inputs: {x: {default: 3, minimum: 1}}",
    "inputs: {x: {anna: a, bo: {c: 1}}}", "inputs: {x: {}}", "inputs: {x: {anna: a, default: b}}",
    "axes: {loop: [a]}", "axes: {x: {over: '${{ [1] + [2] }}', key: '${{ x * 2 }}'}}",
    "inputs: {x: {description: a}}", "inputs: {x: {items: {id: string}, maximum: 3}}",
]  # fmt: skip
TAILS = [
    ", takes: 1000",
    ", takes: 1001",
    ", description: 5",
    ", retry: {on: local}",
    ", retry: {delay: 10}",
    ", retry: {attempts: 5, delay: 10, backoff: 2, within: 600}",
    ", retry: {attempts: 5, delay: 3601}",
    ", retry: {attempts: 5, delay: -1}",
    ", retry: {attempts: 5, delay: 1m}",
    ", retry: {attempts: 5, backoff: 0.5}",
    ", retry: {attempts: 5, backoff: 11}",
    ", retry: {attempts: 5, within: 0}",
    ", retry: {attempts: 21}",
    ", retry: 21",
    ", fallback: {uses: a/b}",
]


@pytest.mark.parametrize("text", [*(f"{h}\n{PROBE % ''}" for h in HEADS), *(PROBE % t for t in TAILS)])
def test_it_underlines_what_the_parser_refuses_and_nothing_else(made: dict[str, Any], text: str) -> None:
    report = Report()
    source = Source(Path("film.yaml"), f"callsheet: 1\n{text}\n")
    tree = read_yaml(source, report)
    assert tree is not None
    parse(source, tree, report)
    assert jsonschema.Draft7Validator(made).is_valid(to_data(tree)) is not report.failed


@pytest.mark.parametrize("uses", ["${{ shot.model }}", "${{ 'media/probe' if true else 'media/trim' }}"])
def test_a_model_may_be_chosen_by_an_expression(made: dict[str, Any], uses: str) -> None:
    jsonschema.validate({"callsheet": 1, "nodes": {"a": {"uses": uses, "with": {"any": 1}}}}, made)


@pytest.mark.parametrize("place", ["https://a.example/b", "ssh://git@a.example/b"])
def test_a_recipe_in_git_may_come_over_each_way(made: dict[str, Any], place: str) -> None:
    uses = f"git+{place}@v1#board.yaml"
    assert isinstance(named(uses), GitUse)
    jsonschema.validate({"callsheet": 1, "nodes": {"a": {"uses": uses}}}, made)


def test_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    text = json.dumps(made)
    names = {part.split('"')[0] for part in text.split("#/$defs/")[1:]}
    assert names <= set(made["$defs"])
    assert {name for name in made["$defs"] if name.startswith("with_")} <= names


def test_all_holds_the_whole_catalogue() -> None:
    assert len(schema(every=True)["$defs"]["node"]["allOf"]) > 1300


def test_command_writes_a_file(tmp_path: Path) -> None:
    target = tmp_path / "callsheet.schema.json"
    done = CliRunner().invoke(command, ["-o", str(target)], standalone_mode=False)
    assert done.exception is None and json.loads(target.read_text())["type"] == "object"


def test_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["-o", str(tmp_path / "no" / "a.json")], standalone_mode=False)
    assert isinstance(done.exception, InputError)
