"""CPU seconds of a whole command, its children included."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def cpu_seconds(command: Sequence[str], folder: Path, environ: Mapping[str, str] | None = None) -> float:
    """User and system time of `command`, run in `folder`. Raises CalledProcessError when it fails."""
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **(environ or {})}, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    code = process.returncode = os.waitstatus_to_exitcode(status)
    if code:
        raise subprocess.CalledProcessError(code, list(command), stderr=said)
    return usage.ru_utime + usage.ru_stime


def in_turns(
    commands: Mapping[str, tuple[Sequence[str], Path]],
    runs: int,
    of: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """Name → CPU seconds; the commands take turns, so that a busy machine disturbs all alike. of: which of
    the runs counts."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, (command, folder) in commands.items():
            found[name].append(cpu_seconds(command, folder))
    return {name: of(seconds) for name, seconds in found.items()}
