"""A second run of an unchanged pipeline against the floor, and against other tools that are installed.

    python benchmarks/nothing_to_do.py [--nodes 1000 10000] [--peers DIR] [--runs 5]

Goals: at most 1.5 × the CPU of the floor (benchmarks/floor.py) at 10,000 nodes; at least 3 × faster than
snakemake and 20 × faster than DVC at 1,000. peers: a folder of virtual environments whose programs are
measured beside it: `python -m venv DIR/doit && DIR/doit/bin/pip install doit`, and so on for ninja, snakemake
and dvc; what is not there, nor on the path, is left out. dvc is measured once only: it takes long.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import dag
from cpu import cpu_seconds, in_turns

HERE = Path(__file__).parent
SLOW = 5_000
"""Nodes from which on only the quick tools are asked."""
COMMANDS = {
    "ninja": ["ninja", "--quiet"],
    "make": ["make", "-s"],
    "doit": ["doit", "-v", "0"],
    "snakemake": ["snakemake", "-c1", "--quiet"],
    "dvc": ["dvc", "repro", "--quiet"],
}


def program(name: str, peers: Path | None) -> str | None:
    """Where a tool is: in an environment under `peers`, beside this Python, or on the path."""
    folders = [str(folder) for folder in sorted(peers.glob("*/bin"))] if peers else []
    here = str(Path(sys.executable).parent)
    return next((p for f in (*folders, here) if (p := shutil.which(name, path=f))), shutil.which(name))


def measure(nodes: int, peers: Path | None, runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = {t: path for t in COMMANDS if (path := program(t, peers))}
        if nodes > SLOW:
            tools = {t: path for t, path in tools.items() if t not in ("snakemake", "dvc")}
        dag.write(folder, nodes, [*{*tools, "make"}, "callsheet"])
        film = [program("callsheet", None) or "callsheet", "run", "film.yaml", "--output", "quiet"]
        subprocess.run(film, cwd=folder / "callsheet", check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["make", "-s", "-j2"], cwd=folder / "make", check=True)
        floor = [sys.executable, str(HERE / "floor.py"), str(folder / "dag.json"), str(folder / "make")]
        commands = {"callsheet": (film, folder / "callsheet"), "floor": (floor, folder / "make")}
        slow = {}
        for tool, path in tools.items():
            command = [path, *COMMANDS[tool][1:]]
            if tool == "dvc":
                prepare_dvc(path, folder)
            cpu_seconds(command, folder / tool)
            (slow if tool == "dvc" else commands)[tool] = (command, folder / tool)
        found = in_turns(commands, runs) | in_turns(slow, 1)
    told(nodes, found)


def prepare_dvc(path: str, folder: Path) -> None:
    """Take what make has made for DVC's own: it would take the better part of an hour to make it."""
    shutil.copytree(folder / "make" / "out", folder / "dvc" / "out", dirs_exist_ok=True)
    for words in (["init", "--no-scm", "-q"], ["commit", "--force", "-q"]):
        subprocess.run([path, *words], cwd=folder / "dvc", check=True)


def told(nodes: int, found: dict[str, float]) -> None:
    ours = found["callsheet"]
    print(f"\nnothing to do, {nodes:,} nodes: {ours * 1000:.0f} ms CPU")
    print(f"  {ours / found['floor']:5.2f} × the floor with our imports (goal 1.5)")
    goals = {"snakemake": " (goal 3)", "dvc": " (goal 20)"}
    for tool in COMMANDS:
        if tool in found:
            print(f"  {found[tool] / ours:5.2f} × faster than {tool}{goals.get(tool, '')}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    for nodes in options.nodes:
        measure(nodes, options.peers, options.runs)


if __name__ == "__main__":
    main()
