"""How long the merge driver takes for a lock file of many instances.

    python benchmarks/merge_locks.py [--instances 10000] [--times 3]

Two branches each made a tenth of all instances again, not the same ones, and each decided something. Measured
is `callsheet merge-driver` as git calls it, in CPU seconds of a process of its own; the best of several.
Goal: below 1 s for 10,000 instances.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from callsheet.runtime.lock.lines import Decided, Line, Result, Schema
from callsheet.runtime.lock.model import Decision, Made
from callsheet.runtime.lock.write import text

GOAL = 1.0
USES = "fal-ai/pika/v2.2/image-to-video"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    seconds = min(merged(asked.instances) for _ in range(asked.times))
    print(f"{asked.instances:,} instances: {seconds:.2f} s CPU (goal: {GOAL:g} s)")


def merged(count: int) -> float:
    """CPU seconds of one merge."""
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name, side) for side in ("base", "ours", "theirs")]
        for path, anew in zip(paths, (-1, 0, 1), strict=True):
            path.write_text(text(lock(count, anew)), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "callsheet", "merge-driver", *map(str, paths)], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert paths[1].read_text("utf-8").count("- {made: ") == count
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lock(count: int, anew: int) -> list[Line]:
    """A lock in which every tenth instance was made again, from number `anew` on; none if it is negative."""
    found: list[Line] = [Schema(USES, digest("schema"))]
    for number in range(count):
        again = anew >= 0 and number % 10 == anew
        address = f'clip["s{number:05}"]'
        outputs = {"video": digest(f"video {number} {again}")}
        found.append(Result("", address, Made(digest(f"key {number} {again}"), USES, outputs, 0.2)))
        if again:
            found.append(Decided("", address, Decision("approve", digest=digest(f"{number}"), by="Ann")))
    return found


def digest(of: str) -> str:
    return hashlib.sha256(of.encode()).hexdigest()


if __name__ == "__main__":
    main()
