"""What is needed of a shared store: what films say there, and what this project knows itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from callsheet.errors import InputError
from callsheet.runtime.gc import in_ledger, locks_in
from callsheet.runtime.git_revision import told
from callsheet.runtime.remote_store.at_once import at_once
from callsheet.runtime.remote_store.backend import Backend, SharedFile
from callsheet.runtime.remote_store.needs import Need, counting, digests_in, needed_by, needs_in
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


def texts_among(
    there: Iterable[SharedFile], forget: Sequence[str], limit: float
) -> tuple[list[Need], list[Need]]:
    """The texts of films among these files of a store: those that count, and those that do not, since they
    are older than `limit` and not the newest of their film, or a person said to forget their project."""
    known: list[Need] = []
    forgotten: list[Need] = []
    for need in needs_in(there):
        (forgotten if _is_forgotten(need, forget) else known).append(need)
    counted, former = counting(known, limit)
    return counted, [*forgotten, *former]


def require_known(there: Iterable[SharedFile], forget: Sequence[str]) -> None:
    """Raises InputError for a name in `forget` that no project or branch has in these files of a store."""
    shown = {need.shown[:2] for need in needs_in(there)}
    known = {name for project, branch in shown for name in (project, f"{project}/{branch}")}
    for name in forget:
        if name not in known:
            said = f"it knows {', '.join(sorted(known))}" if known else "no project says what it needs there"
            raise InputError(f"the store knows no project `{name}`", said)


def _is_forgotten(need: Need, forget: Sequence[str]) -> bool:
    project, branch, _ = need.shown
    return project in forget or f"{project}/{branch}" in forget


def _committed(root: Path) -> set[str]:
    """The hashes of the lock files in every branch and tag."""
    found = set()
    for commit in {*told(root, "for-each-ref", "--format=%(objectname)").split()}:
        for line in told(root, "ls-tree", "-r", "-z", commit.decode("ascii", "replace")).split(b"\0"):
            said, _, path = line.partition(b"\t")
            if path.endswith(LOCK.encode()):
                found.add(said.split()[2].decode("ascii", "replace"))
    return found
