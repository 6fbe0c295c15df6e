"""What a lock file named at an earlier time, as git knows it.

A merge, a revert or a change without its lock may ask for a result that the lock named before, and names no
more. Whoever could write that lock is believed as much as whoever wrote this one.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from callsheet.runtime.git_revision import told
from callsheet.runtime.lock.fast_read import quick
from callsheet.runtime.lock.lines import Result
from callsheet.runtime.lock.model import Made
from callsheet.runtime.lock.version_1 import START as START_1
from callsheet.runtime.lock.version_1 import quick as quick_1
from callsheet.runtime.lock.write import HEAD, VERSION
from callsheet.spec.project import lock_path

MOST_COMMITS: Final = 1000
"""Commits that are looked into, newest first."""
MOST_KEYS: Final = 500
"""Keys that are looked up at most."""


def named_before(pipeline: Path, keys: Collection[str]) -> dict[str, Made]:
    """Key → the result that the lock file of `pipeline` named for it in some commit of some branch, also in
    one that a rebase or a forced push left behind. Empty where there is no git."""
    path = lock_path(pipeline)
    if not path.parent.is_dir():
        return {}
    all_of_it = ("--full-history", "--all", "--reflog", "HEAD")
    commits = told(
        path.parent, "rev-list", f"--max-count={MOST_COMMITS}", *all_of_it, "--", path.name
    ).split()
    if not commits:
        return {}
    words = [word for key in sorted(keys)[:MOST_KEYS] for word in ("-e", key)]
    hashes = [commit.decode("ascii", "replace") for commit in commits]
    lines = told(path.parent, "grep", "-h", "-F", *words, *hashes, "--", path.name)
    found: dict[str, Made] = {}
    for line in dict.fromkeys(lines.decode("utf-8", "replace").splitlines()):
        made = _result(line)
        if made is not None and made.key in keys:
            found.setdefault(made.key, made)
    return found


def _result(line: str) -> Made | None:
    """The result that one line of a lock file names, of whatever version."""
    new = quick(f"{HEAD}lock: {VERSION}\n\nlines:\n{line}\n")
    found = new if new is not None else quick_1(f"{START_1}\ninstances:\n  x:\n{line}\n")
    return next((one.made for one in found or () if isinstance(one, Result)), None)
