"""Commands as a shell takes them, for messages that say what to type next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from callsheet.runtime.plan.run_request import RunRequest
from callsheet.spec import shell


def run_command(request: RunRequest, preview: bool) -> str:
    """`callsheet run …`, without addresses and limits: what tries it again."""
    what = _arguments(replace(request, only=()))
    return shell.command(["callsheet", "run", *what, *(["--preview"] if preview else [])])


def plan_command(request: RunRequest, path: Path) -> str:
    """`callsheet plan … -o path`."""
    what = _arguments(replace(request, out=Path("out")))
    return shell.command(["callsheet", "plan", *what, "-o", str(path)])


def _arguments(request: RunRequest) -> Iterator[str]:
    yield str(request.file)
    for name, value in request.sets.items():
        yield from ("--set", f"{name}={value}")
    for path in request.inputs:
        yield from ("--inputs", str(path))
    if request.profile:
        yield from ("--profile", request.profile)
    if request.each:
        yield from ("--each", str(request.each))
    for address in request.only:
        yield from ("--only", address)
    if request.trust:
        yield "--trust"
    if request.out != Path("out"):
        yield from ("--out", str(request.out))
