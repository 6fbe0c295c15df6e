"""The elements beside an element of an axis, rings, and look-ups in lists by key."""

import pytest

HEAD = """\
callsheet: 1
inputs:
  people: [{id: ana, voice: deep}, {id: bo, voice: high}]
  shots: [{id: a, at: 1, who: bo}, {id: b, at: 4, who: ana}, {id: c, at: 6, who: bo}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
"""
CARD = """\
  card:
    each: shot
    uses: x/image
    with: {prompt: "%s"}
"""


def prompts(graph, expression, head=HEAD):
    g = graph(head + CARD % expression)
    return [i.params["prompt"] for i in g.instances.values() if i.node == "card"]


@pytest.mark.parametrize(
    "expression, expected",
    [
        ("${{ (next(shot).at | default(9)) - shot.at }}!", ["3!", "2!", "3!"]),
        ("${{ prev(shot).id | default('-') }}", ["-", "a", "b"]),
        ("${{ next(shot, wrap=true).id }}", ["b", "c", "a"]),
        ("${{ prev(shot, wrap=true).id }}", ["c", "a", "b"]),
        ("${{ next(shot, wrap=false).id | default('end') }}", ["b", "c", "end"]),
        ("${{ inputs.people[shot.who].voice }}", ["high", "deep", "high"]),
        ("${{ inputs.people['ana'].voice }} ${{ shot.id }}", ["deep a", "deep b", "deep c"]),
        ("${{ inputs.shots[next(shot, wrap=true).id].at }}.", ["4.", "6.", "1."]),
        ("${{ inputs.people['voice'][0] }}", ["deep", "deep", "deep"]),
    ],
)
def test_elements_are_read(graph, expression, expected):
    assert prompts(graph, expression) == expected


def test_a_ring_of_one_is_its_own_neighbour(graph):
    head = HEAD.replace(", {id: b, at: 4, who: ana}, {id: c, at: 6, who: bo}", "")
    assert prompts(graph, "${{ next(shot, wrap=true).id }}", head) == ["a"]


def test_a_ring_of_instances_joins_the_last_to_the_first(graph):
    image = "image_url: '${{ next(card, wrap=true).images[0] }}'"
    g = graph(HEAD + CARD % "x" + f"  clip: {{each: shot, uses: x/video, with: {{{image}}}}}\n")
    assert [i.needs for i in g.instances.values() if i.node == "clip"] == [
        ('card["b"]',), ('card["c"]',), ('card["a"]',),
    ]  # fmt: skip


def test_a_neighbour_stays_within_the_outer_element(graph):
    text = """\
callsheet: 1
inputs:
  acts: [{id: one, shots: [{id: a}, {id: b}]}, {id: two, shots: [{id: c}]}]
axes:
  act: {over: "${{ inputs.acts }}", key: "${{ act.id }}"}
  shot: {over: "${{ act.shots }}", key: "${{ shot.id }}"}
nodes:
  card:
    each: shot
    uses: x/image
    with: {prompt: "${{ next(shot).id | default('-') }} ${{ next(act, wrap=true).id }}"}
"""
    g = graph(text)
    assert [i.params["prompt"] for i in g.instances.values()] == ["b two", "- two", "- one"]


@pytest.mark.parametrize(
    "expression, said, help",
    [
        ("${{ next(shot).id }}", 'there is no neighbour after the last `shot` ("c")', "when:"),
        ("${{ next(next(shot)).id }}", "`next(shot)` goes one step", "inputs.shots[axis.shot.index + 2]"),
        ("${{ next(shot, loop=true).id }}", "`next` has no argument `loop`", "wrap=true"),
        ("${{ next(shot, true).id }}", "the second argument of `next` is an axis", "wrap=true"),
        ("${{ inputs.people[5].voice }}", "the list has 2 elements, no [5]", ""),
        ("${{ next(shot, wrap=1).id }}", "`wrap` is true or false", "wrap=true"),
        (
            "${{ inputs.people['tom'].voice }}",
            'no element of the list has the id "tom"',
            "the keys are ana, bo",
        ),
        ("${{ inputs.people.voise }}", "there is no `voise` here", "did you mean `voice`?"),
    ],
)
def test_what_is_not_there_says_so(read, expression, said, help):
    found, report = read(HEAD + CARD % expression)
    (problem,) = [d for d in report.sorted() if d.severity == "error"]
    assert found is None and said in problem.message and help in problem.help, problem


def test_a_key_that_two_elements_have_is_refused(read):
    _, report = read(HEAD.replace("id: bo", "id: ana") + CARD % "${{ inputs.people['ana'].voice }}")
    assert [d.message for d in report.sorted()] == ['2 elements of the list have the id "ana"']


def test_an_axis_elsewhere_names_its_list(read):
    person = '  person: {over: "${{ inputs.people }}", key: "${{ person.id }}"}\n'
    head = HEAD.replace("nodes:\n", person + "nodes:\n")
    _, report = read(head + CARD % "${{ person[shot.who].voice }}")
    assert [(d.message, d.help) for d in report.sorted()] == [
        ("`person` is an axis, and not a list to look into", "look into its list: `inputs.people[…]`")
    ]
    _, report = read(head + CARD % "${{ person.voice }}")
    (problem,) = report.sorted()
    assert "add `each: person`" in problem.help and "`inputs.people`" in problem.help


def test_a_number_is_a_position_and_a_text_is_a_key(read):
    text = """\
callsheet: 1
axes: {take: {over: [1, 2, 3], key: "${{ take }}"}}
nodes:
  still: {each: take, uses: x/image, with: {prompt: p}}
  clip: {uses: x/video, with: {prompt: p, image_url: "${{ still[3].images[0] }}"}}
"""
    _, report = read(text)
    (problem,) = report.sorted()
    assert problem.message == "`still[3]` is a position, from 0 to 2; a key is text"
    assert problem.help == 'write `still["3"]`'
    assert read(text.replace("still[3]", "still['3']"))[0] is not None


def test_a_position_that_is_the_key_of_another_is_a_warning(read):
    text = """\
callsheet: 1
axes: {take: {over: [1, 2, 3], key: "${{ take }}"}}
nodes:
  still: {each: take, uses: x/image, with: {prompt: p}}
  clip: {uses: x/video, with: {prompt: p, image_url: "${{ still[1].images[0] }}"}}
"""
    found, report = read(text)
    (warning,) = report.sorted()
    assert found is not None and warning.severity == "warning"
    assert warning.message == '`still[1]` is a position: the instance with the key "2"'
    for clear in ("still[0]", "still[-1]", "still['1']"):
        assert read(text.replace("still[1]", clear))[1].sorted() == ()
    assert read(text.replace(', key: "${{ take }}"', ""))[1].sorted() == ()


def test_names_of_the_language_that_people_want(graph):
    text = """\
callsheet: 1
inputs: {product: a lamp}
axes: {loop: {over: "${{ product([1, 2], ['a']) }}"}}
nodes:
  product: {each: loop, uses: x/image, with: {prompt: "${{ inputs.product }} ${{ loop[1] }}${{ loop[0] }}"}}
  film: {uses: x/video, with: {prompt: p, image_url: "${{ product[0].images[0] }}"}}
"""
    g = graph(text)
    assert [i.params["prompt"] for i in g.instances.values()][:2] == ["a lamp a1", "a lamp a2"]


def test_a_neighbour_beside_an_axis_that_is_not_known_yet(graph):
    text = """\
callsheet: 1
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 3}
  take: [one, two]
nodes:
  script: {uses: x/script, with: {prompt: p}}
  card: {each: [shot, take], uses: x/image, with: {prompt: "${{ next(take, wrap=true) }} ${{ shot.id }}"}}
"""
    (sample,) = graph(text).dynamic.unknown()
    assert (sample.node, sample.most) == ("card", 6)
