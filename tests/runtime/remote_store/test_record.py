"""What a shared store says is read back, or refused; nothing else can come of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.runtime import keys
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.remote_store.record import Refused, name_of, outputs_in, written
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.types import IMAGE, Field, ListOf, Maybe, Record, Scalar
from callsheet.testing.fakes import fake_spec

KEY = "0a" * 32
OUTPUTS = {
    "images": ListOf(IMAGE),
    "card": Record({"image": Field(IMAGE), "words": Field(Scalar("string"))}),
    "notes": Scalar("json"),
    "seed": Maybe(Scalar("integer")),
}
PAID = fake_spec("fal-ai/a", OUTPUTS)
LOCAL = fake_spec("media/a", OUTPUTS, provider="local")


def place(digest: str, suffix: str) -> Path:
    return Path("blobs") / digest[:2] / f"{digest[2:]}{suffix}"


def image(number: int, url: str | None = None, recipe: str = "") -> Artifact:
    digest = f"{number:064x}"
    facts = Facts(width=64, height=36) if number % 2 else Facts()
    return Artifact("image", place(digest, ".png"), digest, facts, url, recipe)


images = st.builds(image, st.integers(0, 2**256 - 1), st.sampled_from([None, "https://x.org/a.png"]))
digits = st.sampled_from([bytes([digit]) for digit in b"0123456789abcdef"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
outputs = st.fixed_dictionaries(
    {
        "images": st.lists(images, max_size=3),
        "card": st.fixed_dictionaries({"image": images, "words": texts}),
        "notes": data,
    },
    optional={"seed": st.integers(0, 99)},
)


@given(outputs)
def test_what_is_written_is_read_without_its_urls(made: dict[str, Any]) -> None:
    found = outputs_in(written(made), KEY, pins(made), PAID, place)
    assert pins(found) == pins(made)
    assert [(a.digest, a.path, a.facts) for a in found["images"]] == [
        (a.digest, a.path, a.facts) for a in made["images"]
    ]
    assert found["card"]["image"].url is None
    assert (found["notes"], found.get("seed")) == (made["notes"], made.get("seed"))
    assert b"https://" not in written(made)


@given(outputs)
def test_what_a_local_result_counts_as_is_computed_here(made: dict[str, Any]) -> None:
    lying = {**made, "images": [image(1, recipe="f" * 64)]}
    found = outputs_in(written(lying), KEY, pins(lying), LOCAL, place)
    assert found["images"][0].recipe == keys.key({"recipe": KEY, "output": "images[0]"})
    assert found["card"]["image"].recipe == keys.key({"recipe": KEY, "output": "card.image"})


@given(outputs, st.data())
def test_whatever_is_changed_in_it_is_refused_or_is_nothing_that_counts(
    made: dict[str, Any], draw: st.DataObject
) -> None:
    record = written(made)
    at = draw.draw(st.integers(0, len(record) - 1))
    broken = (
        record[:at] + draw.draw(st.binary(max_size=6) | digits) + record[at + draw.draw(st.integers(0, 3)) :]
    )
    try:
        found = outputs_in(broken, KEY, pins(made), PAID, place)
    except Refused:
        return
    assert pins(found) == pins(made)
    assert all(artifact.path == place(artifact.digest, artifact.path.suffix) for artifact in found["images"])


@given(data)
def test_any_json_at_all_is_refused(said: Any) -> None:
    with pytest.raises(Refused):
        outputs_in(json.dumps(said).encode(), KEY, pins({"notes": 1}), PAID, place)
    with pytest.raises(Refused):
        text = json.dumps({"callsheet": 1, "outputs": said}).encode()
        outputs_in(text, KEY, pins({"notes": 1}), PAID, place)


def test_facts_are_numbers() -> None:
    made = {"images": [image(1)], "card": {"image": image(2), "words": ""}, "notes": 1}
    record = written(made)
    for fact in (b'"wide"', b"NaN", b"[]", b'{"a":1}'):
        with pytest.raises(Refused):
            outputs_in(record.replace(b'"width":64', b'"width":' + fact), KEY, pins(made), PAID, place)


def test_two_results_of_one_key_are_two_records() -> None:
    one, other = pins({"images": [image(1)]}), pins({"images": [image(2)]})
    assert name_of(KEY, one) != name_of(KEY, other)
    assert name_of(KEY, one) == name_of(KEY, dict(reversed(one.items())))
