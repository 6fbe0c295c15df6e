"""What it takes to look at all films of a project, against looking at one of them.

    python benchmarks/project.py [--films 20] [--shots 20] [--times 3]

Each film has a shared cast, and a list of shots with two takes of a keyframe and a clip each. Measured are
CPU seconds of `check`, `plan` and `diff HEAD` in a process of its own, all films in one command; the best of
several. Goals: below 3 s for 20 films, and below 3 × one film.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cpu import cpu_seconds

GOAL = 3.0
TIMES_ONE = 3.0
FILM = """
callsheet: 1
name: NAME
inputs:
  cast: {type: list, items: {id: string, look: string}}
  shots: {type: list, items: {id: string, prompt: string}, default: ./shots.csv}
axes:
  person: {over: "${{ inputs.cast }}", key: "${{ person.id }}"}
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  face:
    each: person
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ person.look }}", seed: 7}
  keyframe:
    each: shot
    takes: 2
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ shot.prompt }}", image_url: "${{ keyframe.images[0] }}", seed: 7}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}", faces: "${{ face.images }}"}
"""
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--films", type=int, default=20)
    parser.add_argument("--shots", type=int, default=20)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = project(folder, asked.films, asked.shots)
        for verb in (["check"], ["plan"], ["diff", "HEAD"]):
            whole, one = (best(folder, [*verb, *some], asked.times) for some in (films, films[:1]))
            goals = f"goals: {GOAL:g} s, {TIMES_ONE:g} ×"
            named = f"{' '.join(verb)}, {len(films)} films"
            print(f"{named}: {whole:.2f} s CPU, {whole / one:.1f} × one film ({goals})")


def project(folder: Path, films: int, shots: int) -> list[str]:
    """Write a project in git in which a shot of each film has changed. Returns the films."""
    (folder / "callsheet.toml").write_text('inputs = "shared/common.yaml"\n')
    (folder / "shared").mkdir()
    (folder / "shared/common.yaml").write_text("cast: cast.csv\n")
    (folder / "shared/cast.csv").write_text("id,look\nann,a woman in a coat\nbo,a man with a dog\n")
    names = [f"films/f{number:02}/film.yaml" for number in range(films)]
    for name in names:
        place = folder / name
        place.parent.mkdir(parents=True)
        place.write_text(FILM.replace("NAME", place.parent.name))
        write_shots(place.parent, shots, "night")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "films"]):
        subprocess.run([*GIT, *words], cwd=folder, check=True)
    for name in names:
        write_shots((folder / name).parent, shots, "dawn")
    return names


def write_shots(folder: Path, count: int, first: str) -> None:
    """A list of shots. first: when the first of them plays."""
    rows = [f's{n:03},"{first if n == 0 else "noon"}, shot {n} of {folder.name}"' for n in range(count)]
    (folder / "shots.csv").write_text("\n".join(["id,prompt", *rows, ""]))


def best(folder: Path, words: Sequence[str], times: int) -> float:
    """CPU seconds of the command, the best of several."""
    command = [sys.executable, "-m", "callsheet", *words]
    return min(cpu_seconds(command, folder, {"CALLSHEET_TODAY": "2026-12-01"}) for _ in range(times))


if __name__ == "__main__":
    main()
