"""Descriptions of models that a team shares: only what fits the digest in the lock file is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.nodes.catalogue.catalogue import record
from callsheet.runtime.lock import schema_digest
from callsheet.runtime.remote_store import shared_models
from callsheet.runtime.remote_store.shared_models import Record, give_models, spec_in, take_model

USES = "fal-ai/hunyuan-image/v3/text-to-image"


@pytest.fixture
def known() -> Record:
    found = record(USES)
    assert found is not None
    return found


@pytest.fixture
def store(tmp_path: Path, known: Record) -> Path:
    folder = tmp_path / "common"
    assert give_models([known, {"endpoint": "no/model"}], str(folder)) == ""
    return folder


@pytest.fixture
def taken(store: Path, known: Record) -> Callable[[], Record | None]:
    spec = spec_in(known)
    assert spec is not None
    return lambda: take_model(USES, schema_digest(spec), str(store))


def file_in(store: Path) -> Path:
    (found,) = (store / "models").rglob("*.json")
    return found


def test_what_one_gives_another_takes(store: Path, known: Record, taken: Callable[[], Record | None]) -> None:
    assert taken() == known
    assert take_model(USES, "0" * 64, str(store)) is None


def test_a_large_one_is_not_taken(taken: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_models, "MOST", 100)
    assert taken() is None


def test_another_one_in_its_place_is_not_taken(
    store: Path, known: Record, taken: Callable[[], Record | None]
) -> None:
    file = file_in(store)
    other = {**known, "inputs": {**known["inputs"], "planted": {"type": "string"}}}
    for text in ("", "[" * 100_000, "[]", "{}", '{"inputs": 1}', json.dumps(other)):
        file.chmod(0o644)
        file.write_text(text)
        assert taken() is None


def test_a_store_that_is_away_is_told(known: Record, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = give_models([known], str(tmp_path / "file"))
    assert said.startswith("descriptions of models were not put into the shared store: ")
    assert take_model(USES, "0" * 64, str(tmp_path / "nowhere")) is None
