"""The films of a project: the pipelines in the folders that it names."""

from __future__ import annotations

import glob
from pathlib import Path

from callsheet.errors import InputError
from callsheet.runtime.settings.model import Settings
from callsheet.spec.pipeline_files import pipeline_files
from callsheet.spec.project import SETTINGS


def films_of(settings: Settings) -> tuple[Path, ...]:
    """The pipelines in the folders that `films` names, and in the folders right below them, by name. Raises
    InputError for a folder that is not there."""
    for folder in settings.films:
        if not folder.is_dir():
            raise InputError(
                f"{SETTINGS} names a folder of films that is not there: {folder}",
                "create it, or put `films` right",
            )
    folders = [place for folder in settings.films for place in (folder, *_below(folder))]
    return tuple(dict.fromkeys(path for folder in folders for path in pipeline_files(folder)))


def patterns_of(settings: Settings) -> tuple[str, ...]:
    """What matches the films of a project in any state of its files."""
    folders = [glob.escape(folder.as_posix()) for folder in settings.films]
    return tuple(f"{folder}/{below}*.y*ml" for folder in folders for below in ("", "*/"))


def _below(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []
