"""A film that was made without a shot that failed (`missing: skip`) is handed over, and edited, as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callsheet.emulator import Emulator
from tests.conftest import Typed

FILM = """
callsheet: 1
name: harbour
axes: {shot: [dawn, dusk, night]}
nodes:
  clip:
    each: shot
    uses: fal-ai/minimax/hailuo-02/standard/text-to-video
    with: {prompt: "${{ shot }}"}
  film: {uses: media/concat, missing: skip, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}"}
"""


def test_what_was_made_is_handed_over(
    callsheet: Typed, in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Emulator(tiny=True, latency=0.01, faults=["content_policy,nth=2"]) as seller:
        monkeypatch.setenv("CALLSHEET_FAL_URL", seller.url)
        monkeypatch.setenv("FAL_KEY", "any")
        Path("film.yaml").write_text(FILM, encoding="utf-8")
        assert callsheet("run", "film.yaml", "--yes")[0] == 1
        done, _, err = callsheet("export", "film.yaml", "-o", "given")
        assert done == 0 and "film is made without clip[" in err, err
        track = json.loads(Path("given/harbour.otio").read_text(encoding="utf-8"))["tracks"]["children"][0]
        assert len(track["children"]) == 2
        done, out, _ = callsheet("conform", "given/harbour.otio", "film.yaml")
        assert done == 0 and "2 clips of shots" in out
        _, plan, _ = callsheet("plan", "film.yaml")
        assert "+ film" in plan, "a run tries the shot again"
