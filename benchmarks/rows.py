"""What a batch costs: a plan of many rows, and a run of them where nothing has changed.

    python benchmarks/rows.py [--rows 1000]

Each row has 13 nodes. The plan is of calls, the run of local operations, so that nothing is sent. Measured
are CPU seconds and memory of the process. Goals for 1,000 rows: plan below 6 s, run without work below 1 s,
300 MB.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HEAD = "callsheet: 1\nname: NAME\ninputs: {title: {type: string}}\nnodes:\n"
CALLS = """
  still{n}: {{uses: fal-ai/hunyuan-image/v3/text-to-image, with: {{prompt: "${{{{ inputs.title }}}} {n}"}}}}
  clip{n}:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {{prompt: "${{{{ inputs.title }}}} {n}", image_url: "${{{{ still{n}.images[0] }}}}"}}
"""
JOIN = '  film: {uses: media/concat, with: {videos: ["${{ clip0.video }}", "${{ clip1.video }}"]}}\n'
LOCAL = '  part{n}: {{uses: text/split, with: {{text: "${{{{ inputs.title }}}} {n}"}}}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "callsheet.toml").touch()
        table = [f"r{n:05},film {n}\n" for n in range(rows)]
        (folder / "rows.csv").write_text("id,title\n" + "".join(table))
        calls = HEAD + "".join(CALLS.format(n=n) for n in range(6)) + JOIN
        (folder / "calls.yaml").write_text(calls.replace("NAME", "calls"))
        local = HEAD + "".join(LOCAL.format(n=n) for n in range(13)) + 'outputs: {p: "${{ part0.parts }}"}\n'
        (folder / "local.yaml").write_text(local.replace("NAME", "local"))
        tell(f"plan of {rows:,} rows", "6 s", measured(folder, ["plan", "calls.yaml"]))
        run = ["run", "local.yaml", "--output", "quiet"]
        tell("first run", "-", measured(folder, run))
        tell("run without work", "1 s", measured(folder, run))


def measured(folder: Path, words: Sequence[str]) -> tuple[float, float]:
    """CPU seconds and MB of memory of a command over the rows."""
    command = [sys.executable, "-m", "callsheet", *words, "--each", "rows.csv"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def tell(what: str, goal: str, found: tuple[float, float]) -> None:
    print(f"{what}: {found[0]:.2f} s CPU (goal {goal}), {found[1]:.0f} MB (goal 300 MB)")


if __name__ == "__main__":
    main()
