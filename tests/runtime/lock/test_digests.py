"""What of outputs goes into the lock, and what of a graph."""

from dataclasses import replace
from pathlib import Path

from callsheet.runtime.lock import Block, Known, Lock, Made, schema_digest, updated_lock
from callsheet.runtime.lock.digests import pins
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.types import STRING, Choice, Field
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec
from tests.lock_files import decided

PAID = fake_spec("fal-ai/a")
LOCAL = fake_spec("media/a", provider="local")


def media(digest: str, seconds: float = 1.0) -> Artifact:
    return Artifact("video", Path("a.mp4"), digest * 64, Facts(seconds=seconds))


def free(_: str) -> float:
    return 0.0


def test_media_by_place_and_the_rest_by_output() -> None:
    found = pins(
        {"video": media("a"), "images": [media("b"), {"x": media("c"), "n": 1}], "seed": 7, "none": []}
    )
    assert [*found] == ["video", "images[0]", "images[1].x", "images", "seed", "none"]
    assert found["images[1].x"] == "c" * 64
    assert len(set(found.values())) == 6


def test_no_text_can_pass_for_media_and_facts_do_not_count() -> None:
    assert pins({"a": [media("a"), 1]}) != pins({"a": [{"media": ["video", "a" * 64]}, 1]})
    assert pins({"a": [media("a")]}) == pins({"a": [media("a", seconds=2)]})
    assert pins({"a": "1"}) != pins({"a": 1})


def test_a_local_result_of_other_bytes_is_no_change() -> None:
    graph = fake_graph([fake_instance("a", LOCAL), fake_instance("b", PAID)])
    block = Block(Made("1" * 64, "media/a", {"video": "a" * 64}))
    lock = Lock(instances={"a": block, "b": block})
    known = Known(dict.fromkeys("ab", "1" * 64), {address: {"video": media("b")} for address in "ab"})
    new = updated_lock(lock, graph, known, free, whole=True)
    assert new.block("a") == block
    assert new.block("b") == block, "the lock names which of two results counts"
    bought = replace(known, spent={"b": 0.2})
    again = updated_lock(lock, graph, bought, free, whole=True).block("b")
    assert again.made == Made("1" * 64, "fal-ai/a", {"video": "b" * 64}, 0.2)


def test_what_it_cost_is_remembered_by_key() -> None:
    graph = fake_graph([fake_instance("new_name", PAID)])
    lock = Lock(instances={"old_name": Block(Made("1" * 64, "fal-ai/a", {}, 0.4))})
    known = Known({"new_name": "1" * 64}, {"new_name": {}})
    assert updated_lock(lock, graph, known, free, whole=True).block("new_name").made == Made(
        "1" * 64, "fal-ai/a", {}, 0.4
    )


def test_decisions_of_takes_and_of_the_skipped_stay() -> None:
    graph = fake_graph([replace(fake_instance("clip", PAID), address='clip["a"]#2')], skipped=('clip["b"]',))
    lock = decided(decided(Lock(), 'clip["a"]', takes=2), 'clip["b"]', pick=2)
    lock = decided(lock, 'clip["c"]', pick=2)
    assert [*updated_lock(lock, graph, Known({}, {}), free, whole=True).instances] == [
        'clip["a"]',
        'clip["b"]',
    ]


def test_the_schema_is_that_of_the_last_making() -> None:
    changed = replace(PAID, inputs={"mode": Field(Choice(("fast",)))})
    block = Block(Made("1" * 64, "fal-ai/a", {}))
    graph = fake_graph([fake_instance("a", changed)])
    lock = Lock(endpoints={"fal-ai/a": schema_digest(PAID)}, instances={"a": block})
    known = Known({"a": "1" * 64}, {"a": {}})
    assert updated_lock(lock, graph, known, free, whole=True) == lock
    made = replace(known, spent={"a": 0.0})
    assert updated_lock(lock, graph, made, free, whole=True).endpoints == {"fal-ai/a": schema_digest(changed)}


def test_what_a_schema_digest_covers() -> None:
    base = schema_digest(PAID)
    assert schema_digest(replace(PAID, summary="better words", source="elsewhere")) == base
    assert schema_digest(replace(PAID, inputs={"a": Field(STRING)})) != base
    assert schema_digest(replace(PAID, outputs={"text": STRING})) != base
