"""Two states of a project's folder: two revisions in git, or a revision and the working tree."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.diff.locked import Results, results_in
from callsheet.runtime.git_revision import COMMIT, Repository, split_range, superproject
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.pipeline_files import ENDINGS
from callsheet.spec.project import project_root

NOW: Final = "working tree"
SHORT: Final = 10
"""Characters of a commit's hash that people see."""


@dataclass
class State:
    """One state of a folder. label: its name for the user. folder: where its files are now, for the time
    that they are read. commit: "" for the working tree."""

    label: str
    folder: Path
    commit: str = ""

    @cached_property
    def results(self) -> Results:
        """What all lock files in it name."""
        return results_in(self.folder)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make the folder the current one, so that files in it have the same names and limits."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(before)


@dataclass
class States:
    """Two states of the folder of `repository`."""

    repository: Repository
    old: State
    new: State

    @cached_property
    def moved(self) -> Mapping[Path, Path]:
        """Files that are the same file elsewhere, as git sees it: new path → old path."""
        found = self.repository.renamed(self.old.commit, self.new.commit)
        return {Path(new): Path(old) for new, old in found.items()}

    def source_of(self, name: Path) -> Path | None:
        """What the pipeline `name`, which only the new state has, was called in the old one."""
        if name in self.moved:
            return self.moved[name]
        content = (self.new.folder / name).read_bytes()
        gone = (p for p in self._old_yaml if not (self.new.folder / p).exists())
        return next((p for p in gone if (self.old.folder / p).read_bytes() == content), None)

    @cached_property
    def _old_yaml(self) -> list[Path]:
        found = (p for p in self.old.folder.rglob("*") if p.suffix in ENDINGS and p.is_file())
        return sorted(path.relative_to(self.old.folder) for path in found)


@dataclass
class AllStates:
    """The states of the folders that films lie in, each read once. text: `old..new`, `old...new` or a
    revision, which is compared with the working tree. open: ends when they are not needed any more."""

    text: str
    open: ExitStack
    known: dict[Path, States] = field(default_factory=dict)

    def of(self, path: Path) -> tuple[States, Path]:
        """The two states of the folder of a pipeline, and its path from there. Raises InputError."""
        folder = _folder(path)
        if folder not in self.known:
            self.known[folder] = self._opened(Repository(folder, PERMISSIONS.get().fetch == "any"))
        return self.known[folder], Path(os.path.normpath(path.absolute())).relative_to(folder)

    def _opened(self, repository: Repository) -> States:
        found = split_range(self.text)
        if found is None:
            commit = repository.commit(self.text)
            now = State(NOW, repository.folder)
            return States(repository, self._at(repository, label(self.text), commit), now)
        old, new, parted = found
        commits = repository.commit(old), repository.commit(new)
        base = repository.merge_base(*commits) if parted else commits[0]
        before = self._at(repository, label(old), base)
        return States(repository, before, self._at(repository, label(new), commits[1]))

    def _at(self, repository: Repository, called: str, commit: str) -> State:
        return State(called, self.open.enter_context(repository.folder_at(commit)), commit)


def label(revision: str) -> str:
    """A revision as people see it."""
    return revision[:SHORT] if COMMIT.match(revision) else revision or "HEAD"


def _folder(path: Path) -> Path:
    """The folder whose files the pipeline may name: its project. Of a project in a submodule, which the
    current folder is not in, it is the project around it: the revisions are those of that one.

    Raises InputError.
    """
    folder = project_root(path.parent).resolve()
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", "paths start at the current folder")
    here = Path.cwd().resolve()
    while not here.is_relative_to(folder) and (outer := superproject(folder)) is not None:
        with contextlib.suppress(OSError):
            outer = outer.resolve()
        if not here.is_relative_to(outer):
            break
        folder = project_root(outer).resolve()
    return folder
