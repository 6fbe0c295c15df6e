"""After a conform, shots that are made again change their own clips of the film; other packets are copied."""

from __future__ import annotations

import json
import random
from pathlib import Path

import av
import pytest

import callsheet as api
from tests.conftest import Typed
from tests.grey_film import FILM, OUT, grey_shot

SHOTS = 12
NAMES = [f"s{n:02d}" for n in range(SHOTS)]
ROWS = "".join(f"      - {{name: {name}, video: ./{name}.mp4}}\n" for name in NAMES)
PIPELINE = (
    FILM[: FILM.index("      - {name: dawn")]
    + ROWS
    + "axes:"
    + FILM.split("axes:")[1].replace(", dawn: \"${{ clip['dawn'].video }}\"", "")
)
CUT = PIPELINE.replace(
    '{uses: media/concat, with: {videos: "${{ clip.video }}"}}',
    "{uses: media/timeline, with: {cut: ./film.cut.otio}}",
)


def packets() -> dict[int, bytes]:
    """Number of the picture → the bytes of its packet, in the film."""
    with av.open(str(OUT / "film.mp4")) as container:
        stream = container.streams.video[0]
        step = 1 / (stream.time_base * stream.average_rate)
        return {round(p.pts / step): bytes(p) for p in container.demux(stream) if p.size}


@pytest.fixture
def cut(callsheet: Typed) -> list[tuple[str, int, int]]:
    """A film of twelve shots, each shown once, in another order and trimmed: (shot, first frame, frames)."""
    for n, name in enumerate(NAMES):
        grey_shot(name, 10 + 8 * n)
    Path("film.yaml").write_text(PIPELINE, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    assert callsheet("export", "film.yaml", "-o", "given")[0] == 0
    timeline = json.loads(Path("given/harbour.otio").read_text(encoding="utf-8"))
    track, chance, places = timeline["tracks"]["children"][0], random.Random(3), []
    chance.shuffle(track["children"])
    at = 0
    for clip in track["children"]:
        span, frames = clip["source_range"], chance.randint(8, 16)
        span["start_time"]["value"] += chance.randint(0, 8)
        span["duration"]["value"] = float(frames)
        places.append((clip["metadata"]["callsheet"]["address"].split('"')[1], at, frames))
        at += frames
    Path("edited.otio").write_text(json.dumps(timeline), encoding="utf-8")
    assert callsheet("conform", "edited.otio", "film.yaml")[0] == 0
    Path("film.yaml").write_text(CUT, encoding="utf-8")
    assert api.run("film.yaml").status == "done"
    return places


@pytest.mark.parametrize("k", [1, 3])
def test_k_shots_change_k_clips(cut: list[tuple[str, int, int]], k: int) -> None:
    before = packets()
    assert len(before) == sum(frames for _, _, frames in cut)
    again = random.Random(k).sample(cut, k)
    for name, _, _ in again:
        grey_shot(name, 40 + 8 * NAMES.index(name))
    assert api.run("film.yaml").status == "done"
    after = packets()
    assert after.keys() == before.keys()
    changed = {number for number in before if before[number] != after[number]}
    own = {number for _, at, frames in again for number in range(at, at + frames)}
    assert changed <= own, "nothing else was encoded again"
    for _, at, frames in again:
        assert changed & set(range(at, at + frames)), "and each of them was"
