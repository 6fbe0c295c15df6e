"""Optional fields of elements that a node writes: what `check` says of them, and what a run does."""

import pytest

FILM = """
callsheet: 1
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 5}
nodes:
  script: {uses: x/notes}
  words: {uses: x/text, with: {prompt: a}}
  card: {each: shot, uses: x/image, %s}
"""
GOOD = [
    'with: {prompt: "${{ shot.id }}"}',
    'with: {prompt: "a ${{ shot.note | default(shot.id) }}"}',
    'with: {prompt: "${{ shot.note if shot.note is defined else shot.id }}"}',
    'with: {prompt: "a ${% if shot.note is defined %}${{ shot.note }}${% endif %}"}',
    'when: "${{ shot.note is defined }}", with: {prompt: "a ${{ shot.note }}"}',
    'with: {prompt: a, seed: "${{ shot.number }}"}',
]
BAD = [
    ('with: {prompt: "${{ shot.note }}"}', "shot.note"),
    ('with: {prompt: "a ${{ shot.id }} ${{ words.text }} ${{ shot.note }}"}', "shot.note"),
    ('with: {prompt: "${{ shot.note | upper }}"}', "shot.note | upper"),
    ('with: {prompt: a, seed: "${{ shot.number + 1 }}"}', "shot.number + 1"),
    ('with: {prompt: "of ${{ shot.lens.name }}"}', "shot.lens.name"),
    ('when: "${{ shot.note is defined }}", with: {prompt: "a ${{ shot.number }}"}', "shot.number"),
]
ALONE = {"id": "a", "lens": {}}


def card(graph, node):
    return graph(FILM % node).extended({"shot": [ALONE]}).instances


@pytest.mark.parametrize("node", GOOD)
def test_what_is_guarded_is_no_warning_and_never_fails(read, graph, node):
    _, report = read(FILM % node)
    assert [d for d in report.sorted() if d.code == "absent-value"] == []
    for address, instance in card(graph, node).items():
        failing = [v for v in instance.params.values() if hasattr(v, "compute")]
        assert address == "words" or not failing


@pytest.mark.parametrize("node, marked", BAD)
def test_what_would_fail_in_a_run_is_a_warning_at_the_expression(read, node, marked):
    _, report = read(FILM % node)
    (found,) = [d for d in report.sorted() if d.code == "absent-value"]
    assert (found.severity, found.span.text) == ("warning", marked)
    assert "| default(" in found.help


def test_an_absent_field_as_a_whole_optional_parameter_is_left_out(graph):
    instance = card(graph, 'with: {prompt: a, seed: "${{ shot.number }}"}')['card["a"]']
    assert instance.params == {"prompt": "a"}


def test_an_element_as_a_whole_has_only_what_came(graph):
    node = 'with: {prompt: "${{ shot | tojson }}"}'
    assert card(graph, node)['card["a"]'].params == {"prompt": '{"id": "a", "lens": {}}'}
