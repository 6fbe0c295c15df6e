"""Runs that reach beyond their project, as a person started them on this machine.

A ledger may have come with a project. What it says of a run is believed as far as that stays inside the
project. That a run executes code, or reads and writes elsewhere, is believed only where the person's own
configuration knows it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, StoreError
from callsheet.runtime.grants import Grants
from callsheet.runtime.plan.run_request import RunRequest, written
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.project import OUT, with_home

WORD: Final = re.compile(r"[^\s,\"'\[\]{}]+")
"""A part of an input's text that may be a path."""


def vouch(request: RunRequest, root: Path) -> None:
    """Remember that a person started this. root: of the project. Where the configuration cannot be written,
    the person is asked again."""
    if not any(_beyond(request, root)):
        return
    grants = Grants(root)
    entry = _entry(request)
    try:
        if not grants.knows(entry):
            grants.keep([entry])
    except (InputError, StoreError):
        return


def require_vouched(request: RunRequest, root: Path, name: str) -> None:
    """Raises InputError where the run called `name`, as a ledger has it, reaches beyond the project, and
    nobody on this machine started it so."""
    if PERMISSIONS.get().trust or not (beyond := list(_beyond(request, root))):
        return
    if not Grants(root).knows(_entry(request)):
        message = f"{name} {' and '.join(beyond)}, and nobody on this machine started it so"
        raise InputError(message, "if you trust it, say so: callsheet resume --trust")


def _beyond(request: RunRequest, root: Path) -> Iterator[str]:
    """What a run does outside of its project, in words."""
    if request.trust:
        yield "runs code beside the pipeline"
    if request.out != OUT and not _inside(request.out, root):
        yield f"writes into {request.out}"
    read = [
        *map(str, request.inputs),
        *([str(request.each)] if request.each else []),
        *(word for text in request.sets.values() for word in WORD.findall(text)),
    ]
    elsewhere = next((path for path in read if path and not _inside(with_home(path), root)), None)
    if elsewhere is not None:
        yield f"reads {elsewhere}"


def _inside(path: Path, root: Path) -> bool:
    """Whether a path lies in the project, and no part of its name begins with a dot."""
    try:
        within = path.resolve().relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        return False
    return not any(part.startswith(".") for part in within.parts)


def _entry(request: RunRequest) -> str:
    """The request as the configuration keeps it, without its limits."""
    parts = {
        **request.to_json(),
        "file": str(request.file.resolve()),
        "inputs": written([path.resolve() for path in request.inputs]),
        "out": str(request.out if request.out == OUT else request.out.resolve()),
        **({"each": str(request.each.resolve())} if request.each else {}),
        "only": None,
        "budget": None,
        "unpriced": None,
    }
    return f"run {hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()}"
