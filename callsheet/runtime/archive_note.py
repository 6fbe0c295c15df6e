"""`archive.json` at the root of an archived film: who made it, and the models as they were then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from callsheet._version import __version__
from callsheet.errors import InputError
from callsheet.spec.regular_file import read_regular

NAME: Final = "archive.json"
STORE: Final = "store"
"""The folder of the results, beside the note."""
VERSION: Final = 1
MOST: Final = 64 * 1024 * 1024
NEXT: Final = "take the archive out of its tar file again"
Records = Mapping[str, Mapping[str, Any]]
"""Endpoint → its record, as the catalogue has it."""


def note(run: str, at: str, models: Records) -> bytes:
    """The content of the note. run: the command that makes the film. at: when it was made (UTC)."""
    said = {"archive": VERSION, "callsheet": __version__, "run": run, "at": at, "models": models}
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def archived_models(root: Path) -> Records:
    """The models of the archive whose root is `root`; none where that is no archive. Raises InputError for a
    note that cannot be read."""
    path = root / NAME
    if not path.is_file():
        return {}
    try:
        said = json.loads(read_regular(path, MOST))
        version, models = said["archive"], said["models"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path} cannot be read", NEXT) from error
    if version != VERSION:
        raise InputError(f"{path} is of another version of callsheet", "use a newer callsheet")
    if not isinstance(models, dict) or not all(isinstance(record, dict) for record in models.values()):
        raise InputError(f"{path} does not describe models", NEXT)
    return models
