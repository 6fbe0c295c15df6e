"""From what the pipeline says to the values a job gets."""

from pathlib import Path

import pytest

from callsheet.dsl.expression.values import NotYet
from callsheet.errors import NodeError
from callsheet.runtime.graph.arguments import LocalFiles, parameters, value_of
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.types import IMAGE, NOTHING, NUMBER, STRING, Field
from callsheet.spec.values import Deferred, LocalFile, Ref, SecretName
from callsheet.testing.fakes import FakeInspector, fake_instance, fake_spec

MADE = Artifact("video", Path("clip.mp4"), "d" * 64, Facts(seconds=8.0))
RESULTS = {"a": {"images": ["one", "two"], "seed": 7, "meta": {"w": 1}}}
INPUTS = {
    "prompt": Field(STRING, required=True),
    "strength": Field(NUMBER, default=0.5),
    "extra": Field(STRING),
    "frame": Field(IMAGE),
}


@pytest.fixture
def files():
    return LocalFiles(FakeInspector())


def given(files, **params):
    return parameters(fake_instance("b", fake_spec(inputs=INPUTS), params), RESULTS, files)


def test_references_are_followed_and_defaults_filled_in(files):
    assert given(files, prompt=Ref("a", ("images", 1))) == {"prompt": "two", "strength": 0.5}


def test_null_is_a_value(files):
    assert given(files, prompt="x", strength=None)["strength"] is None


def test_expressions_are_computed_from_what_came(files):
    late = Deferred((Ref("a", ("seed",)),), lambda look: look(Ref("a", ("seed",))) + 1)
    assert given(files, prompt=late)["prompt"] == 8


def test_a_secret_stays_a_name(files):
    assert given(files, prompt="x", extra=SecretName("K"))["extra"] == SecretName("K")


def test_trees_are_followed_to_their_leaves(files):
    tree = {"x": [Ref("a", ("seed",)), {"y": (Ref("a", ("meta", "w")),)}]}
    assert value_of(tree, RESULTS, files) == {"x": [7, {"y": [1]}]}


def test_an_output_that_was_not_made_is_absent(files):
    absent = Ref("a", ("mask",))
    assert value_of(absent, RESULTS, files) is NOTHING
    assert value_of({"x": absent, "y": [1, absent]}, RESULTS, files) == {"y": [1]}
    assert given(files, prompt="x", extra=absent) == {"prompt": "x", "strength": 0.5}
    with pytest.raises(NodeError, match="parameter prompt"):
        given(files, prompt=absent)


@pytest.mark.parametrize(
    "path, said",
    [
        (("images", 2), r"a\.images\[2\] is not there: the list has 2 elements"),
        (("seed", 0), r"a\.seed\[0\] is not there: a number has no `0`"),
        (("images", "x"), r"a\.images\.x is not there"),
    ],
)
def test_a_reference_that_leads_nowhere_says_where_it_ends(files, path, said):
    with pytest.raises(NodeError, match=said):
        value_of(Ref("a", path), RESULTS, files)


def test_a_field_of_each_element_is_read_as_it_was_checked(files):
    shots = [{"id": "a", "lines": [{"who": "mara"}]}, {"id": "b", "lines": [{"who": "tom"}, {}]}]
    results = {"script": {"shots": shots, "clips": [MADE, MADE]}}

    def at(*path):
        return value_of(Ref("script", path), results, files)

    assert at("shots", "id") == ["a", "b"]
    assert at("shots", "lines", "who") == [["mara"], ["tom"]]
    assert at("clips", "seconds") == [8.0, 8.0]
    with pytest.raises(NodeError, match=r"script\.shots\.id\.nope is not there: no element"):
        at("shots", "id", "nope")


def test_a_field_that_was_not_made_is_absent(files):
    assert value_of(Ref("a", ("meta", "h")), RESULTS, files) is NOTHING
    late = Deferred((Ref("a", ("images", 2)),), lambda look: look(Ref("a", ("images", 2))))
    assert value_of(late, RESULTS, files) is NOTHING


def test_a_file_of_the_user_is_read_once(files, tmp_path, monkeypatch):
    path = tmp_path / "hero.png"
    path.write_bytes(b"image hero")
    reads, digest = [], disk.digest
    monkeypatch.setattr(disk, "digest", lambda p: (reads.append(p), digest(p))[1])
    first, second = (value_of(LocalFile("image", path), RESULTS, files) for _ in range(2))
    assert first == second
    assert first.path == path
    assert first.facts.width == 64
    assert reads == [path]


@pytest.mark.parametrize(
    "content, said", [(None, "cannot be read"), (b"video x", "not the image it should be")]
)
def test_a_file_that_changed_since_the_check_is_explained(files, tmp_path, content, said):
    path = tmp_path / "hero.png"
    if content:
        path.write_bytes(content)
    with pytest.raises(NodeError, match=said) as caught:
        value_of(LocalFile("image", path), RESULTS, files)
    assert caught.value.kind == "local"


def test_a_file_of_any_kind_is_taken_as_it_is(files, tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"anything")
    assert value_of(LocalFile("file", path), RESULTS, files).digest


def test_a_list_parameter_keeps_its_order(files):
    assert value_of([Ref("a", ("images", 1)), Ref("a", ("images", 0))], RESULTS, files) == ["two", "one"]


def test_what_depends_on_a_file_that_is_not_made_yet_has_to_wait(files):
    def compute(lookup):
        raise NotYet

    late = Deferred((Ref("a", ("images",)), Ref("a", ("seed",))), compute)
    with pytest.raises(NodeError, match=r"^known once a is made$"):
        value_of(late, RESULTS, files)


def test_an_optional_field_that_no_element_came_with_is_an_empty_list(files):
    came = {"script": {"shots": [{"id": "a"}, {"id": "b"}]}}
    note = Ref("script", ("shots", "note"))
    assert value_of(note, came, files) == []
    nested = {"script": {"scenes": [{"shots": [{"id": "a"}]}, {"shots": [{}]}]}}
    assert value_of(Ref("script", ("scenes", "shots", "note")), nested, files) == []
    assert value_of(Deferred((note,), lambda lookup: len(lookup(note))), came, files) == 0
