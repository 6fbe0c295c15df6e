"""How near the beats that `media/beats` finds are to those of click tracks and of ten pieces of music.

    python benchmarks/beats.py

Compares each known beat with the nearest that was found, and tells the tempo; then cuts twelve clips to a
click track of 130 beats a minute, and compares each cut with its click. Ends with 1 when a mean error is
25 ms or more, a tempo is not the right one, or a cut is more than half a frame from its click.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Final

from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, Outputs
from callsheet.testing import sounds
from callsheet.testing.sounds import Piece

PHOTO: Final = Path(__file__).parents[1] / "examples/postcard/photo.png"
TEMPOS: Final = (60, 90, 100, 120, 130, 140, 174)
MOST: Final = 0.025
OFF: Final = 0.03
"""Share by which a tempo may be off."""
CUTS: Final = 12
FPS: Final = 24
HALF: Final = 0.5 + 1e-6


def made(folder: Path, uses: str, **params: object) -> Outputs:
    """What an operation makes."""
    return perform(Job("bench", OPERATIONS[uses].SPEC, params, Path(tempfile.mkdtemp(dir=folder))))


def song(folder: Path, piece: Piece) -> Artifact:
    """The piece as a file."""
    return Artifact("audio", sounds.written(folder / "piece.wav", piece.samples))


def pieces() -> Iterator[tuple[str, Piece]]:
    """What is measured, by name."""
    for bpm in TEMPOS:
        yield f"click track, {bpm}", sounds.click_track(bpm, 24, 0.37)
    for name, make in sounds.pieces().items():
        yield name, make()


def is_right(folder: Path, name: str, piece: Piece) -> bool:
    """Whether the beats of a piece are found; prints how well."""
    found = made(folder, "media/beats", audio=song(folder, piece))
    times, bpm = found["beats"], found["bpm"]
    assert isinstance(times, list) and isinstance(bpm, float)
    errors = [1000 * min(abs(time - beat) for time in times) for beat in piece.beats]
    mean = sum(errors) / len(errors)
    tempo = 60 * (len(errors) - 1) / (piece.beats[-1] - piece.beats[0])
    print(f"{name:<28} {mean:6.2f} ms mean, {max(errors):6.2f} ms worst, {bpm:6.2f} bpm")
    return mean < 1000 * MOST and abs(bpm / tempo - 1) <= OFF


def worst_cut(folder: Path) -> float:
    """Frames between a cut and its click, the most of eleven."""
    piece = sounds.click_track(130, CUTS + 2, lead=60 / 130)
    lengths = made(folder, "media/beats", audio=song(folder, piece), count=CUTS)["lengths"]
    photo = Artifact("image", PHOTO)
    still = made(folder, "media/image_to_video", image=photo, seconds=1, width=64, fps=FPS)["video"]
    assert isinstance(still, Made)
    clip = Artifact("video", still.path, digest="0" * 64)
    film = made(folder, "media/concat", videos=[clip] * CUTS, seconds=lengths)["video"]
    assert isinstance(film, Made)
    return max(abs(s.frame - beat * FPS) for s, beat in zip(film.shots[1:], piece.beats, strict=False))


def main() -> None:
    begun = process_time()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        right = [is_right(folder, title, piece) for title, piece in pieces()]
        off = worst_cut(folder)
    print(f"{CUTS} cuts at 130 bpm are at most {off:.2f} frames from their clicks")
    print(f"{right.count(False)} wrong, {process_time() - begun:.1f} s CPU")
    sys.exit(not all(right) or off > HALF)


if __name__ == "__main__":
    main()
