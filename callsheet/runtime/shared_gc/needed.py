"""What is needed of a shared store: what films say there, and what this project knows itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from callsheet.errors import InputError
from callsheet.runtime.gc import in_ledger, locks_in
from callsheet.runtime.git_revision import told
from callsheet.runtime.remote_store.backend import Backend
from callsheet.runtime.remote_store.needs import Need, digests_in, needed_by
from callsheet.runtime.shared_gc.texts import at_once
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import LOCK


def needed_by_films(needs: Iterable[Need], backend: Backend) -> set[str]:
    """What these texts name. Raises Unreachable, Missing, Refused, InputError."""
    return set().union(*at_once(lambda need: needed_by(backend, need), needs))


def needed_here(workspace: Workspace) -> Iterator[str]:
    """What the lock files of this project name, here and on every branch and tag that git in this clone
    knows, and what pending requests send or got."""
    for path in locks_in(workspace.root):
        yield from digests_in(path.read_bytes())
    for blob in _committed(workspace.root):
        yield from digests_in(told(workspace.root, "cat-file", "blob", blob))
    yield from in_ledger(workspace)


def is_forgotten(need: Need, forget: Sequence[str]) -> bool:
    """Whether a person said that its project or branch needs nothing any more."""
    project, branch, _ = need.shown
    return project in forget or f"{project}/{branch}" in forget


def require_known(needs: Iterable[Need], forget: Sequence[str]) -> None:
    """Raises InputError for a name that no project or branch has."""
    shown = {need.shown[:2] for need in needs}
    known = {name for project, branch in shown for name in (project, f"{project}/{branch}")}
    for name in forget:
        if name not in known:
            said = f"it knows {', '.join(sorted(known))}" if known else "no project says what it needs there"
            raise InputError(f"the store knows no project `{name}`", said)


def _committed(root: Path) -> set[str]:
    """The hashes of the lock files in every branch and tag."""
    found = set()
    for commit in {*told(root, "for-each-ref", "--format=%(objectname)").split()}:
        for line in told(root, "ls-tree", "-r", "-z", commit.decode("ascii", "replace")).split(b"\0"):
            said, _, path = line.partition(b"\t")
            if path.endswith(LOCK.encode()):
                found.add(said.split()[2].decode("ascii", "replace"))
    return found
