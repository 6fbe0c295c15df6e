"""How long callsheet takes to say something, against Python's own imports in the same run.

    python benchmarks/startup.py [--runs 15]

Goals: `check` of three nodes at most 3 × `import pydantic, yaml, jinja2`; `--help` below 2 × `import click`.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples/lighthouse/film.yaml"


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    script = shutil.which("callsheet", path=str(Path(sys.executable).parent)) or "callsheet"
    pairs = {
        "check, three nodes": ([script, "check", str(EXAMPLE)], "import pydantic, yaml, jinja2", 3.0),
        "--help": ([script, "--help"], "import click", 2.0),
    }
    for name, (command, imports, goal) in pairs.items():
        ours, theirs = [], []
        for _ in range(runs):  # taken in turns, so that a busy machine disturbs both alike
            ours.append(seconds(command))
            theirs.append(seconds([sys.executable, "-c", imports]))
        ratio = statistics.median(ours) / statistics.median(theirs)
        print(f"{name}: {ratio:.2f} × `{imports}` (goal {goal:g}), {statistics.median(ours) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
