"""How close a storyboard comes to the shortest time it could take, against the emulator.

    python benchmarks/makespan.py [--shots 50] [--concurrency 64] [--seed 1] [--scale 1.0]

Each shot is a keyframe (5 to 15 s) and a clip from it to the next keyframe (40 to 120 s), all put together
in the end. No order of work can beat max(longest path, work / concurrency), with the latencies that the
provider really drew. Goal: at most 1.03 times that, where latencies are large against the overhead.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import callsheet
from callsheet.emulator import Emulator
from callsheet.runtime.events import NodeFinished, NodeStarted
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace

KEYFRAME = "fal-ai/hunyuan-image/v3/text-to-image"
CLIP = "fal-ai/veo3.1/fast/first-last-frame-to-video"
LATENCIES = {KEYFRAME: (5.0, 15.0), CLIP: (40.0, 120.0)}
GOAL = 1.03
STORYBOARD = f"""
callsheet: 1
name: storyboard
axes:
  shot: {{over: "${{{{ range(SHOTS) }}}}"}}
nodes:
  keyframe:
    each: shot
    uses: {KEYFRAME}
    with: {{prompt: "keyframe ${{{{ shot }}}}", seed: 1}}
  clip:
    each: shot
    when: ${{{{ not axis.shot.last }}}}
    uses: {CLIP}
    with:
      prompt: "clip ${{{{ shot }}}}"
      first_frame_url: ${{{{ keyframe.images[0] }}}}
      last_frame_url: ${{{{ next(keyframe).images[0] }}}}
  film:
    uses: media/concat
    with: {{videos: "${{{{ clip.video }}}}"}}
outputs:
  film: ${{{{ film.video }}}}
"""


class Watch:
    """When each instance began and ended, in seconds of `time.monotonic`."""

    def __init__(self) -> None:
        self.began: dict[str, float] = {}
        self.ended: dict[str, float] = {}

    def __call__(self, event: object) -> None:
        if isinstance(event, NodeStarted):
            self.began[event.address] = time.monotonic()
        elif isinstance(event, NodeFinished):
            self.ended[event.address] = time.monotonic()

    @property
    def makespan(self) -> float:
        return max(self.ended.values()) - min(self.began.values())

    def seconds(self, address: str) -> float:
        return self.ended[address] - self.began[address]


def drawn(provider: Emulator) -> dict[str, float]:
    """Seconds that the provider worked, by prompt."""
    return {str(generation.body["prompt"]): generation.seconds for generation in provider.accepted}


def longest_path(latency: dict[str, float], shots: int, last: float) -> float:
    """The slowest clip with the slower of its keyframes, and what comes after all of them."""
    return last + max(
        max(latency[f"keyframe {i}"], latency[f"keyframe {i + 1}"]) + latency[f"clip {i}"]
        for i in range(shots - 1)
    )


def measure(shots: int, concurrency: int, seed: int, scale: float) -> None:
    endpoints = {
        name: {"latency": {"min": least * scale, "max": most * scale}}
        for name, (least, most) in LATENCIES.items()
    }
    watch = Watch()
    with (
        tempfile.TemporaryDirectory() as name,
        Emulator(tiny=True, seed=seed, endpoints=endpoints) as provider,
    ):
        os.environ.update(CALLSHEET_FAL_URL=provider.url, FAL_KEY="any")
        folder = Path(name)
        (folder / "film.yaml").write_text(STORYBOARD.replace("SHOTS", str(shots)))
        graph = callsheet.load(folder / "film.yaml")
        options = RunOptions(out=folder / "out", concurrency=concurrency)
        with Workspace(state=folder / "s") as workspace:
            result = run(prepare(graph, workspace, options), watch, confirm=True)
        latency = drawn(provider)
    if result.status != "done":
        raise SystemExit(f"the run {result.status}: {result.failures}")
    report(watch, latency, longest_path(latency, shots, watch.seconds("film")), concurrency)


def report(watch: Watch, latency: dict[str, float], path: float, concurrency: int) -> None:
    work = sum(latency.values()) / concurrency
    bound = max(path, work)
    print(f"calls                  {len(latency)}, {concurrency} at once")
    print(f"longest path           {path:.2f} s")
    print(f"work / concurrency     {work:.2f} s")
    print(f"makespan               {watch.makespan:.2f} s")
    print(f"ratio                  {watch.makespan / bound:.4f} (target {GOAL})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=int, default=50)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="of the latencies")
    asked = parser.parse_args()
    measure(asked.shots, asked.concurrency, asked.seed, asked.scale)


if __name__ == "__main__":
    main()
