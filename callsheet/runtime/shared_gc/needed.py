"""What is needed of a shared store: what films say there, and what this project knows itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.gc import in_ledger, locks_in
from callsheet.runtime.git_revision import is_in_repository, require_told
from callsheet.runtime.remote_store.at_once import at_once
from callsheet.runtime.remote_store.backend import Backend, SharedFile
from callsheet.runtime.remote_store.needs import Need, counting, digests_in, needed_by, needs_in
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import LOCK

REFS: Final = ("for-each-ref", "--format=%(objectname) %(objecttype) %(*objecttype)")
"""Asks git for every branch and tag, and what it is, or what a tag is about: a commit, rarely a file."""


def needed_by_films(needs: Iterable[Need], backend: Backend) -> set[str]:
    """What these texts name. Raises Unreachable, Missing, Refused, InputError."""
    return set().union(*at_once(lambda need: needed_by(backend, need), needs))


def needed_here(workspace: Workspace) -> Iterator[str]:
    """What the lock files of this project name, here and on every branch and tag that git in this clone
    knows, and what pending requests send or got. Raises InputError where git does not show them: what they
    name would count as needed by nobody."""
    for path in locks_in(workspace.root):
        yield from digests_in(path.read_bytes())
    for text in _committed(workspace.root):
        yield from digests_in(text)
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


def _committed(root: Path) -> Iterator[bytes]:
    """The lock files in every branch and tag. Raises InputError."""
    if not is_in_repository(root):
        return
    try:
        refs = require_told(root, *REFS).splitlines()
        trees = {line.split()[0].decode() for line in refs if b"blob" not in line}
        for blob in {blob for tree in trees for blob in _locks(root, tree)}:
            yield require_told(root, "cat-file", "blob", blob)
    except InputError as error:
        said = f"nobody knows which results other branches and tags of this clone need: {error.message}"
        step = "nothing was deleted; mend that, or clear the store from another clone"
        raise InputError(said, step) from error


def _locks(root: Path, tree: str) -> Iterator[str]:
    """The hashes of the lock files in a tree, a commit or a tag of one."""
    for line in require_told(root, "ls-tree", "-r", "-z", tree).split(b"\0"):
        about, _, path = line.partition(b"\t")
        if path.endswith(LOCK.encode()):
            yield about.split()[2].decode()
