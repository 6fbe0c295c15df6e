"""`uses: ${{ … }}`: a model for each instance, among names that the file declares."""

from pathlib import Path

import pytest

from callsheet import check, plan
from callsheet.runtime.substitute import substitute

PIKA, KLING = "fal-ai/pika/v2.2/image-to-video", "fal-ai/kling-video/v2.1/master/image-to-video"
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"
FALLBACK = "fallback: [{uses: media/nope}]"
FILM = f"""\
callsheet: 1
inputs:
  shots:
    type: list
    items: {{id: string, model: {{enum: [{PIKA}, {KLING}], default: {PIKA}}}}}
    default: [{{id: a}}, {{id: b, model: {KLING}}}]
axes: {{shot: {{over: "${{{{ inputs.shots }}}}", key: "${{{{ shot.id }}}}"}}}}
nodes:
  still: {{uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: x}}}}
  clip:
    each: shot
    uses: ${{{{ shot.model }}}}
    with: {{image_url: "${{{{ still.images[0] }}}}", prompt: "${{{{ shot.id }}}}"}}
  film: {{uses: media/concat, with: {{videos: "${{{{ clip.video }}}}"}}}}
outputs: {{film: "${{{{ film.video }}}}"}}
"""


@pytest.fixture
def said(in_folder):
    def said(text, sets=None):
        Path("film.yaml").write_text(text)
        found = check("film.yaml", sets or {})
        return found.graph, [(d.code, d.message, d.help) for d in found.diagnostics]

    return said


def models(graph, node):
    return [i.spec.uses for i in graph.instances.values() if i.node == node]


def test_each_instance_has_its_model(said, in_folder):
    graph, problems = said(FILM)
    assert problems == [] and models(graph, "clip") == [PIKA, KLING]
    assert [step.uses for step in plan(graph).steps if step.node == "clip"] == [PIKA, KLING]


@pytest.mark.parametrize(
    "uses, expected",
    [
        (f"${{{{ '{PIKA}' if shot.id == 'a' else '{KLING}' }}}}", [PIKA, KLING]),
        (f"${{{{ shot.model | default('{KLING}') }}}}", [PIKA, KLING]),
        ("${{ inputs.shots[shot.id].model }}", [PIKA, KLING]),
        ("${{ next(shot, wrap=true).model }}", [KLING, PIKA]),
    ],
)
def test_names_may_stand_in_the_expression(said, uses, expected):
    graph, problems = said(FILM.replace("${{ shot.model }}", uses))
    assert problems == [] and models(graph, "clip") == expected


def test_a_list_of_names_is_an_axis_of_models(said):
    text = f"""\
callsheet: 1
axes: {{model: [{PIKA}, {KLING}]}}
nodes:
  still: {{uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: x}}}}
  cell:
    each: model
    uses: ${{{{ model }}}}
    with: {{image_url: "${{{{ still.images[0] }}}}", prompt: p}}
  wall: {{uses: media/grid, with: {{videos: "${{{{ cell.video }}}}"}}}}
"""
    graph, problems = said(text)
    assert problems == [] and models(graph, "cell") == [PIKA, KLING]
    assert graph.instances["wall"].needs == ('cell["0"]', 'cell["1"]')


def test_a_list_input_declares_its_models_by_the_choices_of_its_items(said):
    text = f"""\
callsheet: 1
inputs: {{models: {{type: list, items: {{enum: [{PIKA}, {KLING}]}}, default: [{KLING}, {PIKA}]}}}}
axes: {{model: {{over: "${{{{ inputs.models }}}}"}}}}
nodes:
  still: {{uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: x}}}}
  cell:
    each: model
    uses: ${{{{ model }}}}
    with: {{image_url: "${{{{ still.images[0] }}}}", prompt: p}}
  best:
    uses: ${{{{ inputs.models | first }}}}
    with: {{image_url: "${{{{ still.images[0] }}}}", prompt: p}}
outputs: {{cells: "${{{{ cell.video }}}}", best: "${{{{ best.video }}}}"}}
"""
    graph, problems = said(text)
    assert problems == [] and models(graph, "cell") == [KLING, PIKA] and models(graph, "best") == [KLING]
    _, problems = said(text, {"models": "[fal-ai/nope]"})
    assert [code for code, *_ in problems] == ["input-value"]


def test_every_model_is_checked(said):
    _, problems = said(FILM.replace('prompt: "${{ shot.id }}"', "prompt: p, motion_mode: slow"))
    assert {message for _, message, _ in problems} >= {
        f"with `{KLING}`: `{KLING}` has no parameter `motion_mode`"
    }
    _, problems = said(FILM.replace("image_url:", "image:"))
    assert {message for _, message, _ in problems} >= {
        f"with `{PIKA}`: `{PIKA}` has no parameter `image`",
        f"with `{KLING}`: `{KLING}` has no parameter `image`",
    }
    _, problems = said(FILM.replace("${{ still.images[0] }}", "${{ still.nope }}"))
    assert [message for _, message, _ in problems] == ["`still` has no output `nope`"]


def test_media_get_the_name_that_each_model_has_for_them(said):
    film = FILM.replace(f"[{PIKA}, {KLING}]", f"[{PIKA}, {VEO}]").replace(f"model: {KLING}", f"model: {VEO}")
    last = 'prompt: p, last_frame_url: "${{ still.images[0] }}"'
    graph, problems = said(film.replace('prompt: "${{ shot.id }}"', last))
    assert graph is None and [m for _, m, _ in problems if "last_frame_url" in m and PIKA in m]
    graph, problems = said(film)
    assert [m for _, m, _ in problems] == [f"with `{VEO}`: `last_frame_url` (image) is missing"]


@pytest.mark.parametrize(
    "change, code, told, hint",
    [
        (("${{ shot.model }}", "${{ shot.id }}"), "unknown-uses", "any text", "enum:"),
        (("${{ shot.model }}", "${{ still.seed }}"), "unknown-uses", "decided before the run", "declares"),
        (("${{ shot.model }}", "${{ shot.modle }}"), "unknown-field", "no `modle`", "did you mean `model`?"),
        (("${{ shot.model }}", "${{ 'fal-ai/nope' }}"), "unknown-uses", "called `fal-ai/nope`", ""),
        (("${{ shot.model }}", "${{ './a.yaml' }}"), "unknown-uses", "`./a.yaml` is a file", "two nodes"),
        (("${{ shot.model }}", "x${{ shot.model }}"), "unknown-uses", "any text", "enum:"),
        ((f"model: {KLING}}}]", "model: fal-ai/nope}]"), "input-value", 'not one of "fal-ai/pika', ""),
        (("each: shot\n", f"each: shot\n    {FALLBACK}\n"), "unknown-uses", "no `fallback`", "media/pick"),
    ],
)
def test_what_cannot_be_chosen_is_refused(said, change, code, told, hint):
    graph, problems = said(FILM.replace(*change))
    assert graph is None
    assert any(c == code and told in message and hint in helped for c, message, helped in problems), problems


def test_a_list_that_a_model_writes_chooses_nothing(said):
    text = FILM.replace('over: "${{ inputs.shots }}"', 'over: "${{ script.shots }}", max: 3').replace(
        "nodes:\n",
        "nodes:\n  script: {uses: text/chat, with: {prompt: p, schema: {shots: {type: list, items: "
        f"{{id: string, model: {{enum: [{PIKA}, {KLING}]}}}}}}}}}}}}\n",
    )
    graph, problems = said(text)
    assert graph is None and any("`uses` is decided before the run" in message for _, message, _ in problems)


BOARD = FILM.replace(f"    default: [{{id: a}}, {{id: b, model: {KLING}}}]\n", "").replace(
    '"}}\nnodes', '", max: 3}}\nnodes'
)


@pytest.mark.parametrize(
    "shots, ok",
    [
        (f"[{{id: a, model: {PIKA}}}]", True),
        ("${{ script.shots }}", False),
        ("[{id: a, model: '${{ script.text }}'}]", False),
    ],
)
def test_nor_does_it_in_a_recipe(said, shots, ok):
    Path("board.yaml").write_text(BOARD)
    schema = "schema: {text: string, shots: {type: list, items: {id: string, model: string}, maximum: 3}}"
    text = f"""\
callsheet: 1
nodes:
  script: {{uses: text/chat, with: {{prompt: p, {schema}}}}}
  board: {{uses: ./board.yaml, with: {{shots: "{shots}"}}}}
"""
    text = text if "$" in shots.split("[")[0] else text.replace(f'"{shots}"', shots)
    graph, problems = said(text)
    assert (graph is not None) == ok
    assert ok or [(code, "before the run" in message) for code, message, _ in problems] == [
        ("unknown-uses", True)
    ]


def test_instances_that_may_come_are_priced_with_their_models(said, in_folder):
    pika, infinity = "fal-ai/pika/v2.2/text-to-video", "fal-ai/infinity-star/text-to-video"
    schema = "{shots: {type: list, items: {id: string}, maximum: 4}}"
    graph, problems = said(f"""\
callsheet: 1
axes:
  shot: {{over: "${{{{ script.shots }}}}", key: "${{{{ shot.id }}}}", max: 4}}
  model: [{pika}, {infinity}]
nodes:
  script: {{uses: text/chat, with: {{prompt: p, schema: {schema}}}}}
  clip: {{each: [shot, model], uses: "${{{{ model }}}}", with: {{prompt: p}}}}
""")
    assert problems == []
    unknown = {u.sample.spec.uses: (u.most, u.sample.address) for u in graph.dynamic.unknown()}
    assert unknown == {pika: (4, 'clip["…", "0"]'), infinity: (4, 'clip["…", "1"]')}
    (bound,) = plan(graph).pending
    film = "callsheet: 1\nnodes: {{a: {{uses: {}, with: {{prompt: p}}}}}}"
    alone = [plan(said(film.format(uses))[0]).cost.high for uses in (pika, infinity)]
    assert bound.most == 8 and bound.usd == pytest.approx(4 * sum(alone)) and min(alone) > 0


def test_the_key_is_that_of_a_node_that_names_the_model(said):
    pika, infinity = "fal-ai/pika/v2.2/text-to-video", "fal-ai/infinity-star/text-to-video"
    text = f"""\
callsheet: 1
axes: {{model: [{pika}, {infinity}]}}
nodes:
  cell: {{each: model, uses: "${{{{ model }}}}", with: {{prompt: p, seed: 3}}}}
  one: {{uses: {pika}, with: {{prompt: p, seed: 3}}}}
  two: {{uses: {infinity}, with: {{prompt: p, seed: 3}}}}
"""
    keys = {f.step.address: f.key for f in plan(said(text)[0]).forecasts}
    assert (keys['cell["0"]'], keys['cell["1"]']) == (keys["one"], keys["two"]) and keys["one"] != keys["two"]


def test_a_model_that_is_not_there_says_so(said):
    text = """\
callsheet: 1
axes: {model: [fal-ai/pika/v2.2/text-to-video, fal-ai/infinity-star/text-to-video]}
nodes:
  clip: {each: model, uses: "${{ next(model) }}", with: {prompt: p}}
"""
    graph, problems = said(text)
    assert graph is None and "no neighbour" in problems[0][1] and "default" in problems[0][2]
    graph, problems = said(text.replace("each: model", 'each: model, when: "${{ not axis.model.last }}"'))
    assert problems == [] and models(graph, "clip") == ["fal-ai/infinity-star/text-to-video"]


def test_lengths_fit_the_model_of_each_instance(said):
    text = FILM.replace('prompt: "${{ shot.id }}"', 'prompt: p, duration: "${{ fit_duration(6, clip) }}"')
    graph, problems = said(text)
    assert problems == [] or "longer than" in problems[0][1]
    if graph is not None:
        assert len({str(i.params["duration"]) for i in graph.instances.values() if i.node == "clip"}) == 2
    other = FILM.replace("prompt: x", 'prompt: x, seed: "${{ fit_duration(6, clip) }}"')
    assert any("chooses among several models" in message for _, message, _ in said(other)[1])


def test_another_model_takes_its_place_where_it_is_declared(in_folder):
    uses = f"${{{{ shot.model if shot.id != '' else '{PIKA}' }}}}"
    Path("film.yaml").write_text(FILM.replace("${{ shot.model }}", uses))
    done = substitute(Path("film.yaml"), PIKA, KLING, {}, None)
    assert done.ok and done.nodes == ("clip",)
    assert PIKA not in done.after and done.after.count(KLING) == FILM.count(KLING) + FILM.count(PIKA) + 1
