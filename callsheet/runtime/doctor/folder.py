"""The folder of the project: whether it can be written, and whether another program moves its files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.runtime.doctor.finding import Finding
from callsheet.runtime.store.shared_folder import ELSEWHERE, existing, risks

LITTLE: Final = 5 * 10**9
"""Bytes of free space below which a warning is due."""
TOO_LITTLE: Final = 500 * 10**6
"""Bytes below which no film can be made."""


def folder(state: Path) -> Iterator[Finding]:
    """What is known of the place of a project's state. state: it need not exist."""
    place = existing(state)
    yield _writable(place) if state.is_dir() or not state.exists() else _no_folder(state)
    yield _space(place)
    for risk in risks(state):
        yield Finding("warning", "folder", risk, ELSEWHERE)


def _writable(place: Path) -> Finding:
    if os.access(place, os.W_OK | os.X_OK):
        return Finding("ok", "folder", f"{place} can be written")
    return Finding("error", "folder", f"{place} cannot be written", f"change its permissions, or {ELSEWHERE}")


def _no_folder(state: Path) -> Finding:
    return Finding("error", "folder", f"{state.absolute()} is no folder", "move this file away")


def _space(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    said = f"{free / 10**9:.1f} GB are free"
    if free < TOO_LITTLE:
        return Finding("error", "disk", said, "free some space; callsheet cache gc --help clears old results")
    if free < LITTLE:
        return Finding("warning", "disk", f"only {said}", "callsheet cache gc --help clears old results")
    return Finding("ok", "disk", said)
