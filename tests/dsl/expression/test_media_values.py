"""What expressions read from media, and JSON text: of inputs and of outputs."""

import asyncio
import json
from pathlib import Path

import pytest
from PIL import Image

from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.expression.values import Absent, EvaluationError, NotYet, Pending
from callsheet.nodes.queue.request_body import MediaUrls, body
from callsheet.runtime import keys
from callsheet.runtime.graph.arguments import LocalFiles, value_of
from callsheet.spec.media import Artifact, Facts, UrlOf
from callsheet.spec.values import LocalFile, Ref, SecretName
from callsheet.testing.fakes import FakeInspector

HEAD = """\
callsheet: 1
inputs:
  hero: {type: image, default: ./hero.png}
  facts: {type: json, default: {b: [1, 2], a: é}}
  note: {type: string?}
nodes:
"""


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (64, 36)).save(tmp_path / "hero.png")


def prompt(graph, text, **more):
    g = graph(f'{HEAD}  card: {{uses: x/image, with: {{prompt: "{text}"}}}}\n', **more)
    return g.instances["card"].params["prompt"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("${{ inputs.hero.width }}x${{ inputs.hero.height }}", "64x36"),
        ("${{ inputs.hero.aspect }} ${{ inputs.hero.content_type }}", "16:9 image/png"),
        ("${{ inputs.hero.width // 2 }}!", "32!"),
        ("${{ inputs.facts | tojson }}", '{"a": "é", "b": [1, 2]}'),
        ("${{ [1.5, true, none] | tojson }}", "[1.5, true, null]"),
    ],
)
def test_inputs_are_read(graph, picture, text, expected):
    assert prompt(graph, text) == expected


def test_a_file_is_read_once_for_all_instances(graph, picture, monkeypatch):
    from callsheet.nodes.media import inspector

    read, probe = [], inspector.MediaInspector.probe
    monkeypatch.setattr(
        inspector.MediaInspector, "probe", lambda self, path: (read.append(path), probe(self, path))[1]
    )
    axis = HEAD.replace("nodes:", "axes: {n: [1, 2, 3]}\nnodes:")
    graph(f'{axis}  card: {{each: n, uses: x/image, with: {{prompt: "${{{{ inputs.hero.width }}}}x"}}}}\n')
    assert len(read) == 1


@pytest.mark.parametrize(
    "text, said",
    [
        ("${{ inputs.hero.seconds }}", "an image has no `seconds`"),
        ("${{ inputs.hero.url }}", "a local file of an input has no URL"),
        ("${{ inputs.facts.x | tojson }}.", "there is no `x`"),
        ("${{ [inputs.facts.x] | tojson }}.", "there is no `x`"),
        ("${{ inputs.note | tojson }}.", "`note` was not given, so no filter but `default` can use it"),
        ("${{ inputs.hero | tojson }}", "`tojson` takes values without media, not an image"),
        ("${{ inputs.facts | tojson | upper | tojson | first }}", "`first` takes a list, not text"),
        ("${{ inputs.facts.a | int }}.", '`int` cannot be used on the text "é"'),
        ("${{ inputs.facts.b | map('upper') }}.", "`upper` cannot be used on a number"),
        ("${{ [1, 'a'] | sum }}.", "`sum` cannot be used on a list with such elements"),
        ("${{ [] | max }}.", "`max` cannot be used on an empty list"),
        ("a ${{ 1 if inputs.facts.a == 'b' else [1] }}", "a list"),
        ("a ${{ inputs.facts.a | default([1]) }}", "a list"),
        ("${{ 'a' if none else 'b' }}", "condition"),
    ],
)
def test_what_has_no_such_value_says_so(read, picture, text, said):
    _, report = read(f'{HEAD}  card: {{uses: x/image, with: {{prompt: "{text}"}}}}\n')
    assert [said in d.message for d in report.sorted() if d.severity == "error"] == [True]


@pytest.mark.parametrize("fact", ["width", "content_type", "file_name"])
def test_facts_behind_a_url_are_not_known(read, fact):
    node = f'  card: {{uses: x/image, with: {{prompt: "${{{{ inputs.hero.{fact} }}}} wide"}}}}\n'
    _, report = read(HEAD + node, sets={"hero": "https://a.b/c.png"})
    (problem,) = [d for d in report.sorted() if d.severity == "error"]
    assert f"`{fact}` of a file behind a URL is not known" in problem.message


def test_the_url_of_an_input_behind_a_url_is_that_url(graph):
    address = "https://a.b/c.png"
    assert prompt(graph, "${{ inputs.hero.url }}", sets={"hero": address}) == address


def test_a_url_is_for_text_parameters_of_models(read, picture):
    nodes = """\
  card: {uses: x/image, with: {prompt: a}}
  clip: {uses: x/video, with: {prompt: "${{ card.images[0].url }}", image_url: "${{ card.images[0].url }}"}}
"""
    _, report = read(HEAD + nodes)
    errors = [(d.code, d.help) for d in report.sorted() if d.severity == "error"]
    assert errors == [("media-kind", "the medium passes its URL by itself: drop `.url`")]
    good, _ = read(HEAD + nodes.replace('[0].url }}"}}', '[0] }}"}}'))
    assert good.instances["clip"].params["prompt"] == Ref("card", ("images", 0, "url"))


@pytest.mark.parametrize(
    "text",
    ["see ${{ %s }}", "${{ %s | upper }}", "${{ %s ~ '' }}", "${{ 'a' if %s == 'b' else 'c' }}"],
)
def test_a_url_is_passed_on_and_never_computed_with(read, picture, text):
    nodes = """\
  card: {uses: x/image, with: {prompt: a}}
  clip: {uses: x/video, with: {prompt: "%s", image_url: "${{ card.images[0] }}"}}
"""
    _, report = read(HEAD + nodes % text % "card.images[0].url")
    assert [d.code for d in report.sorted() if d.severity == "error"] == ["text-value"]
    kept = "${{ (card.images.url | first) if true else 'x' }}"
    assert read(HEAD + nodes % kept)[0] is not None


@pytest.mark.parametrize(
    "value, marked",
    [
        ("${{ [card.images[0], clip.video] }}", "clip.video"),
        ("${{ card.images + [clip.video] }}", "[clip.video]"),
        ("${{ [clip.video if inputs.facts.a == 'b' else card.images[0]] }}", "clip.video"),
        ("${{ [card.images[0] | default(clip.video)] }}", "clip.video"),
        ("${{ card.images + ['./hero.png'] }}", "['./hero.png']"),
    ],
)
def test_media_of_another_kind_in_a_list_are_refused_before_the_run(read, picture, value, marked):
    nodes = """\
  card: {uses: x/image, with: {prompt: a}}
  clip: {uses: x/video, with: {prompt: a, image_url: "${{ card.images[0] }}"}}
  sheet: {uses: x/image, with: {prompt: p, image_urls: "%s"}}
"""
    _, report = read(HEAD + nodes % value)
    assert [(d.code, d.span.text) for d in report.sorted() if d.severity == "error"] == [
        ("media-kind", marked)
    ]
    assert read(HEAD + nodes % "${{ card.images + [inputs.hero] }}")[0] is not None


MADE = Artifact("image", Path("made.png"), "d" * 64, Facts(width=8, height=8), url="https://a.b/made.png")


def test_a_url_counts_in_keys_as_the_medium_and_is_sent_as_text():
    files = LocalFiles(FakeInspector())
    url = value_of(Ref("card", ("images", 0, "url")), {"card": {"images": [MADE]}}, files)
    assert isinstance(url, UrlOf) and keys.tagged(url) == keys.tagged(MADE)
    media = MediaUrls(upload=lambda path: pytest.fail("uploaded"), is_there=_yes, uploads={})
    assert json.loads(asyncio.run(body({"text": url}, media))) == {"text": "https://a.b/made.png"}
    kind = value_of(Ref("card", ("images", "content_type")), {"card": {"images": [MADE]}}, files)
    assert kind == ["image/png"]


async def _yes(url: str) -> bool:
    return True


def test_json_ends_where_texts_do():
    tojson = FILTERS["tojson"]
    assert tojson({"b": Absent("no"), "a": [Absent("no"), 1]}) == '{"a": [1]}'
    for hidden in (SecretName("KEY"), LocalFile("image", Path("a.png")), MADE):
        with pytest.raises(EvaluationError) as error:
            tojson({"a": [hidden]})
        assert error.value.problem.code == "text-value" and "KEY" not in error.value.problem.message
    with pytest.raises(NotYet):
        tojson({"a": [Pending(Ref("x", ("y",)))]})
    with pytest.raises(EvaluationError) as error:
        tojson(["x" * 1000] * 1000)
    assert error.value.problem.code == "expression-too-large"
