"""What the user of a recipe sets for nodes inside of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import callsheet
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.spec.types import IMAGE, INTEGER, STRING, VIDEO, Choice, Field, ListOf
from tests.dsl.conftest import SPECS, Read, spec

Make = Callable[..., Graph]

BOARD = """
callsheet: 1
inputs:
  shots:
    type: list
    items: {id: string, prompt: string}
    default: [{id: dawn, prompt: a}, {id: dusk, prompt: b}]
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  keyframe: {each: shot, uses: x/image, with: {prompt: "${{ shot.prompt }}", seed: 7}, takes: 2}
  clip:
    each: shot
    uses: x/video
    with: {prompt: "${{ shot.prompt }}", image_url: "${{ keyframe.images[0] }}", duration: 4s}
    fallback: [{uses: x/other}]
  film: {uses: x/concat, with: {videos: "${{ clip.video }}"}}
outputs: {frames: "${{ keyframe.images }}", film: "${{ film.video }}"}
"""
OUTER = """
callsheet: 1
nodes:
  board: {uses: ./board.yaml, override: {keyframe: {takes: 3, retry: 4}}}
  last: {uses: x/frame, with: {video: "${{ board.film }}"}}
outputs: {last: "${{ last.image }}"}
"""


@pytest.fixture(autouse=True)
def more_models(monkeypatch: pytest.MonkeyPatch) -> None:
    first = {"text": Field(STRING, required=True), "first": Field(IMAGE, required=True)}
    other = spec("x/other", {**first, "length": Field(INTEGER), "duration": Field(STRING)}, {"video": VIDEO})
    monkeypatch.setitem(SPECS, "x/other", replace(other, roles={"text": "prompt", "first": "image"}))
    monkeypatch.setitem(
        SPECS,
        "x/strict",
        spec(
            "x/strict",
            {
                "prompt": Field(STRING, required=True),
                "image_url": Field(IMAGE, required=True),
                "duration": Field(Choice(("6s", "12s"))),
                "style": Field(STRING, required=True),
            },
            {"video": VIDEO},
        ),
    )
    monkeypatch.setitem(SPECS, "x/one", spec("x/one", {"prompt": Field(STRING)}, {"image": IMAGE}))
    monkeypatch.setitem(
        SPECS, "x/painter", spec("x/painter", {"prompt": Field(STRING)}, {"images": ListOf(IMAGE)})
    )
    for name in ("x/image", "x/video"):
        roles = {"prompt": "prompt", "image_url": "image"}
        monkeypatch.setitem(SPECS, name, replace(SPECS[name], roles=roles))


def film(override: str, uses: str = "./board.yaml") -> str:
    head = f"callsheet: 1\nnodes:\n  b:\n    uses: {uses}\n    override: {override}\n"
    return head + "outputs: {b: '${{ b.frames }}'}\n"


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(d.code, d.span.text, d.message) for d in report.sorted()]


def test_options_of_one_node(graph: Make) -> None:
    text = film("{keyframe: {takes: 1, approve: true, cache: refresh, retry: {attempts: 5, delay: 2}}}")
    found = graph(text, **{"board.yaml": BOARD})
    options = found.instances['b/keyframe["dawn"]'].options
    assert (options.takes, options.approve, options.cache, options.attempts) == (1, True, "refresh", 5)
    assert options.pause.delay == 2
    assert found.instances['b/clip["dawn"]'].options.approve is False


def test_what_is_not_set_stays(graph: Make) -> None:
    plain = graph(film("{}"), **{"board.yaml": BOARD})
    changed = graph(film("{clip: {retry: 2}}"), **{"board.yaml": BOARD})
    assert list(plain.instances) == list(changed.instances)
    for address, instance in plain.instances.items():
        assert instance.params == changed.instances[address].params
    assert changed.instances['b/keyframe["dawn"]#2'].take.of == 2


def test_another_model_takes_parameters_by_name_and_role(graph: Make) -> None:
    found = graph(film("{clip: {uses: x/other, with: {length: 9}}}"), **{"board.yaml": BOARD})
    clip = found.instances['b/clip["dawn"]']
    assert clip.spec.uses == "x/other" and sorted(clip.params) == ["duration", "first", "length", "text"]
    assert clip.params["length"] == 9 and clip.params["text"] == "a"
    assert [other.spec.uses for other in clip.alternatives] == ["x/other"]


@pytest.mark.parametrize("written", ["seed", "number"])
def test_null_leaves_a_parameter_out_by_each_of_its_names(
    graph: Make, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setitem(SPECS, "x/image", replace(SPECS["x/image"], aliases={"number": "seed"}))
    for name in ("seed", "number"):
        board = BOARD.replace("seed: 7", f"{name}: 7")
        found = graph(film(f"{{keyframe: {{with: {{{written}: null}}}}}}"), **{"board.yaml": board})
        assert "seed" not in found.instances['b/keyframe["dawn"]'].params


def test_null_leaves_a_parameter_out(read: Read) -> None:
    found, report = read(
        film("{keyframe: {with: {seed: null}}, clip: {uses: x/strict, with: {style: ink, duration: null}}}"),
        **{"board.yaml": BOARD},
    )
    assert found is not None and not report.found
    assert list(found.instances['b/keyframe["dawn"]'].params) == ["prompt"]
    assert sorted(found.instances['b/clip["dusk"]'].params) == ["image_url", "prompt", "style"]


def test_its_alternatives_are_those_of_the_recipe(graph: Make) -> None:
    """They take over what the recipe wrote, not what the override left of it."""
    override = "{clip: {uses: x/strict, with: {style: ink, duration: 6s}, takes: 2}}"
    clip = graph(film(override), **{"board.yaml": BOARD}).instances['b/clip["dawn"]#2']
    assert clip.params["duration"] == "6s" and clip.params["style"] == "ink"
    assert clip.alternatives[0].params["duration"] == "4s"


def test_two_uses_differ(graph: Make) -> None:
    text = """
callsheet: 1
nodes:
  a: {uses: ./board.yaml, override: {keyframe: {uses: x/painter}}}
  b: {uses: ./board.yaml}
  c: {uses: ./board.yaml, override: {keyframe: {uses: x/painter, takes: 1}}}
outputs: {all: "${{ a.frames }}"}
"""
    found = graph(text, **{"board.yaml": BOARD})
    used = {a: i.spec.uses for a, i in found.instances.items() if '/keyframe["dawn"]' in a}
    assert used == {
        'a/keyframe["dawn"]': "x/painter",
        'a/keyframe["dawn"]#2': "x/painter",
        'b/keyframe["dawn"]': "x/image",
        'b/keyframe["dawn"]#2': "x/image",
        'c/keyframe["dawn"]': "x/painter",
    }


def test_through_a_recipe_in_a_recipe(graph: Make) -> None:
    """What the outer user sets wins over what the recipe between sets; the rest of that stays."""
    text = film("{board/keyframe: {takes: 1}, board/clip: {cache: off}}", "./outer.yaml").replace(
        "b.frames", "b.last"
    )
    found = graph(text, **{"board.yaml": BOARD, "outer.yaml": OUTER})
    keyframe = found.instances['b/board/keyframe["dawn"]']
    assert (keyframe.options.takes, keyframe.options.attempts) == (1, 4)
    assert found.instances['b/board/clip["dusk"]'].options.cache == "off"
    plain = graph(
        film("{}", "./outer.yaml").replace("b.frames", "b.last"), **{"board.yaml": BOARD, "outer.yaml": OUTER}
    )
    assert plain.instances['b/board/keyframe["dawn"]#3'].take.of == 3


def test_a_recipe_takes_cache_and_retry(graph: Make) -> None:
    text = film("{board: {cache: refresh, retry: 2}}", "./outer.yaml").replace("b.frames", "b.last")
    found = graph(text, **{"board.yaml": BOARD, "outer.yaml": OUTER})
    assert found.instances['b/board/clip["dusk"]'].options.cache == "refresh"
    assert found.instances['b/board/keyframe["dawn"]'].options.attempts == 4


def test_a_chosen_model_is_replaced(graph: Make) -> None:
    chooses = BOARD.replace("uses: x/video", 'uses: "${{ shot.model }}"').replace(
        "prompt: string}", "prompt: string, model: {enum: [x/video, x/strict], default: x/video}}"
    )
    chooses = chooses.replace("    fallback: [{uses: x/other}]\n", "").replace(", duration: 4s", "")
    chooses = chooses.replace("model: {enum: [x/video, x/strict]", "model: {enum: [x/video]")
    clip = graph(film("{clip: {uses: x/other}}"), **{"board.yaml": chooses}).instances['b/clip["dawn"]']
    assert clip.spec.uses == "x/other" and sorted(clip.params) == ["first", "text"]


class TestWhatDoesNotFit:
    """Said at the override, with the node inside."""

    def test_an_output_that_others_need(self, read: Read) -> None:
        _, report = read(film("{keyframe: {uses: x/one}}"), **{"board.yaml": BOARD})
        found = [d for d in report.sorted() if d.code == "unknown-field"]
        assert {(d.code, d.span.text) for d in found} == {("unknown-field", "x/one")}
        assert [d.message.partition(":")[0] for d in found] == [
            "in `clip`, which uses `keyframe`",
            "in the output `frames`, which uses `keyframe`",
        ]
        assert any("board.yaml:14:" in note for note in found[0].notes)

    def test_a_parameter_that_it_needs(self, read: Read) -> None:
        _, report = read(film("{clip: {uses: x/strict}}"), **{"board.yaml": BOARD})
        assert told(report) == [
            (
                "fallback-dropped",
                "x/strict",
                "`x/strict` takes no such `duration` (4s), so it would be made without",
            ),
            ("missing-parameter", "x/strict", "`style` (string) is missing"),
        ]

    def test_takes_of_a_local_node(self, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(SPECS, "x/concat", replace(SPECS["x/concat"], provider="local"))
        _, report = read(film("{film: {takes: 2}}"), **{"board.yaml": BOARD})
        assert told(report) == [
            ("bad-option", "film", "in `film`: every take of `x/concat` would be the same")
        ]

    def test_a_local_node_in_place_of_another(self, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("x/video", "x/strict"):
            monkeypatch.setitem(SPECS, name, replace(SPECS[name], provider="local"))
        _, report = read(film("{clip: {uses: x/strict}}"), **{"board.yaml": BOARD})
        assert "fallback-dropped" in [code for code, *_ in told(report)]

    def test_its_own_mistake_of_a_recipe_stays_there(self, read: Read) -> None:
        """An error that has nothing to do with the override is shown in the recipe."""
        broken = BOARD.replace("outputs: {", "outputs: {wrong: '${{ nothing.at_all }}', ")
        _, report = read(film("{clip: {uses: x/other}}"), **{"board.yaml": broken})
        places = [(d.code, d.span.source.path.name) for d in report.sorted() if d.severity == "error"]
        assert places == [("undefined-name", "board.yaml")]


@pytest.mark.parametrize(
    ("override", "code", "marked", "says"),
    [
        ("[keyframe]", "bad-override", "[keyframe]", "a mapping from nodes"),
        ("{keyframe: 3}", "bad-override", "3", "is a mapping"),
        ("{keyfram: {takes: 2}}", "bad-override", "keyfram", "did you mean `keyframe`"),
        ("{keyframe/x: {takes: 2}}", "bad-override", "keyframe/x", "it uses `x/image`, which is no recipe"),
        ("{keyframe: {uses: x/imag}}", "unknown-uses", "x/imag", "x/image"),
        ("{keyframe: {uses: ./board.yaml}}", "bad-override", "./board.yaml", "name a model"),
        ("{keyframe: {uses: ./code.py#f}}", "bad-override", "./code.py#f", "name a model"),
        ('{keyframe: {uses: "${{ inputs.x }}"}}', "bad-override", '"${{ inputs.x }}"', "one model"),
        ('{keyframe: {with: {prompt: "${{ inputs.x }}"}}}', "bad-override", "inputs.x", "plain values"),
        ("{keyframe: {with: {image_urls: [./a.png]}}}", "bad-override", "[./a.png]", "input of the recipe"),
        ("{keyframe: {with: {promt: a}}}", "unknown-parameter", "promt", "did you mean `prompt`"),
        ("{keyframe: {with: {seed: many}}}", "parameter-type", "many", "integer"),
        ("{keyframe: {takes: 0}}", "bad-option", "0", "`takes`"),
        ("{keyframe: {timeout: 9}}", "unknown-key", "timeout", "an override has no key"),
    ],
)
def test_bad_overrides(read: Read, override: str, code: str, marked: str, says: str) -> None:
    found, report = read(film(override), **{"board.yaml": BOARD})
    errors = [d for d in report.sorted() if d.severity == "error"]
    assert found is None and [(d.code, d.span.text) for d in errors] == [(code, marked)]
    assert says in f"{errors[0].message} {errors[0].help}"
    assert errors[0].span.source.path.name == "film.yaml"


def test_everything_that_a_node_with_a_recipe_cannot_have(read: Read) -> None:
    """Each key is told at its place, and not one after the other."""
    text = film("{board: {takes: 2, approve: true, retry: 2}}", "./outer.yaml").replace("b.frames", "b.last")
    _, report = read(text, **{"board.yaml": BOARD, "outer.yaml": OUTER})
    assert [(d.span.text, d.message) for d in report.sorted()] == [
        ("2", "`takes` is for a single call, and `board` uses a recipe"),
        ("true", "`approve` is for a single call, and `board` uses a recipe"),
    ]


def test_only_nodes_that_use_a_recipe(errors: Callable[..., list[tuple[str, str]]]) -> None:
    text = "callsheet: 1\nnodes:\n  a: {uses: x/image, with: {prompt: p}, override: {b: {takes: 2}}}\n"
    assert errors(text) == [("bad-override", "b")]


class TestWhatARecipeLets:
    def closed(self, names: str) -> str:
        return BOARD.replace("callsheet: 1\n", f"callsheet: 1\noverride: {names}\n", 1)

    def test_only_what_it_names(self, read: Read) -> None:
        found, report = read(film("{clip: {retry: 2}}"), **{"board.yaml": self.closed("[clip]")})
        assert found is not None and not report.found
        _, report = read(film("{keyframe: {takes: 1}}"), **{"board.yaml": self.closed("[clip]")})
        assert [(d.span.text, d.message, d.help) for d in report.sorted()] == [
            ("keyframe", "the recipe does not let `keyframe` be overridden", "it lets `clip`")
        ]

    def test_nothing(self, read: Read) -> None:
        _, report = read(film("{clip: {retry: 2}}"), **{"board.yaml": self.closed("[]")})
        assert "it lets no node" in report.sorted()[0].help

    def test_in_recipes_in_recipes(self, read: Read) -> None:
        """The inner recipe has a say, and so has the one around it; `board` is all that is inside of it."""
        use = film("{board/keyframe: {takes: 1}}", "./outer.yaml").replace("b.frames", "b.last")
        cases = (
            ("[clip]", "[board]", False),
            ("[keyframe]", "[board]", True),
            ("[keyframe]", "[last]", False),
        )
        for inner, outer, fits in cases:
            around = OUTER.replace("callsheet: 1\n", f"callsheet: 1\noverride: {outer}\n", 1)
            found, _ = read(use, **{"board.yaml": self.closed(inner), "outer.yaml": around})
            assert (found is not None) is fits, (inner, outer)

    def test_a_name_that_it_does_not_have(self, read: Read) -> None:
        _, report = read(film("{}"), **{"board.yaml": self.closed("[clip, klip]")})
        assert [(d.span.text, d.help) for d in report.sorted()] == [("klip", "did you mean `clip`?")]


def test_keys_do_not_know_overrides(tmp_path: Path) -> None:
    """An override asks for the request that a recipe with these values written in it asks for."""
    (tmp_path / "callsheet.toml").touch()
    recipe = """
callsheet: 1
nodes:
  still: {uses: fal-ai/flux/dev, with: {prompt: a pier, seed: 3}}
outputs: {still: "${{ still.images }}"}
"""
    (tmp_path / "a.yaml").write_text(recipe)
    (tmp_path / "b.yaml").write_text(
        recipe.replace("fal-ai/flux/dev", "fal-ai/hunyuan-image/v3/text-to-image")
    )
    keys = []
    cases = {"{}": "a", "{still: {uses: fal-ai/flux/dev}}": "b", "{still: {retry: 2, approve: true}}": "a"}
    for override, name in cases.items():
        path = tmp_path / "film.yaml"
        path.write_text(film(override, f"./{name}.yaml").replace("b.frames", "b.still"))
        plan = callsheet.plan(path, tmp_path / "state")
        keys.append([forecast.key for forecast in plan.forecasts])
    assert keys[0] == keys[1] == keys[2] and keys[0][0]
