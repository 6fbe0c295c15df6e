"""Sets up a clone of a git repository for lock files: how they are merged, and what `git diff` shows."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.git_revision import told
from callsheet.runtime.init import LINES, add_lines
from callsheet.spec.document import Document

PATTERNS: Final = ("*.lock.yaml merge=callsheet diff=callsheet", "*.notes.jsonl merge=union")
"""In .git/info/attributes, which wins over .gitattributes and stays in this clone."""


@dataclass(frozen=True, slots=True)
class GitSettings(Document):
    """What was set up. folder: the root of the working tree. settings: of git, in this clone. written: files
    that changed."""

    folder: Path
    settings: Mapping[str, str]
    written: tuple[Path, ...]


def init_git(folder: Path) -> GitSettings:
    """Set the merge driver and the text of `git diff` in this clone; `.gitattributes` and `.gitignore` get
    the lines for those who do not, and for merges on a web page.

    Raises InputError where there is no repository, or it cannot be written.
    """
    said = told(folder, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
    if not said:
        raise InputError(f"{folder.absolute()} is not in a git repository", "git init")
    root = Path(said)
    common = told(root, "rev-parse", "--git-path", "info/attributes").decode("utf-8", "surrogateescape")
    attributes = root / common.rstrip("\n")
    settings = _settings()
    try:
        for name, value in settings.items():
            subprocess.run(["git", "config", "--local", name, value], cwd=root, check=True)
        attributes.parent.mkdir(parents=True, exist_ok=True)
        paths = {attributes: PATTERNS, **{root / name: lines for name, lines in LINES.items()}}
        written = tuple(path for path, lines in paths.items() if add_lines(path, lines))
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(f"git's settings in {root} cannot be written: {error}") from None
    return GitSettings(root, settings, written)


def _settings() -> dict[str, str]:
    known = shutil.which("callsheet")
    program = "callsheet" if known else f"{shlex.quote(sys.executable)} -m callsheet"
    return {
        "merge.callsheet.name": "merge lock files of callsheet",
        "merge.callsheet.driver": f"{program} merge-driver %O %A %B %P",
        "diff.callsheet.textconv": f"{program} lock --textconv",
        "diff.callsheet.cachetextconv": "true",
    }
