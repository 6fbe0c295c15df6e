"""What a trivial local instance costs through the command line: planned, made, kept, told, locked.

    python benchmarks/instances.py [--count 4000] [--runs 3]

CPU of `callsheet run` of that many `text/split`, the start included, for each of them; the least of
`--runs`. Goal: 350 µs. Python must be allowed to write its compiled files: without them, each start compiles
everything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cpu import cpu_seconds

GOAL = 350
"""µs for each instance."""

FILM = """callsheet: 1
axes: {{i: {{over: "${{{{ range({count}) }}}}"}}}}
nodes:
  words: {{uses: text/split, each: i, with: {{text: "line ${{{{ i }}}}"}}}}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=4_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    script = shutil.which("callsheet", path=str(Path(sys.executable).parent)) or "callsheet"
    every = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "callsheet.toml").touch()
            (folder / "film.yaml").write_text(FILM.format(count=options.count))
            command = [script, "run", "film.yaml", "--yes", "--output", "quiet"]
            every.append(cpu_seconds(command, folder))
    each = min(every) / options.count * 1e6
    print(f"{options.count:,} text/split: {each:.0f} µs CPU each (goal {GOAL}: {each / GOAL:.2f} × it)")


if __name__ == "__main__":
    main()
