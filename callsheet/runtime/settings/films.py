"""The films of a project: the pipelines in the folders that it names."""

from __future__ import annotations

import glob
from pathlib import Path

from callsheet.runtime.settings.model import Settings
from callsheet.spec.pipeline_files import pipeline_files


def films_of(settings: Settings) -> tuple[Path, ...]:
    """The pipelines in the folders that `films` names, and in the folders right below them, by name."""
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
