"""The quick benchmarks of this tree against another revision, as ratios of CPU. Fails no build.

    python benchmarks/compare.py REV [--runs 5] [--count 1000]

Both trees run the same commands in turns, with the libraries of this Python; the least of `--runs` counts. A
ratio below 1 is faster than REV. On a shared machine, ratios within 5 % of each other say nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cpu import cpu_seconds
from instances import FILM

ROOT = Path(__file__).parents[1]
MAIN = "import sys; sys.argv[0] = 'callsheet'; from callsheet.cli.main import main; main()"
LIGHTHOUSE = "lighthouse/film.yaml"
COMMANDS = {
    "--help": ["--help"],
    "check, three nodes": ["check", LIGHTHOUSE],
    "plan, three nodes": ["plan", LIGHTHOUSE],
    "run, all new": ["run", "new/film.yaml", "--yes", "--output", "quiet"],
    "run, nothing to do": ["run", "made/film.yaml", "--yes", "--output", "quiet"],
    "plan, nothing to do": ["plan", "made/film.yaml"],
    "check": ["check", "made/film.yaml"],
}


class Tree:
    """A checkout of callsheet, and a folder in which its commands are measured."""

    def __init__(self, code: Path, folder: Path, count: int) -> None:
        self.folder = folder
        self._environ = {"PYTHONPATH": str(code), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        self._film = FILM.format(count=count)
        shutil.copytree(ROOT / "examples/lighthouse", folder / "lighthouse")
        for name in ("new", "made", "lighthouse"):
            self._begin(name)
        self.seconds("run", "made/film.yaml", "--yes", "--output", "quiet")
        for command in COMMANDS.values():
            self.seconds(*command)

    def _begin(self, name: str) -> None:
        (self.folder / name).mkdir(exist_ok=True)
        (self.folder / name / "callsheet.toml").touch()
        if name != "lighthouse":
            (self.folder / name / "film.yaml").write_text(self._film)

    def seconds(self, *command: str) -> float:
        """CPU of one command; what it made in the folder of new films is removed before."""
        shutil.rmtree(self.folder / "new", ignore_errors=True)
        self._begin("new")
        return cpu_seconds([sys.executable, "-c", MAIN, *command], self.folder, self._environ)


def checkout(revision: str, folder: Path) -> Path:
    """The files of a revision, in a new folder."""
    archive = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True).stdout
    folder.mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def ratios(new: Tree, old: Tree, runs: int) -> dict[str, tuple[float, float]]:
    """Name → (seconds of this tree, ratio to the other one)."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            for tree, seconds in zip((new, old), found[name], strict=True):
                seconds.append(tree.seconds(*command))
    return {name: (min(ours), min(ours) / min(theirs)) for name, (ours, theirs) in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("revision")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--count", type=int, default=1_000)
    options = parser.parse_args(arguments)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code = checkout(options.revision, folder / "code")
        for tree in ("ours", "theirs"):
            (folder / tree).mkdir()
        new = Tree(ROOT, folder / "ours", options.count)
        old = Tree(code, folder / "theirs", options.count)
        print(f"{options.count:,} instances; CPU of this tree, and its ratio to {options.revision}")
        for what, (seconds, ratio) in ratios(new, old, options.runs).items():
            print(f"  {what:<20} {seconds * 1000:7.0f} ms  {ratio:5.2f} ×")


if __name__ == "__main__":
    main()
