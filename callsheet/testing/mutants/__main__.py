"""`python -m callsheet.testing.mutants FILE… [--count N] [--first N]`."""

from __future__ import annotations

import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from callsheet.dsl.diagnostics.render import render_all
from callsheet.runtime.check import check
from callsheet.testing.mutants.mutate import mutant

MOST_SECONDS: Final = 2.0
"""CPU seconds that `check` may take for a mutant."""
MOST_BYTES: Final = 300 * 1024 * 1024
"""Memory that the process may take, all mutants together."""
BESIDE: Final = (".csv", ".fountain", ".yaml")
"""Endings of the files that are mutated, too."""


@dataclass(slots=True)
class Answer:
    """What `check` made of a mutant. flaw: what was wrong with it, "" for nothing."""

    ok: bool
    seconds: float
    flaw: str


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--count", default=300, show_default=True, help="How many mutants to check.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
def main(files: Sequence[Path], count: int, first: int) -> None:
    """Check mutants of pipelines, one for each seed.

    Each answer has to be positioned messages or a clean pass, within 2 seconds of CPU and 300 MB.
    """
    answers: list[Answer] = []
    flaws = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            answers.append(answer := _answer(seed, files, Path(folder, "film")))
            if answer.flaw:
                flaws += 1
                click.echo(f"seed {seed}: {answer.flaw}", err=True)
    peak = _peak()
    click.echo(
        f"{count} mutants: {sum(not a.ok for a in answers)} refused, {sum(a.ok for a in answers)} fine, "
        f"{flaws} wrong; slowest {max(a.seconds for a in answers):.2f} s of CPU, peak {peak >> 20} MB"
    )
    raise SystemExit(1 if flaws or peak > MOST_BYTES else 0)


def _peak() -> int:
    """Bytes of memory that this process had at most. On Linux `ru_maxrss` also counts what the process was
    that started this one; what the kernel says of the program alone does not."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _answer(seed: int, files: Sequence[Path], folder: Path) -> Answer:
    rng = random.Random(seed)
    film = _written(rng.choice(files), folder, rng)
    began = time.process_time()
    try:
        found = check(film)
        shown = render_all(found.diagnostics)
    except BaseException:
        return Answer(False, 0.0, f"a traceback\n{traceback.format_exc()}")
    seconds = time.process_time() - began
    errors = [d for d in found.diagnostics if d.severity == "error"]
    flaw = ""
    if seconds > MOST_SECONDS:
        flaw = f"{seconds:.1f} seconds of CPU"
    elif found.ok == bool(errors) or bool(shown) != bool(found.diagnostics):
        flaw = "refused without a message, or not refused with one"
    elif any(min(d.span.source.position(d.span.start)) < 1 for d in found.diagnostics):
        flaw = "a message without a place"
    return Answer(found.ok, seconds, flaw)


def _written(file: Path, folder: Path, rng: random.Random) -> Path:
    """A copy of the folder of `file` in which it, or a file beside it, is a mutant."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(file.parent, folder)
    (folder / "callsheet.toml").touch()
    beside = sorted(path for path in folder.iterdir() if path.suffix in BESIDE and path.name != file.name)
    changed = rng.choice(beside) if beside and rng.random() < 0.1 else folder / file.name
    text = mutant(changed.read_text(encoding="utf-8"), rng)
    changed.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    return folder / file.name


if __name__ == "__main__":
    main()
