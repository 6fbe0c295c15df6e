"""`callsheet models`: search and show."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from callsheet.cli.commands.models import command
from callsheet.errors import InputError
from callsheet.nodes.registry import Registry
from callsheet.spec.money import span


def output(*words: str) -> str:
    done = CliRunner().invoke(command, list(words), standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def test_search_fits_eighty_columns_also_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = output("veo3.1", "image-to-video").splitlines()
    assert lines[0].split() == ["endpoint", "task", "price"]
    assert lines[1].split() == ["fal-ai/veo3.1/image-to-video", "image-to-video", "$3.20"]
    every = output().splitlines()
    assert len(every) > 1300
    assert [line for line in every if len(line) > 80 and " " in line] == []
    monkeypatch.setenv("COLUMNS", "300")
    assert "(resolution 4k, generate_audio)" in output("veo3.1", "image-to-video")


def test_search_by_task_as_json() -> None:
    rows = json.loads(output("pika", "--task", "text-to-video", "--json"))["models"]
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


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def in_terminal(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    """What a person sees in a terminal of 80 columns."""
    screen = Terminal()
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout", screen)
    command(list(words), standalone_mode=False)
    return screen.getvalue().splitlines()


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("kling",),
        ("--all", "image-to-video"),
        ("--for", "image-to-video"),
        ("compare", "fal-ai/veo3.1/fast", "fal-ai/kling-video/v3/pro/text-to-video"),
        ("show", "bytedance/seedance-2.0/reference-to-video"),
        ("show", "fal-ai/kling-video/v3/pro/image-to-video"),
        ("show", "fal-ai/sora-2/text-to-video/pro"),
    ],
)
def test_everything_fits_80_columns(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = in_terminal(monkeypatch, *words)
    assert len(lines) > 1 and [line for line in lines if len(line) > 80] == []


def test_a_list_in_a_terminal_has_prices_and_every_id_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = in_terminal(monkeypatch, "veo")
    assert any(line.split() == ["fal-ai/veo3.1/fast", "text-to-video", "$1.20"] for line in lines)
    assert not [line for line in lines if "…" in line and not line.startswith("…")]


@pytest.mark.parametrize("words", [("--all",), ("--all", "video"), ("--all", "audio")])
def test_no_price_of_a_list_is_cut_off(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the names, the tasks and the ranges are."""
    prices = [
        row["status"] if row["status"] != "active" else span(*row["usd"]) if row["usd"] else row["price"]
        for row in json.loads(output(*words, "--json"))["models"]
    ]
    shown = [line for line in in_terminal(monkeypatch, *words)[1:] if "  " in line]
    assert len(shown) == len(prices) and all(map(str.endswith, shown, prices))


def test_the_newest_that_people_use_comes_first() -> None:
    def found(*words: str) -> list[str]:
        return [row["endpoint"] for row in json.loads(output(*words, "--json"))["models"]]

    everything = found()
    assert everything[0].startswith("fal-ai/kling-video/v3/") and "fal-ai/veo3.1" in everything[:30]
    assert found("veo")[0] == "fal-ai/veo3.1" and found("seedance")[0].startswith("bytedance/seedance-2.5/")
    kling = found("kling", "--task", "text-to-video")
    assert kling.index("fal-ai/kling-video/v3/pro/text-to-video") < kling.index(
        "fal-ai/kling-video/v1.6/pro/text-to-video"
    )
    assert everything.index("fal-ai/veo2") > everything.index("fal-ai/veo3.1/lite")


@pytest.mark.parametrize(
    ("words", "index", "some"),
    [
        ("callsheet mo", 1, "models"),
        ("callsheet models sh", 2, "show"),
        ("callsheet models show fal-ai/kling-video/v3/pro/t", 3, "fal-ai/kling-video/v3/pro/text-to-video"),
        (
            "callsheet models compare fal-ai/veo3.1/fast seedance-2.5/t",
            4,
            "bytedance/seedance-2.5/text-to-video",
        ),
    ],
)
def test_a_shell_completes_names(words: str, index: int, some: str) -> None:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(index), "_CALLSHEET_COMPLETE": "bash_complete"}
    main = "import sys; sys.argv[0] = 'callsheet'; from callsheet.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", main], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert done.returncode == 0 and f"plain,{some}" in done.stdout.splitlines(), done.stderr


def test_models_for_a_task_can_do_what_is_asked() -> None:
    words = ("--for", "image-to-video", "--seconds", "10", "--audio", "--max-usd", "1")
    found = json.loads(output(*words, "--json"))["fits"]
    assert len(found) > 5 and found[0]["endpoint"] != found[1]["endpoint"]
    for fit in found:
        assert fit["seconds"] >= 10 and fit["audio"] is True and 0 < fit["usd"] <= 1
        spec = Registry().find(fit["endpoint"])
        assert spec is not None and spec.status == "active"
    lines = output(*words).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert {fit["endpoint"] for fit in found} <= {line.split()[0] for line in lines}


def test_models_are_compared_at_the_same_setting() -> None:
    uses = ("fal-ai/veo3.1/fast", "fal-ai/pika/v2.2/text-to-video")
    fast, pika = json.loads(output("compare", *uses, "--seconds", "8", "--audio", "--json"))["fits"]
    assert fast["usd"] == pytest.approx(8 * 0.15) and fast["with"] == {
        "duration": "8s",
        "generate_audio": True,
    }
    assert pika["problem"] == "it makes no sound"
    assert "cannot do that: it makes no sound" in output("compare", *uses, "--audio")


def test_a_task_that_no_model_has_is_an_error() -> None:
    with pytest.raises(InputError, match="can do that"):
        output("--for", "image-to-video", "--max-usd", "0.000001")


def test_compare_without_a_model_says_what_to_type() -> None:
    with pytest.raises(InputError) as raised:
        CliRunner().invoke(command, ["compare"], catch_exceptions=False)
    assert "callsheet models compare ID ID" in raised.value.next_step
