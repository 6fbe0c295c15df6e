"""A film of many paid shots against the emulator, then a month of small edits. By hand: it takes its time.

    python benchmarks/soak.py [--shots 1000] [--seconds 0.6] [--faults] [--edits 200] [--concurrency 64]

    python benchmarks/soak.py                                               a paid job at 64 slots
    python benchmarks/soak.py --shots 5000 --concurrency 5000 --seconds 240 5,000 in flight, and their memory
    python benchmarks/soak.py --faults                                      1,000 shots with faults
    python benchmarks/soak.py --faults --shots 20 --edits 200               200 runs of edits

Each figure stands beside its goal, and as its ratio to it: CPU and looks for each paid job, the memory of
the run. It also tells that nothing was bought twice, and how large ledger and cache are before and after
`cache gc`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

FILM = """callsheet: 1
inputs: {{look: {{type: string, default: "look {edit}"}}}}
axes: {{i: {{over: "${{{{ range({shots}) }}}}"}}}}
nodes:
  keyframe:
    each: i
    uses: fal-ai/hunyuan-image/v3/text-to-image
    retry: {{attempts: 3, on: [unavailable]}}
    with: {{prompt: "shot ${{{{ i }}}}, ${{{{ 'look 0' if i > 0 else inputs.look }}}}"}}
"""
FAULTS = ["http_429,probability=0.01,retry_after=1", "lost_reply,probability=0.005"]
MAIN = "import sys; sys.argv[0] = 'callsheet'; from callsheet.cli.main import main; main()"


def serve(faults: Sequence[str], seconds: float, pipe: Connection) -> None:
    """An emulator in a process of its own: tells what it accepted, and how often it was asked, until it is
    told to end."""
    from callsheet.emulator import Emulator

    shortest = seconds * 0.97 if seconds > 1 else seconds / 12
    with Emulator(tiny=True, faults=[*faults], latency={"min": shortest, "max": seconds}) as provider:
        pipe.send(provider.url)
        while pipe.recv():
            bought = Counter(str(sorted(post.body.items())) for post in provider.posts if post.accepted)
            looks = sum(request.place == "status" for request in provider.requests)
            pipe.send((sum(bought.values()), sum(count > 1 for count in bought.values()), looks))


def typed(folder: Path, environ: dict[str, str], *words: str) -> tuple[float, int]:
    """CPU seconds and the most memory, in MB, of a command; its exit code does not count."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *words],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"callsheet {words[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // (1024 if sys.platform == "linux" else 1 << 20)


def sizes(state: Path) -> str:
    return ", ".join(f"{n} {(state / n).stat().st_size / 1e6:.2f} MB" for n in ("ledger.db", "cache.db"))


def told(name: str, figure: float, unit: str, goal: float) -> None:
    print(f"  {name:<20} {figure:8.1f} {unit:<6} {figure / goal:5.2f} × the goal of {goal:g}")


def soak(folder: Path, environ: dict[str, str], options: argparse.Namespace, provider: Connection) -> None:
    film = folder / "film.yaml"
    run = ["run", "film.yaml", "--yes", "--unpriced", "--output", "quiet"]
    run += ["--concurrency", str(options.concurrency)]
    film.write_text(FILM.format(shots=options.shots, edit=0))
    seconds, memory = typed(folder, environ, *run)
    provider.send(True)
    accepted, _, looks = provider.recv()
    print(f"{options.shots:,} paid jobs, {options.concurrency:,} at once, of up to {options.seconds:g} s:")
    told("CPU for each", seconds / options.shots * 1e3, "ms", 9 if options.concurrency <= 64 else 10)
    told("looks at each", looks / accepted, "", 4)
    told("memory of the run", memory, "MB", 120)
    if not options.edits:
        return
    for edit in range(options.edits):
        film.write_text(FILM.format(shots=options.shots, edit=edit + 1))
        typed(folder, environ, *run)
    print(f"after {options.edits + 1} runs: {sizes(folder / '.callsheet')}")
    typed(folder, environ, "cache", "gc", "--yes")
    print(f"after cache gc: {sizes(folder / '.callsheet')}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shots", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=0.6)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--edits", type=int, default=0)
    parser.add_argument("--concurrency", type=int, default=64)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(
        target=serve, args=(FAULTS if options.faults else (), options.seconds, there), daemon=True
    )
    server.start()
    url = here.recv()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "callsheet.toml").touch()
        environ = {**os.environ, "CALLSHEET_FAL_URL": url, "FAL_KEY": "any:key"}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)  # people have the compiled modules
        soak(folder, {**environ, "CALLSHEET_CONFIG": str(folder / "config")}, options, here)
    here.send(True)
    bought, twice, _ = here.recv()
    print(f"accepted {bought:,}, bought twice {twice}")
    print(f"CPU of all: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime:.0f} s")
    here.send(False)
    server.join()


if __name__ == "__main__":
    main()
