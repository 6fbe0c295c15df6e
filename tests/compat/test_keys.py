"""No key of an earlier version changes by a byte: another key is another purchase.

UPDATE_GOLDEN=1 writes down the keys of a version that has none yet; it never changes what is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main

PREVIEW = {
    "address": "picture",
    "params": [
        "object",
        {
            "prompt": ["value", "a pier"],
            "negative_prompt": ["value", ""],
            "image_size": ["object", {"width": ["value", 256], "height": ["value", 256]}],
            "num_images": ["value", 1],
            "num_inference_steps": ["value", 28],
            "guidance_scale": ["value", 7.5],
            "seed": ["value", 1],
            "enable_safety_checker": ["value", True],
            "sync_mode": ["value", False],
            "output_format": ["value", "png"],
            "enable_prompt_expansion": ["value", False],
        },
    ],
    "preview": "fal-ai/hunyuan-image/v3/text-to-image",
    "renderer": "preview 6",
}
"""What the key of the previewed picture is made of, the defaults of the model included. Another renderer
is another key: a preview costs nothing."""


def trusted(film: str) -> list[str]:
    return ["--trust"] if film == "crew.yaml" else []


def made_of(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(film, address → key and components) of every film that was made.

    Of a take that was not picked nobody explains the components: `explain` tells of the one that counts.
    """
    for film in found.finished:
        steps = found.json("plan", film, *trusted(film))["steps"]
        keys = {}
        for step in steps:
            told = found.json("explain", film, step["address"], *trusted(film))
            same = told["address"] == step["address"]
            keys[step["address"]] = {"key": step["key"], "components": told["components"] if same else None}
        yield film, keys


def digest(components: object) -> str:
    """The sha256 of canonical JSON."""
    text = json.dumps(components, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_key_is_what_it_was(found: Any) -> None:
    golden = found.golden / "keys.json"
    now = dict(made_of(found))
    if "UPDATE_GOLDEN" in os.environ and not golden.exists():
        golden.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    before = json.loads(golden.read_text(encoding="utf-8"))
    assert list(now) == list(before)
    for film, keys in before.items():
        assert now[film] == keys


def test_a_key_is_the_digest_of_its_components(found: Any) -> None:
    before = json.loads((found.golden / "keys.json").read_text(encoding="utf-8"))
    parts = [part for keys in before.values() for part in keys.values() if part["components"]]
    assert [digest(part["components"]) for part in parts] == [part["key"] for part in parts]


def test_what_was_bought_lies_under_these_keys(found: Any) -> None:
    before = json.loads((found.golden / "keys.json").read_text(encoding="utf-8"))
    keys = {part["key"] for keys in before.values() for part in keys.values()}
    bought = found.rows(
        "SELECT key FROM attempts JOIN runs ON runs.id = run WHERE state = 'COMMITTED' AND runs.status <> ''"
    )
    assert bought and {key for (key,) in bought} <= keys


def test_the_key_of_a_preview_is_what_it_was(found: Any) -> None:
    shutil.rmtree(found.folder / ".callsheet" / "preview")
    found.say("run", "preview.yaml", "--preview", "--output", "quiet")
    with closing(sqlite3.connect(found.folder / ".callsheet" / "preview" / "cache.db")) as cache:
        rows = cache.execute("SELECT key FROM results WHERE uses LIKE 'fal-ai/%'").fetchall()
    assert rows == [(digest(PREVIEW),)]


ODD = """
callsheet: 1
name: odd
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with:
      prompt: "née ☂ \\"quoted\\""
      image_size: {width: 512, height: 512}
      guidance_scale: 7.5
      num_images: 2
      enable_safety_checker: false
      seed: 9007199254740993
"""
"""What JSON has more than one form for."""
ODD_KEY = "7c5151fe080384513369e596d9f3901cca13aa9af988484485b562a649b501ae"
SECRET = """
callsheet: 1
name: odd
nodes:
  still:
    uses: fal-ai/gpt-image-1/text-to-image/byok
    with: {prompt: a logo, openai_api_key: {secret: STYLE}}
"""
"""A secret counts by its name."""
SECRET_KEY = "8fb4cd4c2e03da3259305097064829019d3699412a9fcfdab3a9fdf16163c37d"


@pytest.mark.parametrize(("film", "key"), [(ODD, ODD_KEY), (SECRET, SECRET_KEY)])
def test_odd_values_count_as_they_did(
    film: str, key: str, in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("film.yaml").write_text(film, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(("explain", "film.yaml", "still", "--json"))
    told = json.loads(capsys.readouterr().out)
    assert told["key"] == digest(told["components"]) == key
