"""How near `media/loudness_audio` and `media/loudness` come to their target on ten kinds of sound.

    python benchmarks/loudness.py

Each finished file is decoded and measured once more, with FFmpeg's `ebur128`. Ends with 1 when one is more
than 0.5 LU from the target, or has a true peak above -1 dBTP.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Final

from callsheet.nodes.local import perform
from callsheet.nodes.media.codec import audio
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.media.sound.loudness import measured
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made
from callsheet.testing import sounds

PHOTO: Final = Path(__file__).parents[1] / "examples/postcard/photo.png"
TARGETS: Final = (-14, -16, -23)
PEAK: Final = -1.0
MOST: Final = 0.5


def made(folder: Path, uses: str, **params: object) -> Artifact:
    """The medium that an operation makes, in a folder of its own."""
    folder.mkdir()
    outputs = perform(Job("bench", OPERATIONS[uses].SPEC, params, folder))
    (found,) = (value for value in outputs.values() if isinstance(value, Made))
    return Artifact(found.kind, found.path)


def main() -> None:
    worst, highest, begun = 0.0, -120.0, process_time()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        still = made(
            folder / "still", "media/image_to_video", image=Artifact("image", PHOTO), seconds=6, width=64
        )
        for kind, make in sounds.kinds().items():
            sound = Artifact("audio", sounds.written(folder / f"{kind}.wav", *make()))
            film = made(folder / f"{kind}-film", "media/mix", video=still, tracks=[{"audio": sound}])
            for target in TARGETS:
                of = {"target": target, "peak": PEAK}
                done = (
                    made(folder / f"{kind}{target}", "media/loudness_audio", audio=sound, **of),
                    made(folder / f"{kind}{target}-film", "media/loudness", video=film, **of),
                )
                found = [measured(audio.of_file(one.path)) for one in done]
                off, peak = max(abs(f.integrated - target) for f in found), max(f.peak for f in found)
                worst, highest = max(worst, off), max(highest, peak)
                print(f"{kind:<16} {target:>4} LUFS  {off:5.2f} LU off  {peak:7.2f} dBTP")
    seconds = process_time() - begun
    print(f"worst {worst:.2f} LU from the target, highest peak {highest:.2f} dBTP, {seconds:.1f} s CPU")
    sys.exit(worst > MOST or highest > PEAK)


if __name__ == "__main__":
    main()
