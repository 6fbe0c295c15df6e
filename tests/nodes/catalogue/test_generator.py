"""The generator reads declarations, and what is shipped is what it wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.nodes.catalogue.build import build
from callsheet.nodes.catalogue.records import Records
from callsheet.nodes.openapi.live_list import Live, written

ROOT = Path(__file__).parents[3]
FIXTURE = Path(__file__).with_name("endpoints.d.ts")


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *words], capture_output=True, text=True, timeout=300
    )


def generate(types: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = ["--types", str(types), "--release", "9.9.9", "--date", "2026-01-02", "--no-older"]
    return run("generate_catalogue.py", *words, *more, "--target", str(folder / "made"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("generated")
    done = generate(FIXTURE, folder)
    assert done.returncode == 0, done.stderr
    return Records("made", folder)


def test_head_says_where_it_comes_from(made: Records) -> None:
    assert made.head["version"] == "9.9.9" and made.head["date"] == "2026-01-02"
    assert made.head["package"] == "@fal-ai/client" and made.head["licence"] == "MIT"
    assert list(made.tasks) == ["acme/paint", "acme/zoo/extend"]


def test_a_synced_folder_is_the_second_source(tmp_path: Path) -> None:
    models = tmp_path / "models"
    lives = (
        Live("acme/paint", "active", "2026-11-30", 0.05, "images", "2026-11-30"),
        Live("acme/zoo/extend", "deprecated", "2026-11-30"),
    )
    models.mkdir()
    (models / "live.jsonl").write_bytes(written("2026-11-30", lives))
    done = generate(FIXTURE, tmp_path, "--live", str(models))
    assert done.returncode == 0, done.stderr
    found = Records("made", tmp_path)
    paint, zoo = (build(found.get(name) or {}) for name in found.tasks)
    assert found.head["live"] == "2026-11-30" and zoo.status == "retired"
    assert paint.price is not None and paint.price.origin == "list"
    assert paint.price.formula == "images × $0.05"


def test_fields(made: Records) -> None:
    record = made.get("acme/paint")
    assert record is not None
    assert record["inputs"] == {
        "prompt": {"type": "string", "required": True, "max_length": 300},
        "photo_urls": {"type": "list", "item": {"type": "image"}, "max_items": 3},
        "mask_url": {"type": "image"},
        "shade": {"type": "string", "enum": ["dark", "light"], "default": "dark"},
        "strength": {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1},
        "guidance": {"type": "number", "default": 7},
        "num_images": {"type": "integer", "default": 4},
        "size": {
            "type": "any",
            "any": [
                {"type": "string", "enum": ["square", "landscape_16_9"]},
                {
                    "type": "record",
                    "fields": {
                        "width": {"type": "integer", "required": True},
                        "height": {"type": "integer", "required": True},
                    },
                },
            ],
            "default": "landscape_16_9",
        },
        "palette": {"type": "list", "item": {"type": "number"}},
        "anything": {"type": "json"},
    }
    assert record["outputs"] == {
        "images": {"type": "list", "item": {"type": "image"}},
        "song": {"type": "audio", "optional": True},
        "seed": {"type": "integer"},
    }


def test_no_prose_is_kept(made: Records) -> None:
    assert "clip to extend" in FIXTURE.read_text() and "extend." not in made.lines.read_text()
    assert "What to paint" not in made.lines.read_text()


def test_a_generated_record_becomes_a_spec(made: Records) -> None:
    record = made.get("acme/zoo/extend")
    assert record is not None
    spec = build(record)
    assert spec.inputs["video_url"].required and spec.roles == {"video_url": "source"}


def test_same_input_same_bytes(made: Records, tmp_path: Path) -> None:
    generate(FIXTURE, tmp_path)
    again = Records("made", tmp_path)
    assert again.lines.read_bytes() == made.lines.read_bytes()
    assert again.index_path.read_bytes() == made.index_path.read_bytes()


def test_what_is_not_in_the_subset_is_refused_with_its_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.d.ts"
    wrong.write_text("export type A = {\n    b: string;\n    [key: string]: number;\n};\n")
    done = generate(wrong, tmp_path)
    assert done.returncode != 0 and "line 3: index signatures are not read" in done.stderr


def test_the_shipped_catalogue_is_broad_and_dated() -> None:
    shipped = Records("endpoints")
    assert len(shipped.tasks) >= 1300
    assert shipped.head["version"].count(".") == 2 and shipped.head["date"].startswith("20")
    assert len({name.partition("/")[0] for name in shipped.tasks}) > 20


def test_every_shipped_endpoint_becomes_a_spec_with_plausible_facts() -> None:
    shipped = Records("endpoints")
    for name in shipped.tasks:
        record = shipped.get(name)
        assert record is not None and record["endpoint"] == name
        for facts in build(record).facts({}).values():
            assert facts.seconds is None or 0 < facts.seconds <= 3600, name
            assert facts.width is None or 16 <= facts.width <= 8192, name


def test_the_shipped_knowledge_is_compiled_from_its_files() -> None:
    done = run("compile_knowledge.py", "--check")
    assert done.returncode == 0, done.stderr
