"""The command that was given, to be given again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path


def command_line(
    file: Path, sets: Sequence[str], inputs: Path | None, out: Path, flags: Mapping[str, bool]
) -> str:
    """`callsheet run …` as a shell takes it, without how it was shown and what it was limited to.

    flags: name → whether it was given ("--preview": True).
    """
    parts = ["callsheet", "run", str(file)]
    parts += [name for name, given in flags.items() if given]
    for text in sets:
        parts += ["--set", text]
    if inputs is not None:
        parts += ["--inputs", str(inputs)]
    if out != Path("out"):
        parts += ["--out", str(out)]
    return shlex.join(parts)
