"""Recipes: pipelines put in as one node, as a user sees them in graphs and messages."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.dynamic_list import list_value
from callsheet.dsl.graph import Graph
from callsheet.dsl.resolve.recipe_files import LocalRecipes
from callsheet.dsl.values.origin import Origin
from callsheet.errors import NodeError
from callsheet.spec.rules.rule import Problem
from callsheet.spec.values import Deferred, LocalFile, Ref

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32

BOARD = """
callsheet: 1
inputs:
  style: {type: string}
  hero: {type: string, default: a dog}
  portrait: {type: image?}
  shots: {type: list, items: {id: string, prompt: string, motion: {type: string, default: slow}}}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  frame:
    each: shot
    uses: x/image
    with: {prompt: "${{ inputs.hero }}, ${{ shot.prompt }}, ${{ inputs.style }}"}
  clip:
    each: shot
    when: ${{ not axis.shot.last }}
    uses: x/video
    with:
      prompt: ${{ shot.motion }}
      image_url: ${{ frame.images[0] }}
      end_url: ${{ next(frame).images[0] }}
  film: {uses: x/concat, with: {videos: "${{ clip.video }}"}}
outputs:
  film: ${{ film.video }}
  frames: ${{ frame.images | map("first") }}
  last: ${{ frame[-1].images[0] }}
"""
SHOTS = "[{id: dawn, prompt: sun up}, {id: noon, prompt: heat, motion: fast}, {id: dusk, prompt: sun down}]"
USE = f"""
callsheet: 1
nodes:
  act1:
    uses: ./board.yaml
    with: {{style: noir, shots: {SHOTS}}}
  again: {{uses: x/concat, with: {{videos: ["${{{{ act1.film }}}}"]}}}}
outputs:
  film: ${{{{ again.video }}}}
"""
ACTS = f"""
callsheet: 1
axes:
  act: {{over: [{{id: one, style: noir}}, {{id: two, style: pop}}], key: "${{{{ act.id }}}}"}}
nodes:
  part:
    each: act
    uses: ./board.yaml
    with: {{style: "${{{{ act.style }}}}", shots: {SHOTS}}}
"""
Make = Callable[..., Graph]
Read = Callable[..., tuple[Graph | None, Report]]


def board(text: str = BOARD) -> dict[str, str]:
    return {"board.yaml": text}


def said(report: Report) -> list[tuple[str, str, str]]:
    """(code, place without folder, notes) of every error."""
    return [
        (d.code, d.span.place.rsplit("/", 1)[-1], "; ".join(_short(note) for note in d.notes))
        for d in report.sorted()
        if d.severity == "error"
    ]


def _short(note: str) -> str:
    word, _, rest = note.partition("used at ")
    return word + "used at " + ", ".join(p.rsplit("/", 1)[-1] for p in rest.split(", ")) if rest else note


class TestExpansion:
    def test_addresses_begin_with_the_node(self, graph: Make) -> None:
        found = graph(USE, **board())
        assert list(found.instances) == [
            'act1/frame["dawn"]',
            'act1/frame["noon"]',
            'act1/frame["dusk"]',
            'act1/clip["dawn"]',
            'act1/clip["noon"]',
            "act1/film",
            "again",
        ]
        assert found.skipped == ('act1/clip["dusk"]',)
        clip = found.instances['act1/clip["dawn"]']
        assert (clip.node, clip.key) == ("act1/clip", ("dawn",))
        assert clip.params == {
            "prompt": "slow",
            "image_url": Ref('act1/frame["dawn"]', ("images", 0)),
            "end_url": Ref('act1/frame["noon"]', ("images", 0)),
        }
        assert found.instances['act1/frame["noon"]'].params == {"prompt": "a dog, heat, noir"}
        assert found.instances["again"].params == {"videos": [Ref("act1/film", ("video",))]}
        assert found.instances["again"].needs == ("act1/film",)

    def test_fans_out_inside_and_outside(self, graph: Make) -> None:
        found = graph(
            ACTS + '  whole: {uses: x/concat, with: {videos: "${{ part.film }}"}}\n'
            '  board: {uses: x/image, with: {prompt: p, image_urls: "${{ part[1].frames }}"}}\n',
            **board(),
        )
        clip = found.instances['part["two"]/clip["dawn"]']
        assert (clip.node, clip.key) == ("part/clip", ("two", "dawn"))
        assert found.instances['part["two"]/frame["dawn"]'].params == {"prompt": "a dog, sun up, pop"}
        films = [Ref(f'part["{act}"]/film', ("video",)) for act in ("one", "two")]
        assert found.instances["whole"].params == {"videos": films}
        frames = [Ref(f'part["two"]/frame["{s}"]', ("images", 0)) for s in ("dawn", "noon", "dusk")]
        assert found.instances["board"].params == {"prompt": "p", "image_urls": frames}

    def test_equals_the_same_nodes_written_out(self, graph: Make) -> None:
        written = graph(
            BOARD.replace("style: {type: string}", "style: noir").replace(
                "motion: {type: string, default: slow}}}",
                f"motion: {{type: string, default: slow}}}}, default: {SHOTS}}}",
            )
        )
        used = graph(USE, **board())
        inside = {a.removeprefix("act1/"): i for a, i in used.instances.items() if a.startswith("act1/")}
        assert list(inside) == list(written.instances)
        for address, instance in written.instances.items():
            assert repr(inside[address].params).replace("act1/", "") == repr(instance.params)
            assert tuple(n.removeprefix("act1/") for n in inside[address].needs) == instance.needs

    def test_neighbours_of_a_recipe(self, graph: Make) -> None:
        chain = """
callsheet: 1
axes: {n: "${{ range(3) }}"}
nodes:
  start: {uses: x/image, with: {prompt: p}}
  link:
    each: n
    uses: ./link.yaml
    with: {from: "${{ prev(link).end | default(start.images[0]) }}"}
  pick: {uses: x/frame, with: {video: "${{ at(link, 1).video }}"}}
  every:
    each: n
    uses: x/concat
    with: {videos: "${{ all(link).video }}"}
"""
        link = """
callsheet: 1
inputs: {from: {type: image}}
nodes:
  clip: {uses: x/video, with: {image_url: "${{ inputs.from }}"}}
  end: {uses: x/frame, with: {video: "${{ clip.video }}"}}
outputs: {video: "${{ clip.video }}", end: "${{ end.image }}"}
"""
        found = graph(chain, **{"link.yaml": link})
        starts = [found.instances[f'link["{i}"]/clip'].params["image_url"] for i in range(3)]
        assert starts == [
            Ref("start", ("images", 0)),
            Ref('link["0"]/end', ("image",)),
            Ref('link["1"]/end', ("image",)),
        ]
        assert found.instances["pick"].params == {"video": Ref('link["1"]/clip', ("video",))}
        assert len(found.instances['every["2"]'].params["videos"]) == 3  # type: ignore[arg-type]

    def test_a_chain_written_backwards(self, graph: Make) -> None:
        """What comes first in the file may need what comes last, through more uses than Python's stack has
        room for."""
        nodes = "".join(
            f"  n{i}: {{uses: ./one.yaml, with: {{image: '${{{{ n{i + 1}.image }}}}'}}}}\n"
            for i in range(300)
        )
        text = f"callsheet: 1\nnodes:\n{nodes}  n300: {{uses: ./one.yaml}}\n"
        one = """
callsheet: 1
inputs: {image: {type: image?}}
nodes:
  i: {uses: x/image, with: {prompt: p, image_urls: ["${{ inputs.image }}"]}}
outputs: {image: "${{ i.images[0] }}"}
"""
        found = graph(text, **{"one.yaml": one})
        assert found.instances["n0/i"].needs == ("n1/i",)
        assert found.instances["n300/i"].params == {"prompt": "p", "image_urls": []}

    def test_recipes_in_recipes(self, graph: Make) -> None:
        middle = f"""
callsheet: 1
inputs: {{style: {{type: string}}}}
nodes:
  inner: {{uses: ../board.yaml, with: {{style: "${{{{ inputs.style }}}}", shots: {SHOTS}}}}}
outputs: {{film: "${{{{ inner.film }}}}"}}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: ./deep/middle.yaml, with: {style: ink}}
outputs: {f: "${{ a.film }}"}
"""
        found = graph(text, **board(), **{"deep/middle.yaml": middle})
        assert found.instances['a/inner/frame["dawn"]'].params == {"prompt": "a dog, sun up, ink"}
        assert found.instances['a/inner/frame["dawn"]'].node == "a/inner/frame"
        assert found.outputs == {"f": Ref("a/inner/film", ("video",))}

    def test_when_needs_and_options_reach_inside(self, graph: Make) -> None:
        text = ACTS.replace(
            "    uses:", "    when: ${{ axis.act.first }}\n    needs: [first]\n    cache: refresh\n    uses:"
        )
        text += "  first: {uses: x/text, with: {prompt: p}}\n"
        text += "  last: {uses: x/text, with: {prompt: p}, needs: part}\n"
        inside = BOARD.replace("  film: {uses", "  film: {cache: off, uses")
        found = graph(text, **board(inside))
        assert found.skipped == ('part["two"]', 'part["one"]/clip["dusk"]')
        made = [a for a in found.instances if a.startswith("part")]
        assert all(a.startswith('part["one"]/') and "first" in found.instances[a].needs for a in made)
        assert set(made) == set(found.instances["last"].needs)
        assert found.instances['part["one"]/clip["dawn"]'].options.cache == "refresh"
        assert found.instances['part["one"]/film'].options.cache == "off"

    def test_a_skipped_recipe_is_absent(self, graph: Make) -> None:
        text = USE.replace("    uses: ./board", "    when: false\n    uses: ./board")
        found = graph(text, **board())
        assert list(found.instances) == ["again"] and found.instances["again"].params == {"videos": []}

    def test_lists_come_from_files_beside_whoever_names_them(self, graph: Make) -> None:
        recipe = BOARD.replace("default: slow}}}", "default: slow}}, default: ./own.csv}")
        text = """
callsheet: 1
nodes:
  default: {uses: ./deep/board.yaml, with: {style: s}}
  given: {uses: ./deep/board.yaml, with: {style: s, shots: ./mine.csv}}
"""
        csv = "id,prompt\n{0},one\nlast,two\n"
        found = graph(
            text,
            **{"deep/board.yaml": recipe, "deep/own.csv": csv.format("own"), "mine.csv": csv.format("mine")},
        )
        assert found.instances['default/clip["own"]'].params["prompt"] == "slow"
        assert found.instances['given/clip["mine"]'].params["prompt"] == "slow"

    def test_what_was_read_is_known(self, graph: Make, tmp_path: Path) -> None:
        recipe = BOARD.replace("default: slow}}}", "default: slow}}, default: ./own.csv}")
        found = graph(
            USE.replace(f", shots: {SHOTS}", ""), **board(recipe), **{"own.csv": "id,prompt\na,b\n"}
        )
        assert set(found.files) == {tmp_path / name for name in ("film.yaml", "board.yaml", "own.csv")}

    def test_media_are_files_beside_whoever_names_them(self, graph: Make, tmp_path: Path) -> None:
        recipe = """
callsheet: 1
inputs: {portrait: {type: image, default: ./own.png}}
nodes:
  i: {uses: x/image, with: {prompt: p, image_urls: ["${{ inputs.portrait }}"]}}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: ./deep/r.yaml}
  b: {uses: ./deep/r.yaml, with: {portrait: ./mine.png}}
"""
        found = graph(text, **{"deep/r.yaml": recipe, "deep/own.png": PNG, "mine.png": PNG})
        assert found.instances["a/i"].params["image_urls"] == [LocalFile("image", tmp_path / "deep/own.png")]
        assert found.instances["b/i"].params["image_urls"] == [LocalFile("image", tmp_path / "mine.png")]


class TestLateInputs:
    """Inputs that are outputs of other nodes."""

    def test_text_is_pasted_during_the_run(self, graph: Make) -> None:
        text = USE.replace("style: noir", "style: '${{ writer.text }} film', hero: '${{ writer.data.hero }}'")
        found = graph(
            text.replace("nodes:\n", "nodes:\n  writer: {uses: x/text, with: {prompt: p}}\n"), **board()
        )
        frame = found.instances['act1/frame["dawn"]']
        assert frame.needs == ("writer",)
        prompt = frame.params["prompt"]
        assert isinstance(prompt, Deferred)
        came = {"text": "noir", "data": {"hero": "a cat"}}
        assert prompt.compute(lambda ref: _at(came, ref)) == "a cat, sun up, noir film"
        assert found.instances['act1/clip["dawn"]'].needs == ('act1/frame["dawn"]', 'act1/frame["noon"]')

    def test_media_are_passed_on(self, graph: Make) -> None:
        recipe = """
callsheet: 1
inputs: {cast: {type: list, items: {name: string, face: image}}}
axes: {who: {over: "${{ inputs.cast }}", key: "${{ who.name }}"}}
nodes:
  clip: {each: who, uses: x/video, with: {image_url: "${{ who.face }}"}}
outputs: {faces: "${{ inputs.cast | map(attribute='face') }}", clips: "${{ clip.video }}"}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: x/image, with: {prompt: p}}
  b:
    uses: ./r.yaml
    with: {cast: [{name: ann, face: "${{ a.images[0] }}"}, {name: bo, face: "${{ a.images[1] }}"}]}
  c: {uses: x/image, with: {prompt: p, image_urls: "${{ b.faces }}"}}
  d: {uses: x/concat, with: {videos: "${{ b.clips }}"}}
"""
        found = graph(text, **{"r.yaml": recipe})
        assert found.instances['b/clip["bo"]'].params == {"image_url": Ref("a", ("images", 1))}
        assert found.instances["c"].params["image_urls"] == [Ref("a", ("images", i)) for i in (0, 1)]
        assert found.instances["d"].needs == ('b/clip["ann"]', 'b/clip["bo"]')

    def test_only_what_an_expression_reads_is_waited_for(self, graph: Make) -> None:
        recipe = """
callsheet: 1
inputs: {lines: {type: list, items: {who: string, text: string}}}
axes: {line: {over: "${{ inputs.lines }}", key: "${{ line.who }}"}}
nodes:
  say: {each: line, uses: x/text, with: {prompt: "say ${{ line.text }} (${{ inputs.lines[0].text }})"}}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: x/text, with: {prompt: p}}
  b: {uses: x/text, with: {prompt: p}}
  c: {uses: x/text, with: {prompt: p}}
  talk: {uses: ./r.yaml, with: {lines: [
    {who: a, text: "${{ a.text }}"}, {who: b, text: "so ${{ b.text }}"}, {who: c, text: "${{ c.text }}"}]}}
"""
        found = graph(text, **{"r.yaml": recipe})
        say = found.instances['talk/say["b"]']
        assert say.needs == ("a", "b")
        prompt = say.params["prompt"]
        assert isinstance(prompt, Deferred)
        came = {"a": {"text": "hi"}, "b": {"text": "ho"}}
        assert prompt.compute(lambda ref: _at(came[ref.address], ref)) == "say so ho (hi)"

    def test_what_does_not_fit_fails_the_instance(self, graph: Make) -> None:
        recipe = """
callsheet: 1
inputs: {how: {enum: ["4s", "8s"]}, image: {type: image}}
nodes:
  clip: {uses: x/video, with: {image_url: "${{ inputs.image }}", duration: "${{ inputs.how }}"}}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: x/text, with: {prompt: p}}
  i: {uses: x/image, with: {prompt: p}}
  b: {uses: ./r.yaml, with: {image: "${{ i.images[0] }}", how: "${{ a.text }}s"}}
"""
        duration = graph(text, **{"r.yaml": recipe}).instances["b/clip"].params["duration"]
        assert isinstance(duration, Deferred)
        assert duration.compute(lambda _: "8") == "8s"
        with pytest.raises(NodeError, match='"9s" is not one of'):
            duration.compute(lambda _: "9")

    def test_text_of_a_model_is_never_media(self, read: Read) -> None:
        recipe = """
callsheet: 1
inputs: {address: {type: string}, faces: {type: list, items: {at: string}, default: []}}
axes: {face: "${{ inputs.faces }}"}
nodes:
  clip: {uses: x/video, with: {image_url: "${{ inputs.address }}"}}
  more: {each: face, uses: x/video, with: {image_url: "${{ face.at }}"}}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: x/text, with: {prompt: p}}
  good: {uses: ./r.yaml, with: {address: "https://example.org/a.png", faces: [{at: "https://example.org/b.png"}]}}
  bad: {uses: ./r.yaml, with: {address: "${{ a.text }}", faces: [{at: "${{ a.text }}"}]}}
"""
        _, report = read(text, **{"r.yaml": recipe})
        assert said(report) == [
            ("media-kind", "r.yaml:6:48", "used at film.yaml:6:15"),
            ("media-kind", "r.yaml:7:60", "used at film.yaml:6:15"),
        ]

    def test_when_and_keys_need_known_values(self, read: Read) -> None:
        recipe = BOARD.replace("not axis.shot.last", 'shot.motion != "fast"')
        text = f"""
callsheet: 1
nodes:
  a: {{uses: x/text, with: {{prompt: p}}}}
  b: {{uses: ./board.yaml, with: {{style: s, shots: [{{id: x, prompt: p, motion: "${{{{ a.text }}}}"}}]}}}}
  c: {{uses: ./board.yaml, with: {{style: s, shots: [{{id: "${{{{ a.text }}}}", prompt: p}}]}}}}
  d: {{uses: ./board.yaml, with: {{style: s, shots: {SHOTS}}}}}
"""
        _, report = read(text, **board(recipe))
        assert said(report) == [
            ("late-value", "board.yaml:9:49", "used at film.yaml:6:13"),
            ("late-value", "board.yaml:17:15", 'in b/clip["x"]; used at film.yaml:5:13'),
        ]


def _at(came: object, ref: Ref) -> object:
    for step in ref.path:
        came = came[step]  # type: ignore[index]
    return came


class TestMessages:
    def test_an_error_inside_names_every_use_once(self, read: Read) -> None:
        recipe = BOARD.replace("prompt: ${{ shot.motion }}", "prompt: ${{ shot.moton }}\n      seed: 3")
        text = ACTS + f"  other: {{uses: ./board.yaml, with: {{style: s, shots: {SHOTS}}}}}\n"
        _, report = read(text, **board(recipe))
        assert said(report) == [
            ("unknown-field", "board.yaml:20:19", "used at film.yaml:8:11 and 1 more place"),
            ("unknown-parameter", "board.yaml:21:7", "used at film.yaml:8:11 and 1 more place"),
        ]

    def test_an_error_of_single_instances_counts_them(self, read: Read) -> None:
        recipe = (
            BOARD.replace("    when: ${{ not axis.shot.last }}\n", "")
            .replace("end_url: ${{ next(frame).images[0] }}", "image_url2: 1")
            .replace("image_url2: 1", "duration: ${{ shot.motion }}")
        )
        _, report = read(ACTS, **board(recipe))
        assert said(report) == [
            (
                "parameter-choice",
                "board.yaml:21:21",
                'in part["one"]/clip["dawn"] and 5 more; used at film.yaml:8:11',
            )
        ]

    def test_the_way_through_nested_recipes_is_shown(self, read: Read) -> None:
        outer = "callsheet: 1\nnodes:\n  mid: {uses: ./middle.yaml}\n"
        middle = "callsheet: 1\nnodes:\n  low: {uses: ./low.yaml}\n"
        low = "callsheet: 1\nnodes:\n  x: {uses: x/imag, with: {prompt: p}}\n"
        _, report = read(outer, **{"middle.yaml": middle, "low.yaml": low})
        assert said(report) == [("unknown-uses", "low.yaml:3:13", "used at middle.yaml:3:15, film.yaml:3:15")]

    @pytest.mark.parametrize(
        ("given", "code", "marked"),
        [
            ("{style: s}", "missing-parameter", "./board.yaml"),
            ("{style: s, shots: [], hreo: x}", "unknown-parameter", "hreo"),
            ("{style: 3, shots: []}", "parameter-type", "3"),
            ("{style: s, shots: x}", "input-value", "x"),
            ("{style: s, shots: ./none.csv}", "local-file", "./none.csv"),
            ("{style: s, shots: [{id: a}]}", "missing-parameter", "{id: a}"),
            ("{style: s, shots: [], portrait: '${{ other.text }}'}", "media-kind", "other.text"),
            ("{style: s, shots: '${{ other.text }}'}", "parameter-type", "other.text"),
        ],
    )
    def test_what_is_given_is_checked_at_the_use(
        self, errors: Callable[..., list[tuple[str, str]]], given: str, code: str, marked: str
    ) -> None:
        text = f"""
callsheet: 1
nodes:
  other: {{uses: x/text, with: {{prompt: p}}}}
  a: {{uses: ./board.yaml, with: {given}}}
"""
        assert errors(text, **board()) == [(code, marked)]

    def test_outputs_have_types(self, errors: Callable[..., list[tuple[str, str]]]) -> None:
        text = USE.replace("act1.film", "act1.frames") + "  other: ${{ act1.flim }}\n"
        assert errors(text, **board()) == [("parameter-type", "act1.frames"), ("unknown-field", "act1.flim")]

    def test_options_of_single_calls_are_refused(self, errors: Callable[..., list[tuple[str, str]]]) -> None:
        text = USE.replace("    uses: ./board", "    timeout: 5\n    retry: 2\n    uses: ./board")
        assert errors(text, **board()) == [("bad-option", "act1")]

    def test_recipes_that_wait_for_each_other(self, read: Read) -> None:
        recipe = """
callsheet: 1
inputs: {image: {type: image}}
nodes: {i: {uses: x/image, with: {prompt: p, image_urls: ["${{ inputs.image }}"]}}}
outputs: {image: "${{ i.images[0] }}"}
"""
        text = """
callsheet: 1
nodes:
  a: {uses: ./r.yaml, with: {image: "${{ b.image }}"}}
  b: {uses: ./r.yaml, with: {image: "${{ a.image }}"}}
"""
        _, report = read(text, **{"r.yaml": recipe})
        (found,) = report.sorted()
        assert found.code == "cycle" and "a → b → a" in found.message

    def test_a_circle_of_files_is_shown(self, read: Read) -> None:
        a = "callsheet: 1\nnodes:\n  x: {uses: ./b.yaml}\n"
        b = "callsheet: 1\nnodes:\n  y: {uses: ./a.yaml}\n"
        _, report = read("callsheet: 1\nnodes:\n  n: {uses: ./a.yaml}\n", **{"a.yaml": a, "b.yaml": b})
        (found,) = report.sorted()
        assert (found.code, found.span.place.rsplit("/")[-1]) == ("recipe-circle", "b.yaml:3:13")
        assert "a.yaml → b.yaml → a.yaml" in found.message

    def test_a_file_that_uses_itself(self, read: Read) -> None:
        _, report = read("callsheet: 1\nnodes:\n  n: {uses: ./film.yaml}\n")
        assert said(report) == [("recipe-circle", "film.yaml:3:13", "")]

    def test_recipes_nest_only_so_deep(self, read: Read) -> None:
        files = {f"r{i}.yaml": f"callsheet: 1\nnodes:\n  n: {{uses: ./r{i + 1}.yaml}}\n" for i in range(30)}
        files["r30.yaml"] = "callsheet: 1\nnodes:\n  n: {uses: x/image, with: {prompt: p}}\n"
        _, report = read("callsheet: 1\nnodes:\n  n: {uses: ./r0.yaml}\n", **files)
        assert [code for code, _, _ in said(report)] == ["recipe-circle"]
        # the deep end first, so that every single file was read before it is used too deep
        backwards = "".join(f"  n{i}: {{uses: ./r{i}.yaml}}\n" for i in range(30, -1, -1))
        _, report = read(f"callsheet: 1\nnodes:\n{backwards}", **files)
        assert {code for code, _, _ in said(report)} == {"recipe-circle"}

    def test_many_ways_to_one_recipe_are_read_quickly(self, read: Read) -> None:
        """Every level uses the next a hundred times; skipped, so that there is nothing to expand."""
        nodes = "".join(f"  n{i}: {{uses: ./r%d.yaml, when: false}}\n" for i in range(100))
        files = {f"r{i}.yaml": f"callsheet: 1\nnodes:\n{nodes.replace('%d', str(i + 1))}" for i in range(10)}
        files["r10.yaml"] = "callsheet: 1\nnodes:\n  n: {uses: x/image, with: {prompt: p}}\n"
        found, _ = read(f"callsheet: 1\nnodes:\n{nodes.replace('%d', '0')}", **files)
        assert found is not None and not found.instances

    def test_a_bomb_of_recipes_does_not_go_off(self, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("callsheet.dsl.expand.recipe_bodies.MAX_USES", 500)
        level = "callsheet: 1\naxes: {n: '${{ range(100) }}'}\nnodes:\n  n_: {each: n, uses: ./r%d.yaml}\n"
        files = {f"r{i}.yaml": level % (i + 1) for i in range(12)}
        files["r12.yaml"] = "callsheet: 1\nnodes:\n  n: {uses: x/image, with: {prompt: p}}\n"
        _, report = read(level % 0, **files)
        assert [code for code, _, _ in said(report)] == ["too-many-instances"]

    @pytest.mark.parametrize(
        "uses", ["../other.yaml", "./../../etc/passwd", "./none.yaml", "recipe/none", "./a\\0b"]
    )
    def test_only_recipes_that_are_there(self, read: Read, tmp_path: Path, uses: str) -> None:
        (tmp_path.parent / "other.yaml").write_text(BOARD)
        _, report = read(f'callsheet: 1\nnodes:\n  n: {{uses: "{uses}"}}\n')
        assert [code for code, _, _ in said(report)] == ["recipe-missing"]

    def test_a_default_matters_only_when_it_is_used(self, read: Read) -> None:
        recipe = BOARD.replace("default: slow}}}", "default: slow}}, default: ./none.csv}")
        given, report = read(USE, **board(recipe))
        assert given is not None and not report.failed
        _, report = read(USE.replace(f", shots: {SHOTS}", ""), **board(recipe))
        assert [(code, place.split(":")[0]) for code, place, _ in said(report)] == [
            ("local-file", "board.yaml")
        ]


def grown(graph: Graph, address: str, value: object) -> Graph:
    """The graph when `value` has come where the list at `address` is made from."""
    assert graph.dynamic is not None
    tree = graph.dynamic.pending[address].tree
    return graph.dynamic.extended({address: list_value(tree, lambda _: value)})


class TestListsThatCome:
    """Lists for a recipe's axes that are outputs: the recipe is put in when they are there."""

    FILM = """
callsheet: 1
nodes:
  script: {uses: x/script, with: {prompt: p}}
  act: {uses: ./board.yaml, with: {style: s, shots: "${{ script.shots }}"}}
  whole: {uses: x/concat, with: {videos: ["${{ act.film }}"]}}
outputs: {film: "${{ whole.video }}"}
"""
    SHOTS: ClassVar = [{"id": "dawn", "prompt": "p1"}, {"id": "dusk", "prompt": "p2", "motion": "fast"}]

    def test_a_recipe_waits_for_its_list(self, graph: Make) -> None:
        before = graph(self.FILM, **board())
        assert list(before.instances) == ["script"] and not before.outputs
        assert before.dynamic is not None
        (awaited,) = before.dynamic.pending.values()
        assert (awaited.address, awaited.needs) == ("act/shot", ("script",))
        assert before.dynamic.unknown_outputs == {"film": ("whole",)} and before.dynamic.providers == {"fal"}

    def test_and_is_put_in_with_it(self, graph: Make) -> None:
        before = graph(self.FILM, **board())
        assert before.dynamic is not None
        after = grown(before, "act/shot", self.SHOTS)
        assert after.dynamic is None and list(before.instances) == ["script"]
        assert set(after.instances) == {
            "script",
            'act/frame["dawn"]',
            'act/frame["dusk"]',
            'act/clip["dawn"]',
            "act/film",
            "whole",
        }
        assert after.instances['act/frame["dusk"]'].params == {"prompt": "a dog, p2, s"}
        assert after.instances['act/clip["dawn"]'].params["prompt"] == "slow"
        assert after.instances["whole"].params == {"videos": [Ref("act/film", ("video",))]}
        assert after.skipped == ('act/clip["dusk"]',)

    def test_one_after_the_other(self, graph: Make) -> None:
        """A recipe that ranges over what another gives is put in together with it; two lists come apart."""
        text = (
            self.FILM
            + """
axes: {n: [1, 2]}
"""
        ).replace(
            "  whole:",
            """  more:
    each: n
    uses: ./pairs.yaml
    with: {frames: "${{ act.frames }}"}
  other: {uses: x/script, with: {prompt: q}}
  last: {uses: ./board.yaml, with: {style: t, shots: "${{ other.shots }}"}}
  whole:""",
        )
        pairs = """
callsheet: 1
inputs: {frames: {type: "list[image]"}}
axes: {frame: "${{ inputs.frames }}"}
nodes: {clip: {each: frame, uses: x/video, with: {image_url: "${{ frame }}"}}}
"""
        before = graph(text, **board(), **{"pairs.yaml": pairs})
        assert before.dynamic is not None and set(before.dynamic.pending) == {"act/shot", "last/shot"}
        once = grown(before, "act/shot", self.SHOTS)
        assert once.instances['more["1"]/clip["1"]'].params == {
            "image_url": Ref('act/frame["dusk"]', ("images", 0))
        }
        assert once.dynamic is not None and set(once.dynamic.pending) == {"last/shot"}
        twice = grown(once, "last/shot", self.SHOTS[:1])
        assert 'last/frame["dawn"]' in twice.instances and twice.dynamic is None
        assert set(grown(before, "last/shot", self.SHOTS).instances) >= {"last/film"}

    def test_through_recipes_in_recipes(self, graph: Make) -> None:
        middle = """
callsheet: 1
inputs: {shots: {type: list, items: {id: string, prompt: string}}}
nodes: {inner: {uses: ./board.yaml, with: {style: s, shots: "${{ inputs.shots }}"}}}
outputs: {film: "${{ inner.film }}"}
"""
        text = self.FILM.replace("./board.yaml", "./middle.yaml").replace("style: s, ", "")
        before = graph(text, **board(), **{"middle.yaml": middle})
        assert before.dynamic is not None and set(before.dynamic.pending) == {"act/inner/shot"}
        after = grown(before, "act/inner/shot", self.SHOTS)
        assert after.instances["whole"].needs == ("act/inner/film",)

    def test_a_list_that_cannot_be_one(self, graph: Make) -> None:
        before = graph(self.FILM, **board())
        assert before.dynamic is not None
        for shots, message in (([*self.SHOTS, self.SHOTS[0]], "same key"), ("no list", "needs a list")):
            with pytest.raises(NodeError, match=message):
                grown(before, "act/shot", shots)
        prompt = grown(before, "act/shot", [{"id": "x"}]).instances['act/frame["x"]'].params["prompt"]
        assert isinstance(prompt, Deferred)
        with pytest.raises(NodeError, match="no `prompt`"):
            prompt.compute(lambda _: None)

    def test_a_list_that_is_made_inside(self, graph: Make) -> None:
        middle = """
callsheet: 1
nodes:
  script: {uses: x/script, with: {prompt: p}}
  inner: {uses: ./board.yaml, with: {style: s, shots: "${{ script.shots }}"}}
outputs: {film: "${{ inner.film }}"}
"""
        text = self.FILM.replace("./board.yaml", "./middle.yaml").replace(
            ', with: {style: s, shots: "${{ script.shots }}"}', ""
        )
        before = graph(text, **board(), **{"middle.yaml": middle})
        assert list(before.instances) == ["script", "act/script"]
        assert before.dynamic is not None and set(before.dynamic.pending) == {"act/inner/shot"}
        after = grown(before, "act/inner/shot", self.SHOTS)
        assert after.dynamic is None and after.instances["whole"].needs == ("act/inner/film",)


def test_a_recipe_from_elsewhere_cannot_use_the_short_names_of_a_project(tmp_path: Path) -> None:
    origin = Origin(tmp_path, tmp_path)
    own = LocalRecipes().find("recipe/house/board.yaml", origin)
    other = LocalRecipes().find("recipe/house/board.yaml", replace(origin, foreign=True))
    assert isinstance(own, Problem) and "in callsheet.toml" in own.help
    assert isinstance(other, Problem) and "from elsewhere" in other.message and "./board.yaml" in other.help
