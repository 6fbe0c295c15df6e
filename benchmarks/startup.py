"""What a start of callsheet costs, against the imports that it cannot do without, in the same run.

    python benchmarks/startup.py [--runs 15]

Least CPU of `--runs` runs, taken in turns. Goals: `check` of three nodes at most 1.4 × the imports of
pydantic, yaml and jinja2, `plan` at most 4 × with networkx; `--help` below 2 × `import click`. Python must
be allowed to write its compiled files: with PYTHONDONTWRITEBYTECODE and without them, each start compiles
everything.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from cpu import in_turns

ROOT = Path(__file__).parents[1]
EXAMPLE = str(ROOT / "examples/lighthouse/film.yaml")
LIBRARIES = "import pydantic, yaml, jinja2"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    script = shutil.which("callsheet", path=str(Path(sys.executable).parent)) or "callsheet"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    commands = {
        LIBRARIES: [sys.executable, "-c", LIBRARIES],
        "import click": [sys.executable, "-c", "import click"],
        "import networkx": [sys.executable, "-c", "import networkx"],
        "check": [script, "check", EXAMPLE],
        "plan": [script, "plan", EXAMPLE],
        "--help": [script, "--help"],
    }
    found = in_turns({name: (command, ROOT) for name, command in commands.items()}, runs, min)
    for name, against, goal in (
        ("check", LIBRARIES, 1.4), ("plan", LIBRARIES, 4), ("--help", "import click", 2),
    ):  # fmt: skip
        ratio = found[name] / found[against]
        print(f"{name}: {ratio:.2f} × `{against}` (goal {goal:g}), {found[name] * 1000:.0f} ms CPU")
    print(f"of them networkx: {found['import networkx'] * 1000:.0f} ms with Python itself")


if __name__ == "__main__":
    main()
