"""How long `callsheet models sync` takes for a list of 1,400 models, and how much memory.

    python benchmarks/sync.py [MODELS]

The list, its documents and its prices come from the emulator, in a process of its own. Prints seconds,
those of the processor, and the largest resident memory of the command: for a first sync that writes every
new document, and for one that has nothing to do.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIKE = "fal-ai/veo3.1/fast/first-last-frame-to-video"
LISTED = 1307
"""What the emulator lists of itself."""


def main() -> None:
    models = int(sys.argv[1]) if len(sys.argv) > 1 else 1400
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        new = "".join(f"  acme/model-{i}/text-to-video: {LIKE}\n" for i in range(max(models - LISTED, 0)))
        (home / "emulator.yaml").write_text("tiny: true\n" + (f"models:\n{new}" if new else ""), "utf-8")
        (home / "callsheet.toml").touch()
        command = [sys.executable, "-m", "callsheet", "emulator", "--port", "0", "--config", "emulator.yaml"]
        emulator = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, text=True)
        try:
            assert emulator.stdout is not None
            url = emulator.stdout.readline().split()[-1]
            for what in ("first", "again"):
                print(f"{what:<6} {_sync(home, url)}")
        finally:
            emulator.terminate()
            emulator.wait()


def _sync(home: Path, url: str) -> str:
    environ = {**os.environ, "CALLSHEET_FAL_URL": url, "FAL_KEY": "any"}
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "callsheet", "models", "sync"]
    done = subprocess.run(command, cwd=home, env=environ, capture_output=True, text=True, check=True)
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    last = done.stdout.splitlines()[-1]
    return f"{seconds:5.1f} s  {cpu:5.1f} s of CPU  {after.ru_maxrss / 1024:4.0f} MB  {last}"


if __name__ == "__main__":
    main()
