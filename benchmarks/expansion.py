"""Check and expansion of large pipelines: time and memory, and how both grow.

    python benchmarks/expansion.py [--sizes 1000 10000 100000]

Goals: 10,000 instances below 3 s and 400 MB; the cost of an instance does not grow up to 100,000.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = """
import resource, sys, time
started = time.perf_counter()
from callsheet import (load)
graph = load(sys.argv[1])
seconds = time.perf_counter() - started
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(len(graph.instances), seconds, memory)
"""
EXAMPLE = Path(__file__).parents[1] / "examples/lighthouse/film.yaml"


def measure(size: int, folder: Path) -> tuple[int, float, float]:
    """(instances, seconds, MB) of the lighthouse with size / 2 shots, in a process of its own."""
    rows = (f's{i:06d},"prompt number {i}, with a comma",slow dolly in' for i in range(size // 2))
    (folder / "shots.csv").write_text("id,prompt,motion\n" + "\n".join(rows) + "\n")
    (folder / "film.yaml").write_text(EXAMPLE.read_text())
    command = [sys.executable, "-c", MEASURE, str(folder / "film.yaml")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    instances, seconds, memory = done.stdout.split()
    return int(instances), float(seconds), float(memory)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    first = None
    for size in parser.parse_args().sizes:
        with tempfile.TemporaryDirectory() as folder:
            instances, seconds, memory = measure(size, Path(folder))
        each = seconds / instances
        first = first or each
        print(
            f"{instances:>7,} instances: {seconds:5.2f} s, {memory:4.0f} MB, "
            f"{each * 1e6:4.0f} µs each, {each / first:.2f} × the smallest"
        )


if __name__ == "__main__":
    main()
