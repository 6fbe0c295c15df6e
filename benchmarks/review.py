"""What a page that watches costs a run, how late an event is on the page, and how soon the page is there.

    python benchmarks/review.py --shots 200 --rounds 5

A film of one image a shot is bought from the emulated provider, by `callsheet run` in a process of its own,
with and without `callsheet review` beside it and a client at its event stream. CPU is that of the run alone.
Rounds with and without a page alternate.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from cpu import cpu_seconds

from callsheet.emulator import Emulator

FILM = """
callsheet: 1
name: watched
axes:
  shot: {over: "${{ range(COUNT) }}"}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "shot ${{ shot }}", image_size: square}
"""
CALLSHEET = [sys.executable, "-m", "callsheet"]


def run(folder: Path, env: Mapping[str, str]) -> float:
    """Seconds of CPU of one run that buys everything."""
    for left in (".callsheet", "out", "film.lock.yaml"):
        path = folder / left
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return cpu_seconds([*CALLSHEET, "run", "film.yaml", "--yes", "--output", "quiet"], folder, env)


@contextmanager
def watched(folder: Path, env: Mapping[str, str], late: list[float]) -> Iterator[None]:
    """A page that watches. late: gets the seconds between each event and its arrival."""
    server = subprocess.Popen(
        [*CALLSHEET, "review", "film.yaml", "--no-open", "--output", "json"],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    address = urlsplit(json.loads(server.stdout.readline())["address"])
    connection = http.client.HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", f"{address.path}events")
    reply = connection.getresponse()

    def listen() -> None:
        while line := reply.readline():
            if line.startswith(b'data: {"event"'):
                late.append(time.time() - json.loads(line.removeprefix(b"data: "))["time"])

    threading.Thread(target=listen, daemon=True).start()
    yield
    server.terminate()
    server.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Emulator(tiny=True) as emulator:
        folder = Path(name)
        (folder / "callsheet.toml").touch()
        (folder / "film.yaml").write_text(FILM.replace("COUNT", str(given.shots)))
        env = {**os.environ, "CALLSHEET_FAL_URL": emulator.url, "FAL_KEY": "none", "CALLSHEET_CONFIG": name}
        alone, beside, late = [], [], list[float]()
        for _ in range(given.rounds):
            alone.append(run(folder, env))
            with watched(folder, env, late):
                beside.append(run(folder, env))
    one, other = statistics.median(alone), statistics.median(beside)
    print(f"{given.shots} images: {one:.2f} s CPU alone, {other:.2f} s with a page, {other / one:.3f} times")
    late.sort()
    middle, most = (f"{late[int(len(late) * share)] * 1000:.0f} ms" for share in (0.5, 0.99))
    print(f"{len(late)} events: median {middle} late, 99 % {most}, all {late[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    main()
