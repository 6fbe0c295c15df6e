"""A recipe used many times against the same nodes written out: the time that `check` takes.

    python benchmarks/recipes.py [--uses 100]

Goal: using a recipe 100 times costs no more than writing its nodes out, and the instances are the same.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5
MEASURE = """
import sys, time
from callsheet import (check)
check(sys.argv[2])
started = time.process_time()
graph = check(sys.argv[1]).graph
print(len(graph.instances), time.process_time() - started)
"""
SHOTS = "[" + ", ".join(f"{{id: s{i}, prompt: prompt number {i}}}" for i in range(5)) + "]"
NODES = """\
  {0}frame:
    each: {0}shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {{prompt: "${{{{ {1} }}}}, ${{{{ {0}shot.prompt }}}}", seed: 7}}
  {0}clip:
    each: {0}shot
    when: ${{{{ not axis.{0}shot.last }}}}
    uses: fal-ai/veo3.1/fast/first-last-frame-to-video
    with:
      prompt: ${{{{ {0}shot.prompt }}}}
      first_frame_url: ${{{{ {0}frame.images[0] }}}}
      last_frame_url: ${{{{ next({0}frame).images[0] }}}}
      duration: 8s
  {0}film: {{uses: media/concat, with: {{videos: "${{{{ {0}clip.video }}}}"}}}}
"""
RECIPE = f"""\
callsheet: 1
inputs: {{hero: {{type: string}}, shots: {{type: list, items: {{id: string, prompt: string}}}}}}
axes: {{shot: {{over: "${{{{ inputs.shots }}}}", key: "${{{{ shot.id }}}}"}}}}
nodes:
{NODES.format("", "inputs.hero")}outputs: {{film: "${{{{ film.video }}}}"}}
"""


def used(uses: int) -> str:
    nodes = "".join(
        f"  a{i}: {{uses: ./board.yaml, with: {{hero: hero {i}, shots: {SHOTS}}}}}\n" for i in range(uses)
    )
    return f"callsheet: 1\nnodes:\n{nodes}"


def written_out(uses: int) -> str:
    inputs = "".join(f"  a{i}_hero: hero {i}\n" for i in range(uses))
    axes = "".join(f'  a{i}_shot: {{over: {SHOTS}, key: "${{{{ a{i}_shot.id }}}}"}}\n' for i in range(uses))
    nodes = "".join(NODES.format(f"a{i}_", f"inputs.a{i}_hero") for i in range(uses))
    return f"callsheet: 1\ninputs:\n{inputs}axes:\n{axes}nodes:\n{nodes}"


def measure(path: Path, warm: Path) -> tuple[int, float]:
    """(instances, CPU seconds) of one check, after another one has read the catalogue."""
    command = [sys.executable, "-c", MEASURE, str(path), str(warm)]
    instances, seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return int(instances), float(seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--uses", type=int, default=100)
    uses = parser.parse_args().uses
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "board.yaml").write_text(RECIPE)
        (folder / "used.yaml").write_text(used(uses))
        (folder / "written.yaml").write_text(written_out(uses))
        (folder / "warm.yaml").write_text(used(1))
        times: dict[str, list[float]] = {"used": [], "written": []}
        for _ in range(ROUNDS):
            for kind, found in times.items():
                instances, seconds = measure(folder / f"{kind}.yaml", folder / "warm.yaml")
                found.append(seconds)
    recipe, written = (statistics.median(found) for found in times.values())
    print(f"{uses} uses, {instances:,} instances: recipe {recipe:.3f} s, written out {written:.3f} s of CPU")
    print(f"ratio {recipe / written:.2f}")


if __name__ == "__main__":
    main()
