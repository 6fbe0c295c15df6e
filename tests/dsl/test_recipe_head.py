"""What a recipe says about itself: version, requirement, examples, deprecated inputs."""

import pytest

from callsheet._version import __version__
from tests.dsl.conftest import Read

RECIPE = """
callsheet: 1
version: 1.2
requires: ">=0.0, <99"
examples:
  short: {shots: [{id: a}]}
  bare:
inputs:
  shots: {type: list, items: {id: string}, default: [{id: b}]}
  hero: {type: string, default: "", deprecated: use `who`}
  who: {default: keeper, deprecated: "it is not used any more"}
nodes:
  still: {uses: x/image, with: {prompt: "${{ inputs.hero }} ${{ inputs.who }} ${{ inputs.shots[0].id }}"}}
outputs: {still: "${{ still.images }}"}
"""
USE = "callsheet: 1\nnodes: {r: {uses: ./r.yaml, with: {%s}}}\noutputs: {s: '${{ r.still }}'}\n"


def test_a_file_may_say_it(read: Read) -> None:
    found, report = read(RECIPE)
    assert found is not None and not report.found


@pytest.mark.parametrize(
    ("old", "new", "marked", "says"),
    [
        ("version: 1.2", "version: one two", "one two", "write `version: 1.2.0`"),
        ('">=0.0, <99"', "newest", "newest", "range of callsheet versions"),
        ("short: {shots", "short: {shot", "shot", "did you mean `shots`"),
        ("short: {shots: [{id: a}]}", "short: 3", "3", "a mapping from inputs to values"),
        ("  short:", "  Short One:", "Short One", "small letters"),
    ],
)
def test_what_cannot_be_read(read: Read, old: str, new: str, marked: str, says: str) -> None:
    found, report = read(RECIPE.replace(old, new, 1))
    assert found is None
    (said,) = report.sorted()
    assert said.span.text == marked and says in f"{said.message} {said.help}"


class TestRequires:
    NEWER = RECIPE.replace('">=0.0, <99"', '">=99"').replace("outputs:", "scenes: {}\noutputs:")

    def test_a_newer_callsheet(self, read: Read) -> None:
        """What else is in the file may be of a language to come: nothing is said of it."""
        found, report = read(self.NEWER)
        (said,) = report.sorted()
        assert found is None and (said.code, said.span.text) == ("recipe-requires", '">=99"')
        assert __version__ in said.message and "callsheet>=99" in said.help

    def test_in_a_recipe(self, read: Read) -> None:
        _, report = read(USE % "who: a", **{"r.yaml": self.NEWER})
        (said,) = report.sorted()
        assert said.code == "recipe-requires" and "film.yaml:2:" in said.notes[0]


class TestDeprecated:
    def test_a_use_is_warned(self, read: Read) -> None:
        found, report = read(USE % "hero: a, who: b", **{"r.yaml": RECIPE})
        assert found is not None
        said = [(d.code, d.severity, d.span.text, d.help) for d in report.sorted()]
        assert said == [
            ("input-deprecated", "warning", "hero", "use `who`"),
            ("input-deprecated", "warning", "who", "it is not used any more"),
        ]

    def test_nobody_else_is(self, read: Read) -> None:
        _, report = read(USE % "shots: [{id: c}]", **{"r.yaml": RECIPE})
        assert not report.found

    def test_set_on_the_command_line(self, read: Read) -> None:
        found, report = read(RECIPE, sets={"hero": "a"})
        assert found is not None
        assert [(d.code, d.span.text) for d in report.sorted()] == [("input-deprecated", "a")]

    def test_a_mapping_may_have_such_a_key(self, read: Read) -> None:
        """An input without the keys of a declaration is a value."""
        found, _ = read(
            "callsheet: 1\ninputs: {flags: {deprecated: yes it is}}\n"
            "nodes: {a: {uses: x/image, with: {prompt: '${{ inputs.flags.deprecated }}'}}}\n"
        )
        assert found is not None and found.instances["a"].params["prompt"] == "yes it is"
