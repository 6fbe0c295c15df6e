"""What plan, explain and lock --check cost for a film that is made, when nothing changed since they told it.

    python benchmarks/plans.py [--count 10000 100000] [--runs 3]

Goals: 0.4 s of CPU at 10,000 instances, 2.5 s at 100,000. Beside it, the same with something changed, once.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from cpu import cpu_seconds
from instances import FILM

VERBS = {
    "run": ["run", "film.yaml", "--yes", "--output", "quiet"],
    "plan": ["plan", "film.yaml"],
    "plan --json": ["plan", "film.yaml", "--json"],
    "explain": ["explain", "film.yaml", 'words["7"]'],
    "lock --check": ["lock", "--check", "film.yaml"],
}
GOALS = {10_000: 0.4, 100_000: 2.5}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, nargs="+", default=[*GOALS])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    script = shutil.which("callsheet", path=str(Path(sys.executable).parent)) or "callsheet"
    for count in options.count:
        goal = f" (goal {GOALS[count]:g} s)" if count in GOALS else ""
        print(f"{count:,} instances, all made{goal}")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "callsheet.toml").touch()
            (folder / "film.yaml").write_text(FILM.format(count=count))
            cpu_seconds([script, *VERBS["run"]], folder)
            time.sleep(1)  # what was changed just now is not trusted
            for verb, words in VERBS.items():
                first = cpu_seconds([script, *words], folder)
                again = min(cpu_seconds([script, *words], folder) for _ in range(options.runs))
                print(f"  {verb:<13} {again:5.2f} s, the first time {first:5.2f} s ({again / first:.2f} ×)")


if __name__ == "__main__":
    main()
