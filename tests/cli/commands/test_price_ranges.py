"""What is made from a result that is not here yet has a price that holds every length that it may have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.emulator import Emulator

Typed = Callable[..., tuple[int, str, str]]
SHOT = """
callsheet: 1
name: harbour
nodes:
  shot:
    uses: bytedance/seedance-2.0/text-to-video
    with: {prompt: a harbour, duration: DURATION}
  voice:
    uses: fal-ai/minimax/speech-02-hd
    with: {output_format: url, text: TEXT}
  lips:
    uses: fal-ai/sync-lipsync
    with: {video_url: "${{ shot.video }}", audio_url: "${{ voice.audio }}"}
  cut:
    uses: media/trim
    with: {video: "${{ shot.video }}", end: 30}
  lips_of_cut:
    uses: fal-ai/sync-lipsync
    with: {video_url: "${{ cut.video }}", audio_url: "${{ voice.audio }}"}
outputs: {film: "${{ lips.video }}", other: "${{ lips_of_cut.video }}"}
"""


def steps(callsheet: Typed, duration: str) -> dict[str, dict[str, object]]:
    text = SHOT.replace("DURATION", duration).replace("TEXT", "x" * 100)
    Path("film.yaml").write_text(text, encoding="utf-8")
    code, out, err = callsheet("plan", "film.yaml", "--json")
    assert code == 0, err
    return {step["address"]: step for step in json.loads(out)["steps"]}


def test_a_length_that_the_model_chooses_makes_the_next_price_a_range(
    in_folder: Path, callsheet: Typed
) -> None:
    found = steps(callsheet, "auto")
    price = found["lips"]["price"]
    assert isinstance(price, dict)
    assert price["low"] == pytest.approx(4 * 0.7 / 60, abs=1e-6)
    assert price["high"] == pytest.approx(15 * 0.7 / 60, abs=1e-6)
    assert price["why"] == ["the length of shot and voice is not known"]


def test_explain_says_why_a_price_is_a_range(in_folder: Path, callsheet: Typed) -> None:
    steps(callsheet, "auto")
    assert "a range: the model chooses duration" in callsheet("explain", "film.yaml", "shot")[1]
    steps(callsheet, '"5"')
    assert "a range" not in callsheet("explain", "film.yaml", "shot")[1]


def test_it_reaches_through_what_is_made_here(in_folder: Path, callsheet: Typed) -> None:
    found = steps(callsheet, "auto")
    assert found["lips_of_cut"]["price"] == found["lips"]["price"]


def test_a_length_that_is_certain_is_one_price(in_folder: Path, callsheet: Typed) -> None:
    price = steps(callsheet, '"5"')["lips"]["price"]
    assert isinstance(price, dict) and "why" not in price and "high" not in price


def test_the_highest_is_held_against_the_budget(in_folder: Path, callsheet: Typed) -> None:
    steps(callsheet, "auto")
    assert "what is to be made costs at least $1." in callsheet("plan", "film.yaml", "--budget", "1")[1]
    said = callsheet("plan", "film.yaml", "--budget", "3")[1]
    assert "what is to be made may cost up to $4." in said
    assert all(len(line) <= 80 for line in said.splitlines() if "a range for" in line)


def test_a_call_of_unknown_price_does_not_hide_that_the_rest_is_too_dear(
    in_folder: Path, callsheet: Typed
) -> None:
    steps(callsheet, "auto")
    text = Path("film.yaml").read_text("utf-8")
    card = "nodes:\n  card: {uses: fal-ai/kolors, with: {prompt: a card}}"
    Path("film.yaml").write_text(text.replace("nodes:", card, 1), encoding="utf-8")
    said = callsheet("plan", "film.yaml", "--budget", "0.3")[1]
    assert "costs at least $1." in said and "there is 1 call without a known price" in said


def test_when_the_results_are_here_the_price_is_that_of_their_lengths(
    in_folder: Path, callsheet: Typed, seller: Emulator
) -> None:
    steps(callsheet, "auto")
    code, _, err = callsheet("run", "film.yaml", "--yes", "--only", "shot", "--only", "voice")
    assert code == 0, err
    found = steps(callsheet, "auto")
    assert found["shot"]["action"] == found["voice"]["action"] == "reuse"
    price = found["lips"]["price"]
    assert isinstance(price, dict) and "why" not in price


CUT = """\
callsheet: 1
nodes:
  voice: {uses: fal-ai/elevenlabs/tts/eleven-v3, with: {text: "a text of which nobody knows how long it is"}}
  shot:
    uses: fal-ai/kling-video/v3/pro/text-to-video
    with:
      prompt: x
      duration: "${{ fit_duration(voice.audio.seconds, 'fal-ai/kling-video/v3/pro/text-to-video') }}"
  cut: {uses: media/trim, with: {video: "${{ shot.video }}", start: 0, seconds: 3}}
  large:
    uses: topaz/upscale/video/precision
    with: {video_url: "${{ cut.video }}", upscale_factor: 1}
"""


def test_the_reason_is_only_what_changes_the_price(in_folder: Path, callsheet: Typed) -> None:
    """Three seconds are cut from whatever comes."""
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    price = next(
        step["price"]
        for step in json.loads(callsheet("plan", "film.yaml", "--json")[1])["steps"]
        if step["address"] == "large"
    )
    assert price["low"] < price["high"] and price["why"]
    assert not [reason for reason in price["why"] if "length" in reason]
