"""Mistakes that many people make once, and what they are told: the next step, not a detour."""

import pytest

from callsheet import check

HEAD = "callsheet: 1\n"


def said(path, text, **files):
    (path / "film.yaml").write_text(text)
    for name, content in files.items():
        (path / name).write_text(content)
    found = check(path / "film.yaml").diagnostics
    return [(d.code, d.span.text, d.help) for d in found if d.code != "unused-input"]


def image(prompt):
    return f"card: {{uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: {prompt}}}}}"


@pytest.mark.parametrize(
    "prompt, marked, help",
    [
        ('"{{ inputs.hero }} smiles"', "{{ inputs.hero }}", "${{ inputs.hero }}"),
        ('"${inputs.hero} smiles"', "${inputs.hero}", "${{ inputs.hero }}"),
        ('"${{ inputs.hero }} and {{hero}}"', "{{hero}}", "${{ hero }}"),
    ],
)
def test_braces_of_other_languages_are_a_warning_at_the_braces(tmp_path, prompt, marked, help):
    (found,) = said(tmp_path, f"{HEAD}inputs: {{hero: a keeper}}\nnodes: {{{image(prompt)}}}\n")
    assert found[:2] == ("stray-braces", marked) and help in found[2]


@pytest.mark.parametrize("prompt", ['"a { b } {c: 1}"', "\"${{ '{{ x }}' }}\"", '"{ {a} }"', '"$ {a} ${}"'])
def test_other_braces_are_left_alone(tmp_path, prompt):
    assert said(tmp_path, f"{HEAD}nodes: {{{image(prompt)}}}\n") == []


@pytest.mark.parametrize(
    "text, marked",
    [
        ("inputs: {hero: '{{ inputs.who }} smiles'}", "{{ inputs.who }}"),
        ("inputs: {hero: 'a ${{ inputs.who }}'}", "${{ inputs.who }}"),
        ("inputs: {hero: [{id: a, p: '${who}'}]}", "${who}"),
        ("inputs: {hero: {type: list, items: {p: string}, default: ./rows.csv}}", "a {{ p }}"),
    ],
)
def test_braces_in_an_input_are_a_warning_too(tmp_path, text, marked):
    (found,) = said(tmp_path, f"{HEAD}{text}\nnodes: {{{image('x')}}}\n", **{"rows.csv": "p\na {{ p }}\n"})
    assert found[:2] == ("stray-braces", marked) and "write the expression where" in found[2]


@pytest.mark.parametrize("prompt", ["inputs.hero", "card.images[0]", "next(card).images[0]"])
def test_a_text_that_is_a_reference_is_a_warning(tmp_path, prompt):
    node = f"b: {{uses: text/split, with: {{text: '{prompt}'}}}}"
    text = f"{HEAD}inputs: {{hero: a}}\nnodes: {{{image('x')}, {node}}}"
    assert said(tmp_path, text) == [
        ("stray-braces", f"'{prompt}'", f"an expression is `${{{{ {prompt} }}}}`"),
    ]  # fmt: skip


def test_a_file_that_has_the_name_of_a_node_is_none(tmp_path):
    node = "b: {uses: text/split, with: {text: card.csv}}, c: {uses: text/split, with: {text: 'b[0]'}}"
    assert said(tmp_path, f"{HEAD}nodes: {{{image('x')}, {node}}}") == []


@pytest.mark.parametrize(
    "text, code, marked, help",
    [
        ("axes: {s: {over: inputs.f}}", "axis-list", "inputs.f", "${{ inputs.f }}"),
        ("axes: {s: {over: [a], key: '{{ s }}'}}", "axis-key", "'{{ s }}'", "${{ s }}"),
        ("nodes: {a: {uses: '${inputs.f}'}}", "unknown-uses", "'${inputs.f}'", "${{ inputs.f }}"),
        ("nodes: {a: {uses: media/concat, with: {videos: b.video}}, b: {uses: media/trim}}",
         "parameter-type", "b.video", "${{ b.video }}"),
        ("inputs: {f: {type: list, items: {p: string}, default: [{p: slow, sad}]}}", "input-value", "sad",
         'quote the text: `p: "slow, sad"`'),
        ("inputs: {f: {type: string, default: old, grumpy}}", "unknown-key", "grumpy",
         'quote the text: `default: "old, grumpy"`'),
        ("nodes: {a: {uses: media/trim, with: {video: b.videos[0]}}}", "yaml-syntax", "[",
         'quoted: `"${{ b.videos[0] }}"`'),
        ("nodes: {a: {uses: media/trim, with: {video: ${{ b['x'] }}}}}", "yaml-syntax", "{",
         "quoted: `\"${{ b['x'] }}\"`"),
    ],
)  # fmt: skip
def test_what_was_meant_is_said_wherever_it_stands(tmp_path, text, code, marked, help):
    found = said(tmp_path, f"{HEAD}{text}\n{'' if 'nodes' in text else f'nodes: {{{image(chr(120))}}}'}\n")
    assert [h for c, m, h in found if (c, m) == (code, marked) and help in h], found


def test_an_empty_value_in_a_block_is_no_part_of_a_text(tmp_path):
    text = f"{HEAD}nodes:\n  card:\n    uses: text/split\n    with:\n      text: a\n      nope:\n"
    ((code, marked, help),) = said(tmp_path, text)
    assert (code, marked) == ("unknown-parameter", "nope") and "quote" not in help


def test_a_text_that_was_taken_apart_at_its_commas_is_to_be_quoted(tmp_path):
    found = said(tmp_path, f"{HEAD}nodes: {{{image('gentle marimba, curious, slow')}}}\n")
    assert [(code, text) for code, text, _ in found] == [
        ("unknown-parameter", "curious"), ("unknown-parameter", "slow"),
    ]  # fmt: skip
    assert {help for *_, help in found} == {'quote the text: `prompt: "gentle marimba, curious, slow"`'}


def test_a_reference_without_braces_is_to_be_an_expression(tmp_path):
    clip = "  clip: {uses: fal-ai/pika/v2.2/image-to-video, with: {image_url: 'card.images[0]', prompt: p}}\n"
    ((code, text, help),) = said(tmp_path, f"{HEAD}nodes:\n  {image('x')}\n{clip}")
    assert (code, text, help) == (
        "local-file",
        "'card.images[0]'",
        "an expression is `${{ card.images[0] }}`",
    )
    clip = clip.replace("card.images[0]", "card.png")
    ((code, _, help),) = said(tmp_path, f"{HEAD}nodes:\n  {image('x')}\n{clip}", **{"other.png": ""})
    assert code == "local-file" and "${{ card.png }}" in help


def test_an_empty_cell_says_how_it_may_be_empty(tmp_path):
    text = """\
callsheet: 1
inputs:
  songs:
    type: list
    items: {id: string, lyric: string, tempo: {type: integer, default: 90}}
    default: ./songs.csv
axes: {song: {over: "${{ inputs.songs }}", key: "${{ song.id }}"}}
nodes: {card: {each: song, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: p}}}
"""
    table = "id,lyric,tempo\na,,\nb,la la,\nc,,\nd,,80\n"
    ((code, place, help),) = said(tmp_path, text, **{"songs.csv": table})
    assert (code, place) == ("input-value", "a,,") and "`lyric: string?`" in help
    ((code, place, _),) = said(tmp_path, text.replace("prompt: p", 'prompt: "${{ song.lyric }}"'))
    assert (code, place) == ("input-value", "a,,")
    assert said(tmp_path, text.replace("lyric: string", "lyric: string?"), **{"songs.csv": table}) == []


@pytest.mark.parametrize("row, marked", [("{id: a}", "{id: a}"), ("{id: a, lyric: null}", "null")])
def test_an_empty_field_of_a_list_in_place_says_the_same(tmp_path, row, marked):
    text = f"""\
callsheet: 1
inputs: {{songs: {{type: list, items: {{id: string, lyric: string}}, default: [{row}]}}}}
axes: {{song: {{over: "${{{{ inputs.songs }}}}"}}}}
nodes: {{card: {{each: song, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: p}}}}}}
"""
    ((code, place, help),) = said(tmp_path, text)
    assert (code, place) == ("input-value", marked) and "`string?`" in help
    assert said(tmp_path, text.replace("lyric: string}", "lyric: string?}")) == []
    text = text.replace("lyric: string}", "lyric: {type: string, default: la}}").replace(
        "p}", "'${{ song.lyric }}'}"
    )
    assert check_graph(tmp_path, text).instances['card["0"]'].params["prompt"] == "la"


def test_an_input_reads_its_type_off_its_value(tmp_path):
    text = """\
callsheet: 1
inputs:
  voices: {anna: Wise_Woman, bo: Casual_Guy}
  styles: [{name: noir, words: black and white}]
  who: anna
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with:
      prompt: ${{ inputs.voices[inputs.who] }} ${{ inputs.voices.bo }} ${{ inputs.styles['noir'].words }}
"""
    assert (
        check_graph(tmp_path, text).instances["card"].params["prompt"]
        == "Wise_Woman Casual_Guy black and white"
    )
    ((code, _, help),) = said(tmp_path, text.replace("voices.bo", "voices.tom"))
    assert code == "unknown-field" and "anna" in help
    text = text.replace("{anna: Wise_Woman, bo: Casual_Guy}", "{description: voices}")
    assert "missing-key" in [code for code, *_ in said(tmp_path, text)]


def check_graph(path, text):
    (path / "film.yaml").write_text(text)
    found = check(path / "film.yaml")
    assert found.graph is not None, found.diagnostics
    return found.graph


@pytest.mark.parametrize(
    "value, marked, help",
    [
        ("card[shot.who].images[0].width", "card[shot.who]", "`at(card, key)`"),
        ("at(shot, shot.who).id", "shot", "`inputs.shots[key]`"),
        ("next(next(shot)).id", "next(next(shot))", "`inputs.shots[axis.shot.index + 2]`"),
        ("prev(shot, 2).id", "prev(shot, 2)", "`inputs.shots[axis.shot.index + 2]`"),
    ],
)
def test_another_instance_or_element_is_looked_up_by_what_the_help_names(tmp_path, value, marked, help):
    shots = "inputs: {shots: [{id: a, who: b}, {id: b, who: a}]}\n"
    axis = shots + "axes: {shot: {over: '${{ inputs.shots }}', key: '${{ shot.id }}'}}\n"
    card = image("x").replace("{uses", "{each: shot, uses")
    node = f"b: {{each: shot, uses: text/split, with: {{text: '${{{{ {value} }}}}.'}}}}"
    found = said(tmp_path, f"{HEAD}{axis}nodes: {{{card}, {node}}}")
    assert [(m, help in h) for _, m, h in found] == [(marked, True)]


@pytest.mark.parametrize("value", ["string", "string?", "image"])
def test_the_name_of_a_type_as_a_value_is_a_warning(tmp_path, value):
    ((code, marked, help),) = said(tmp_path, f"{HEAD}inputs: {{look: {value}}}\nnodes: {{{image('x')}}}")
    assert (code, marked) == ("type-as-text", value) and f"look: {{type: {value}}}" in help


@pytest.mark.parametrize("value", ["'string'", "{type: string, default: string}", "a string"])
def test_a_text_that_is_meant_is_none(tmp_path, value):
    assert said(tmp_path, f"{HEAD}inputs: {{look: {value}}}\nnodes: {{{image('x')}}}") == []
