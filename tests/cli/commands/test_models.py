"""`callsheet models`: search and show."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from callsheet.cli.commands.models import command
from callsheet.errors import InputError
from callsheet.nodes.registry import Registry


def output(*words: str) -> str:
    done = CliRunner().invoke(command, list(words), standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def test_search_fits_eighty_columns_also_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = output("veo3.1", "image-to-video").splitlines()
    assert lines[0].split() == ["endpoint", "task", "price"]
    assert lines[1].startswith("fal-ai/veo3.1/") and "  image-to-video  seconds × $0." in lines[1]
    every = output().splitlines()
    assert len(every) > 1300
    assert [line for line in every if len(line) > 80 and " " in line] == []
    monkeypatch.setenv("COLUMNS", "300")
    assert "(resolution 4k, generate_audio)" in output("veo3.1", "image-to-video")


def test_search_by_task_as_json() -> None:
    rows = json.loads(output("pika", "--task", "text-to-video", "--json"))
    assert {row["task"] for row in rows} == {"text-to-video"}
    assert "fal-ai/pika/v2.2/text-to-video" in [row["endpoint"] for row in rows]


def test_show_as_json() -> None:
    data = json.loads(output("show", "fal-ai/veo3.1/fast/first-last-frame-to-video", "--json"))
    assert data["endpoint"] == "fal-ai/veo3.1/fast/first-last-frame-to-video"
    assert data["task"] == "image-to-video" and data["status"] == "active"
    assert data["inputs"]["duration"] == {
        "type": "string",
        "required": False,
        "enum": ["4s", "6s", "8s"],
        "default": "8s",
    }
    frame = data["inputs"]["first_frame_url"]
    assert frame == {"type": "image", "required": True, "media": "image", "role": "first_frame"}
    assert data["outputs"] == {"video": {"type": "video", "media": "video"}}
    assert {"usd": 0.15, "when": {"generate_audio": True}} in data["price"]["rates"]
    assert {"seed", "negative_prompt"} <= set(data["inputs"]) and "4k" in data["inputs"]["resolution"]["enum"]
    assert data["price"]["usd_with_defaults"] == 1.2


def test_show_for_people_says_what_came_instead() -> None:
    text = output("show", "fal-ai/sora-2/text-to-video")
    assert "retired, use fal-ai/veo3.1" in text and "default 4; one of 4, 8, 12" in text
    assert "differs from the types" in text


def test_show_of_a_generated_endpoint_names_its_source() -> None:
    data = json.loads(output("show", "fal-ai/flux/dev", "--json"))
    assert data["source"].startswith("@fal-ai/client") and data["price"]["usd_with_defaults"] == 0.025


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        output("show", "fal-ai/hunyuan-image/v3")
    assert "did you mean fal-ai/hunyuan-image/v3/text-to-image" in caught.value.next_step


def test_a_search_without_hits_is_an_error() -> None:
    with pytest.raises(InputError, match="no model matches"):
        output("nothing-is-called-this")


def test_models_for_a_task_can_do_what_is_asked() -> None:
    words = ("--for", "image-to-video", "--seconds", "10", "--audio", "--max-usd", "1")
    found = json.loads(output(*words, "--json"))
    assert len(found) > 5 and found[0]["endpoint"] != found[1]["endpoint"]
    for fit in found:
        assert fit["seconds"] >= 10 and fit["audio"] is True and 0 < fit["usd"] <= 1
        spec = Registry().find(fit["endpoint"])
        assert spec is not None and spec.status == "active"
    assert all(len(line) <= 80 for line in output(*words).splitlines())


def test_models_are_compared_at_the_same_setting() -> None:
    uses = ("fal-ai/veo3.1/fast", "fal-ai/pika/v2.2/text-to-video")
    fast, pika = json.loads(output("compare", *uses, "--seconds", "8", "--audio", "--json"))
    assert fast["usd"] == pytest.approx(8 * 0.15) and fast["with"] == {
        "duration": "8s",
        "generate_audio": True,
    }
    assert pika["problem"] == "it makes no sound"
    assert "cannot do that: it makes no sound" in output("compare", *uses, "--audio")


def test_a_task_that_no_model_has_is_an_error() -> None:
    with pytest.raises(InputError, match="can do that"):
        output("--for", "image-to-video", "--max-usd", "0.000001")
