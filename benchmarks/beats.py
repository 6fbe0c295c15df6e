"""How near the beats that `media/beats` finds are to those of click tracks and of ten pieces of music.

    python benchmarks/beats.py

Compares each known beat with the nearest that was found, and tells the tempo. Ends with 1 when the mean error
of one is 25 ms or more, or its tempo is not the right one.
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
from callsheet.spec.node import Job
from callsheet.testing import sounds
from callsheet.testing.sounds import Piece

TEMPOS: Final = (60, 90, 100, 120, 130, 140, 174)
MOST: Final = 0.025
OFF: Final = 0.03
"""Share by which the tempo may be off."""


def pieces() -> Iterator[tuple[str, Piece]]:
    """What is measured, by name."""
    for bpm in TEMPOS:
        yield f"click track, {bpm}", sounds.click_track(bpm, 24, 0.37)
    for name, make in sounds.pieces().items():
        yield name, make()


def main() -> None:
    wrong, begun = 0, process_time()
    with tempfile.TemporaryDirectory() as folder:
        for name, piece in pieces():
            path = sounds.written(Path(folder) / "piece.wav", piece.samples)
            job = Job(
                "bench", OPERATIONS["media/beats"].SPEC, {"audio": Artifact("audio", path)}, Path(folder)
            )
            found = perform(job)
            times, bpm = found["beats"], found["bpm"]
            assert isinstance(times, list) and isinstance(bpm, float)
            errors = [min(abs(time - beat) for time in times) for beat in piece.beats]
            mean, tempo = (
                sum(errors) / len(errors),
                60 * (len(errors) - 1) / (piece.beats[-1] - piece.beats[0]),
            )
            wrong += mean >= MOST or abs(bpm / tempo - 1) > OFF
            print(
                f"{name:<28} {mean * 1000:6.2f} ms mean, {max(errors) * 1000:6.2f} ms worst, {bpm:6.2f} bpm"
            )
    print(f"{wrong} wrong, {process_time() - begun:.1f} s CPU")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
