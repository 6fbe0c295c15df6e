"""What it takes to plan many shots over one input image, against as many over an address that is not read.

    python benchmarks/one_image.py [--shots 10000] [--times 1]

A plan needs the size of the image for its prices: its header is read once. Measured are CPU seconds of `plan`
in a process of its own. Goals: below 5 s for 10,000 shots, and at most 1.2 × the plan over an address.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from cpu import cpu_seconds
from PIL import Image

GOAL = 5.0
TIMES_ADDRESS = 1.2
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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        one, address = (min(times(Path(name), asked.shots, asked.times, *over)) for over in OVER)
    print(f"plan of {asked.shots:,} shots over one image: {one:.2f} s CPU (goal below {GOAL:g})")
    print(f"  {one / address:.2f} × the plan over an address (goal at most {TIMES_ADDRESS:g} ×)")


def times(folder: Path, shots: int, runs: int, model: str, image: str) -> list[float]:
    """CPU seconds of each `plan` of a film with so many shots."""
    (folder / "callsheet.toml").touch()
    (folder / "film.yaml").write_text(FILM.replace("MODEL", model).replace("IMAGE", image))
    (folder / "shots.csv").write_text("id\n" + "".join(f"s{n}\n" for n in range(shots)))
    Image.effect_noise((1920, 1080), 60).convert("RGB").save(folder / "still.png")
    command = [sys.executable, "-m", "callsheet", "plan", "film.yaml"]
    return [cpu_seconds(command, folder) for _ in range(runs)]


if __name__ == "__main__":
    main()
