"""Settles a lock file after a merge, and removes what it says for inputs that nobody uses any more."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.git_revision import is_rebased, is_rebasing, told
from callsheet.runtime.lock.disputes import chosen, described, disputes_in, latest, refuse_disputes
from callsheet.runtime.lock.lines import Result, Section
from callsheet.runtime.lock.merge import merged as joined
from callsheet.runtime.lock.merge import readable
from callsheet.runtime.lock.read import Content, read
from callsheet.runtime.lock.sections import DEFAULT, sections_in, without_section
from callsheet.runtime.lock.write import VERSION, write
from callsheet.spec.document import Document
from callsheet.spec.project import lock_path
from callsheet.spec.suggest import suggest

ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class SettledLock(Document):
    """A lock file after a merge. merged: whether git had left it in conflict. chosen: what was decided, a
    sentence each."""

    path: Path
    merged: bool
    chosen: tuple[str, ...]


def settle_lock(pipeline: Path, ours: Sequence[str] = (), theirs: Sequence[str] = ()) -> SettledLock:
    """Join what a merge left in the lock file of `pipeline`; results and decisions of both sides are kept.

    ours and theirs: addresses where two people decided differently, or `all`, with the side that counts.
    After a rebase the commits that were put on top count.

    Raises PipelineError for a file with other problems, and where decisions still differ; the file then has
    no marks any more. Raises InputError for an address where nobody disputes anything, StoreError.
    """
    path = lock_path(pipeline)
    versions = _unmerged(path)
    before = versions or readable(path)
    sides = [{"" if name == ALL else name for name in side} for side in (ours, theirs)]
    after, said = chosen(before, *sides)
    if not ours and not theirs and is_rebased(path.parent):
        after, said = latest(before)
    merged = versions is not None or _has_marks(path)
    if merged or after != before:
        write(after.lines, path)
    refuse_disputes(after, path, pipeline)
    return SettledLock(path, merged, tuple(said))


def _unmerged(path: Path) -> Content | None:
    """The three versions of a lock file of which git left only ours in place, since its merge driver could
    not be started; None where git did not."""
    versions = [told(path.parent, "show", f":{stage}:./{path.name}") for stage in (1, 2, 3)]
    if not versions[1] or not versions[2] or versions[1] != path.read_bytes():
        return None
    with tempfile.TemporaryDirectory(prefix="callsheet-") as name:
        paths = [Path(name, str(stage)) for stage in (1, 2, 3)]
        for place, version in zip(paths, versions, strict=True):
            if version:
                place.write_bytes(version)
        base, ours, theirs = map(read, paths)
    return Content(VERSION, joined(base, ours, theirs))


def _has_marks(path: Path) -> bool:
    """Whether the file cannot be read as it is."""
    try:
        read(path)
    except PipelineError:
        return True
    return False


@dataclass(frozen=True, slots=True)
class PrunedSection:
    """A section that was removed. inputs: the names of the inputs that it was about. usd: what results had
    cost that the lock names no more."""

    name: str
    inputs: tuple[str, ...]
    results: int
    usd: float


@dataclass(frozen=True, slots=True)
class PrunedLock(Document):
    """What was removed from a lock file, and the sections that are left."""

    path: Path
    removed: tuple[PrunedSection, ...]
    left: tuple[str, ...]


def prune_lock(pipeline: Path, names: Sequence[str]) -> PrunedLock:
    """Remove sections from the lock file of `pipeline`; `all` means all but the default one.

    Raises InputError for a name that it does not have, PipelineError, StoreError.
    """
    path = lock_path(pipeline)
    content = read(path)
    known = [name for name in sections_in(content.lines) if name != DEFAULT]
    for name in names:
        if name != ALL and name not in known:
            hint = suggest(name, known, "sections") if known else "it has only what is made without inputs"
            raise InputError(f"{path} has no section {name}", hint)
    going = known if ALL in names else list(dict.fromkeys(names))
    removed = []
    for name in going:
        after = without_section(content, name)
        removed.append(_pruned(name, content, after))
        content = after
    if removed:
        write(content.lines, path)
    return PrunedLock(path, tuple(removed), tuple(name for name in known if name not in going))


def _pruned(name: str, before: Content, after: Content) -> PrunedSection:
    inputs = next((x.inputs for x in before.lines if isinstance(x, Section) and x.name == name), ())
    kept = {line.made.key for line in after.lines if isinstance(line, Result)}
    gone = [line.made for line in before.lines if isinstance(line, Result) and line.section == name]
    usd = sum(made.usd or 0.0 for made in {m.key: m for m in gone if m.key not in kept}.values())
    return PrunedSection(name, inputs, len(gone), usd)


def merge_lock(base: Path, ours: Path, theirs: Path) -> tuple[str, ...]:
    """Merge three versions of a lock file into `ours`, as git asks a merge driver to. Decisions that differ
    are both kept and named; in a rebase, those of the person who rebases count.

    Returns what has to be chosen, a sentence each. Raises PipelineError for a version that cannot be read,
    StoreError.
    """
    content = Content(VERSION, joined(read(base), read(ours), read(theirs)))
    if is_rebasing(Path()):
        content, _ = latest(content)
    write(content.lines, ours)
    return tuple(
        f"{one.name}: ours: {described(one.ours)}; theirs: {described(one.theirs)}"
        for one in disputes_in(content)
    )
