"""Keys, and the cache of what was made before."""

import contextlib
import json
import math
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.runtime import keys
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.spec.media import Artifact, Facts, Shot
from callsheet.spec.node import Made
from callsheet.spec.types import IMAGE
from callsheet.spec.values import SecretName
from callsheet.testing.fakes import FakeInspector, fake_spec

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


FRAME = fake_spec("media/frame", {"image": IMAGE}, provider="local")


def frame_of(clip, version):
    """What `media/frame` of this version makes of a clip, before it is made."""
    spec = replace(FRAME, version=version)
    params = {"video": clip}
    key = keys.key(keys.operation(spec.uses, version, params))
    made = {"image": Artifact("image", Path(), recipe=keys.recipe(spec, key, "image"))}
    return keys.with_origin(made, spec, key, keys.origin(spec, params, key))["image"]


def test_a_paid_call_does_not_see_the_versions_of_operations_and_a_local_one_does():
    first, second = frame_of(CLIP, "1"), frame_of(CLIP, "2")
    assert first.origin == "" and second.origin == first.recipe
    assert key_of({"x": second}) == key_of({"x": first})
    local = [keys.key(keys.operation("media/fit_image", "1", {"x": one})) for one in (first, second)]
    assert local[0] != local[1]
    again = frame_of(second, "1")
    assert again.origin == frame_of(first, "1").recipe and again.recipe != again.origin


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
def cache(tmp_path):
    store = Store(tmp_path, FakeInspector())
    store.prepare()
    with contextlib.closing(Cache(store)) as cache:
        yield cache


@pytest.fixture
def outputs(cache, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"video a")
    clip = cache.store.ingest(Made("video", path), recipe="r")
    return {"clips": [clip], "text": ["media", {"digest": "x"}], "n": None, "o": {"media": 1}}


def test_the_shots_of_a_film_are_kept_and_are_no_part_of_a_key(cache, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"video film")
    shots = (Shot("d" * 64, 0, 48, 0, 96_000), Shot("e" * 64, 48, 11, 96_000, 22_000, 0.5, 2.0))
    film = cache.store.ingest(Made("video", path, shots), recipe="r")
    cache.record("k", {"video": film})
    cache.flush()
    found = cache.find("k")["video"]
    assert found == film and found.shots == shots
    assert key_of({"x": found}) == key_of({"x": replace(found, shots=())})


def again(cache):
    """The same cache as another process would open it."""
    return Cache(cache.store)


def test_what_was_recorded_is_found_again(cache, outputs):
    cache.record("k" * 64, outputs)
    assert cache.find("k" * 64) == outputs
    assert again(cache).find("k" * 64) is None
    cache.flush()
    assert again(cache).find("k" * 64) == outputs
    assert cache.find("l" * 64) is None


def test_without_its_bytes_it_is_not_found(cache, outputs):
    cache.record("k" * 64, outputs)
    outputs["clips"][0].path.unlink()
    assert cache.find("k" * 64) is None


def test_a_file_that_was_touched_is_read_again(cache, outputs):
    cache.record("k" * 64, outputs)
    cache.flush()
    path = outputs["clips"][0].path
    os.utime(path, (1, 1))
    assert again(cache).find("k" * 64) == outputs
    path.chmod(0o644)
    path.write_bytes(b"video b")
    assert cache.find("k" * 64) is None
    assert again(cache).find("k" * 64) is None


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '["media", {}]', '["object", 3]', '["value", {}]', "[" * 100_000],
)
def test_a_damaged_entry_is_no_entry(cache, outputs, damage):
    cache.record("k" * 64, outputs)
    cache.flush()
    with contextlib.closing(sqlite3.connect(cache.path)) as file, file:
        file.execute("UPDATE results SET outputs = ?", (damage,))
    assert again(cache).find("k" * 64) is None


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"x" * 4096])
def test_a_damaged_file_makes_way_for_a_new_one(cache, outputs, content):
    cache.path.write_bytes(content)
    assert cache.find("k" * 64) is None
    cache.record("k" * 64, outputs)
    cache.flush()
    assert again(cache).find("k" * 64) == outputs


def test_a_cache_of_another_version_makes_way_for_a_new_one(cache, outputs):
    with contextlib.closing(sqlite3.connect(cache.path)) as file:
        file.execute("PRAGMA user_version = 99")
    cache.record("k" * 64, outputs)
    cache.flush()
    assert again(cache).find("k" * 64) == outputs


def test_how_long_things_took_is_remembered_newest_first(cache):
    for key, seconds in (("a", 1.5), ("b", 2.5), ("c", 0.0)):
        cache.record(key, {"n": 1}, "media/concat", seconds)
    cache.flush()
    assert cache.durations("media/concat") == [2.5, 1.5]
    assert cache.durations("media/trim") == []


@given(JSON)
def test_any_json_comes_back_as_it_was(value):
    from callsheet.runtime.store.output_codec import decoded, encoded

    store = Store(Path(), FakeInspector())
    assert decoded(json.loads(json.dumps(encoded(value))), store.path) == value
