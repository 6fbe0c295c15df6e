"""Mutants of every example: `check` answers with positioned messages or a clean pass, within bounds."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(map(str, (ROOT / "examples").glob("*/*.yaml")))


def test_every_answer_has_a_place(long: bool) -> None:
    count = 20_000 if long else 300
    command = [sys.executable, "-m", "callsheet.testing.mutants", *EXAMPLES, "--count", str(count)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:] + done.stdout
    assert f"{count} mutants: " in done.stdout and ", 0 wrong" in done.stdout
