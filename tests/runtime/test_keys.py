"""Keys, and the index of what was made before."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.dsl.graph import SecretName
from callsheet.nodes.artifact import Artifact, Facts
from callsheet.nodes.job import Made
from callsheet.runtime import keys
from callsheet.runtime.fakes import FakeInspector
from callsheet.runtime.index import Index
from callsheet.runtime.store import Store

CLIP = Artifact("video", Path("a.mp4"), "d" * 64, Facts(seconds=1), "https://example.com/a")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def key_of(params, **other):
    return keys.key(keys.call("fal", "fal-ai/x", params, **other))


def test_order_of_names_is_no_difference():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})


@pytest.mark.parametrize(
    "one, other", [(8, "8"), (1, True), (1, 1.0), (None, "None"), ([], {}), ("é", "e\u0301")]
)
def test_values_that_look_alike_are_different(one, other):
    assert key_of({"x": one}) != key_of({"x": other})


def test_media_counts_by_its_bytes_not_by_where_it_is():
    moved = replace(CLIP, path=Path("b.mp4"), url=None, facts=Facts())
    assert key_of({"x": CLIP}) == key_of({"x": moved})
    assert key_of({"x": CLIP}) != key_of({"x": replace(CLIP, digest="e" * 64)})


def test_what_a_local_operation_made_counts_by_its_recipe():
    assert key_of({"x": replace(CLIP, recipe="r")}) == key_of(
        {"x": replace(CLIP, recipe="r", digest="other")}
    )


def test_media_without_bytes_has_no_key():
    with pytest.raises(ValueError, match="without identity"):
        key_of({"x": replace(CLIP, digest="")})


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_no_key_for_what_is_no_number(number):
    with pytest.raises(ValueError):
        key_of({"x": number})


@given(JSON)
def test_no_text_passes_for_media_or_a_secret(value):
    assert key_of({"x": value}) not in (key_of({"x": CLIP}), key_of({"x": SecretName("FAL_KEY")}))


def test_the_tag_of_media_written_by_a_model_is_not_media():
    assert key_of({"x": ["media", "video", CLIP.digest]}) != key_of({"x": CLIP})


def test_a_take_is_a_call_of_its_own():
    assert key_of({}, take=2) != key_of({})


def test_a_call_does_not_know_its_node_and_a_preview_does():
    one, other = (keys.key(keys.preview(a, "fal-ai/x", "1", {})) for a in ("clip[0]", "clip[1]"))
    assert one != other
    assert "address" not in keys.call("fal", "fal-ai/x", {})


def test_the_key_of_a_call_stays_what_it_is():
    assert key_of({"prompt": "a lighthouse", "n": 2, "image": CLIP}) == (
        "ddeb984b2272d065e14c38750680cfc200528ad234f6c71acea7880c2c35a6e2"
    )


@pytest.fixture
def index(tmp_path):
    store = Store(tmp_path, FakeInspector())
    store.prepare()
    return Index(store)


@pytest.fixture
def outputs(index, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video a")
    clip = index.store.ingest(Made("video", path), recipe="r")
    return {"clips": [clip], "text": ["media", {"digest": "x"}], "n": None, "o": {"media": 1}}


def test_what_was_recorded_is_found_again(index, outputs):
    index.record("k" * 64, outputs)
    assert index.find("k" * 64) == outputs
    assert index.find("l" * 64) is None


def test_without_its_bytes_it_is_not_found(index, outputs):
    index.record("k" * 64, outputs)
    outputs["clips"][0].path.unlink()
    assert index.find("k" * 64) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'["media", {}]', b'["object", 3]', b'["value", {}]', b"[" * 100_000],
)
def test_a_damaged_entry_is_no_entry(index, outputs, damage):
    index.record("k" * 64, outputs)
    (path,) = (index.store.root / "index").rglob("*.json")
    path.write_bytes(damage)
    assert index.find("k" * 64) is None


@given(JSON)
def test_any_json_comes_back_as_it_was(value):
    from callsheet.runtime.index import _encode

    assert Index(Store(Path(), FakeInspector()))._decode(json.loads(json.dumps(_encode(value)))) == value
