"""docs/costs.md: what thirty seconds cost with three models, from the plans of three films."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pages._parts import filled

import callsheet

PAGE: Final = "docs/costs.md"
SCENES: Final = (
    "a fishing harbour at dawn",
    "an old man mends a net",
    "his hands, close",
    "a boat leaves the harbour",
    "gulls over grey water",
    "the harbour, far away and small",
)
HEAD: Final = (
    "| clips from | clips | one clip | stills | all clips | film | sound | good for |",
    "|---|---|---|---|---|---|---|---|",
)
FILM: Final = """\
callsheet: 1
name: thirty_seconds
inputs:
  look: 35mm film still, soft morning light
  shots: [{shots}]
axes:
  shot: {{over: "${{{{ inputs.shots }}}}"}}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/flux/schnell
    with: {{prompt: "${{{{ shot }}}}, ${{{{ inputs.look }}}}", image_size: landscape_16_9, seed: 7}}
  clip:
    each: shot
    uses: {model}
    with:
      prompt: ${{{{ shot }}}}, slow camera move
      image_url: ${{{{ keyframe.images[0] }}}}
      duration: {duration}
  film:
    uses: media/concat
    with: {{videos: "${{{{ clip.video }}}}"}}
outputs:
  film: ${{{{ film.video }}}}
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A model for the clips. duration: as its parameter says it. clips: how many of them are thirty seconds.
    use: what it is good for."""

    model: str
    duration: str
    clips: int
    use: str

    @property
    def film(self) -> str:
        """The pipeline of thirty seconds with this model."""
        shots = ", ".join(f'"{scene}"' for scene in SCENES[: self.clips])
        return FILM.format(shots=shots, model=self.model, duration=self.duration)


CHOICES: Final = (
    Choice("fal-ai/minimax/hailuo-2.3-fast/standard/image-to-video", '"6"', 5, "first versions, many tries"),
    Choice("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", '"5"', 6, "movement that looks right"),
    Choice("fal-ai/veo3.1/fast/image-to-video", "6s", 5, "the final film, with sound"),
)


def files() -> Mapping[str, str]:
    """The page, by its path."""
    with TemporaryDirectory() as folder, chdir(folder):
        (Path(folder) / "callsheet.toml").touch()
        rows = [_row(choice, Path(folder) / "film.yaml") for choice in CHOICES]
    table, film = "\n".join([*HEAD, *rows]), f"```yaml\n{CHOICES[1].film}```"
    return {PAGE: filled(PAGE, {"table": table, "film": film})}


def _row(choice: Choice, path: Path) -> str:
    path.write_text(choice.film, encoding="utf-8")
    plan = callsheet.plan(callsheet.load(path))
    usd: defaultdict[str, float] = defaultdict(float)
    told = plan.to_json()["steps"]
    for step in told:
        usd[step["node"]] += step["usd"]
    clip = next(step for step in told if step["node"] == "clip")["outputs"]["video"]
    assert clip["seconds"] * choice.clips == 30, clip
    sums = [usd["clip"] / choice.clips, usd["keyframe"], usd["clip"], plan.usd]
    shown = " | ".join(f"${each:.2f}" for each in sums)
    length = f"{choice.clips} × {clip['seconds']:g} s"
    sound = "yes" if clip["audio"] else "no"
    return f"| `{choice.model}` | {length} | {shown} | {sound} | {choice.use} |"
