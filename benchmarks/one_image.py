"""What it takes to plan many shots over one input image, against as many over an address that is not read;
and shots over as many different images, a first and a second time.

    python benchmarks/one_image.py [--shots 10000] [--times 1] [--images 1000]

A plan needs the size of the image for its prices: its header is read once. Each image is decoded, so that a
broken one is found; that is kept for the next process. Measured are CPU seconds of `plan` in a process of its
own. Goals: below 5 s for 10,000 shots, at most 1.2 × the plan over an address, and the second plan over
different images at most half of the first.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from cpu import cpu_seconds
from PIL import Image

GOAL = 5.0
TIMES_ADDRESS = 1.2
TIMES_FIRST = 0.5
FILM = """
callsheet: 1
name: shots
inputs:
  still: {type: image, default: ./still.png}
  shots: {type: list, items: {id: string}, default: ./shots.csv}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  clip:
    each: shot
    uses: MODEL
    with: {prompt: "shot ${{ shot.id }}"IMAGE}
"""
OVER = (
    ("fal-ai/pika/v2.2/image-to-video", ', image_url: "${{ inputs.still }}"'),
    ("fal-ai/pika/v2.2/image-to-video", ", image_url: https://example.org/still.png"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--images", type=int, default=1_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        one, address = (min(times(Path(name), asked.shots, asked.times, *over)) for over in OVER)
    print(f"plan of {asked.shots:,} shots over one image: {one:.2f} s CPU (goal below {GOAL:g})")
    print(f"  {one / address:.2f} × the plan over an address (goal at most {TIMES_ADDRESS:g} ×)")
    with tempfile.TemporaryDirectory() as name:
        first, again = twice(Path(name), asked.images)
    print(f"plan of {asked.images:,} shots over as many images: {first:.2f} s CPU, again {again:.2f} s")
    print(f"  {again / first:.2f} × the first time (goal at most {TIMES_FIRST:g} ×)")


def times(folder: Path, shots: int, runs: int, model: str, image: str) -> list[float]:
    """CPU seconds of each `plan` of a film with so many shots."""
    (folder / "callsheet.toml").touch()
    (folder / "film.yaml").write_text(FILM.replace("MODEL", model).replace("IMAGE", image))
    (folder / "shots.csv").write_text("id\n" + "".join(f"s{n}\n" for n in range(shots)))
    Image.effect_noise((1920, 1080), 60).convert("RGB").save(folder / "still.png")
    command = [sys.executable, "-m", "callsheet", "plan", "film.yaml"]
    return [cpu_seconds(command, folder) for _ in range(runs)]


def twice(folder: Path, images: int) -> list[float]:
    """CPU seconds of `plan` over so many different images, and of the same once more."""
    (folder / "callsheet.toml").touch()
    model = FILM.replace("MODEL", OVER[0][0]).replace("IMAGE", ', image_url: "${{ shot.still }}"')
    shots = model.replace("{id: string}", "{id: string, still: image}")
    (folder / "film.yaml").write_text(shots.replace("  still: {type: image, default: ./still.png}\n", ""))
    (folder / "shots.csv").write_text("id,still\n" + "".join(f"s{n},s{n}.jpg\n" for n in range(images)))
    for number in range(images):
        path = folder / f"s{number}.jpg"
        Image.effect_noise((960, 540), 60).convert("RGB").save(path)
        os.utime(path, (time.time() - 60,) * 2)  # what was changed just now is not kept
    environ = {"CALLSHEET_CONFIG": str(folder / "configuration")}
    command = [sys.executable, "-m", "callsheet", "plan", "film.yaml"]
    return [cpu_seconds(command, folder, environ) for _ in range(2)]


if __name__ == "__main__":
    main()
