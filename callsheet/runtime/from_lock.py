"""A run that takes all results from what the lock file names, and spends nothing: `--from-lock`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.errors import InputError
from callsheet.spec import shell
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.project import lock_path, project_root


def require_lock(file: Path, preview: bool) -> None:
    """Raises InputError where there is nothing to take results from."""
    if preview:
        raise InputError("--from-lock takes paid results, and --preview draws stand-ins", "leave one out")
    if file.is_file() and not lock_path(file).exists():
        raise InputError(
            f"there is no {lock_path(file)}, which --from-lock takes the results from",
            f"restore it, or make the film without it: {shell.command(['callsheet', 'plan', file])}",
        )


def store_of_archive(file: Path, place: str) -> str:
    """Make the models of an archive count. Returns `place`, or the store that lies in the archive."""
    from callsheet.runtime.archive_note import NAME, STORE

    root = project_root(file.parent)
    if not place and (root / NAME).is_file():
        place = str(root / STORE)
    PERMISSIONS.set(replace(PERMISSIONS.get(), from_lock=True, store_place=place))
    return place
