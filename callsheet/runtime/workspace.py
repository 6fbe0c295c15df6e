"""A project on this machine: its folder, and everything that callsheet keeps in `.callsheet/`."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

from callsheet.errors import InputError
from callsheet.spec import shell
from callsheet.spec.project import (
    AT_WORK,
    LEDGER,
    LEDGER_MARK,
    LEDGER_VARIABLE,
    OUT,
    STATE,
    LeadsOutside,
    lock_path,
    project_root,
    require_inside,
)

if TYPE_CHECKING:
    from callsheet.runtime.calls.session import Project
    from callsheet.runtime.ledger import Books, LedgerReader
    from callsheet.runtime.lock.lock_file import LockFile
    from callsheet.runtime.store.blobs import Store
    from callsheet.runtime.store.cache import Cache
    from callsheet.runtime.store.fingerprint import Place
    from callsheet.runtime.store.os_lock import InUse
    from callsheet.spec.media import Inspector

PREVIEW: Final = "preview"
BLOBS: Final = "blobs"
STATE_VARIABLE: Final = "CALLSHEET_STATE"
IGNORED: Final = "*\n"
"""What the state folder tells git about itself."""


def _refuse_strange_state(state: Path) -> None:
    """Raises InputError where the state folder, or something in it, is a link: what callsheet writes and
    clears there must not be elsewhere. Or where it is no file at all: a pipe would be waited for for ever."""
    if state.is_symlink() and not state.resolve().is_relative_to(state.parent.resolve()):
        raise LeadsOutside(state)
    for folder in (state, state / BLOBS, state / AT_WORK, state / PREVIEW, state / PREVIEW / BLOBS):
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if entry.is_symlink():
                raise LeadsOutside(Path(entry.path))
            plain = entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
            if not plain and Path(entry.path).is_fifo():
                raise InputError(f"{entry.path} is a pipe, not a file", "remove it")


def named_state() -> Path | None:
    """The folder of the project's state that CALLSHEET_STATE names, for a checkout that cannot be written;
    None for the one in the project. Raises InputError for a relative path: it would be another folder in
    each place where a command is typed."""
    named = os.environ.get(STATE_VARIABLE, "")
    if named and not Path(named).is_absolute():
        raise InputError(f"{STATE_VARIABLE} is {named}, which is not an absolute path", "begin it with /")
    return Path(named) if named else None


def at_once(other: InUse) -> bool:
    """Do not wait for another run to end."""
    from callsheet.runtime.store.os_lock import InUseForNow

    return isinstance(other, InUseForNow)


class Workspace:
    """The project in the folder `root`: its stores, caches, ledger, lock files and receipts.

    state: the folder of the project's state, if it is not `root`/.callsheet; `is_own` is false where a
    program chose it.
    inspector: reads facts of media files; by default with FFmpeg.

    Caches and the ledger are opened when they are first needed, each once, and closed by `close` or at the
    end of a `with` block. Reading creates no file.
    """

    def __init__(
        self, root: Path = Path(), state: Path | None = None, inspector: Inspector | None = None
    ) -> None:
        self.root = root
        if state is None:
            _refuse_strange_state(root / STATE)
        self.state = root / STATE if state is None else state
        self.is_own = state is None
        self._inspector = inspector
        self._stores: dict[bool, Store] = {}
        self._caches: dict[bool, Cache] = {}
        self._books: Books | None = None
        self._lock_files: dict[tuple[Path, str], LockFile] = {}

    @classmethod
    def of(cls, pipeline: Path) -> Workspace:
        """The project of the file `pipeline`; see `project_root` and `named_state`."""
        return cls.at(project_root(pipeline.parent))

    @classmethod
    def here(cls) -> Workspace:
        """The project of the current folder; see `named_state`."""
        return cls.at(project_root(Path()))

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """The project in the folder `root`. A state that the environment names is its own: others are looked
        at, too, so that nothing is bought again."""
        workspace = cls(root, named_state())
        workspace.is_own = True
        return workspace

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r}, state={str(self.state)!r})"

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def out(self, folder: Path = OUT) -> Path:
        """Where results with readable names go. folder: as a person gave it; `OUT` for the project's own.

        Raises InputError where the project's own leads out of the project by a link.
        """
        if folder != OUT:
            return folder
        own = self.root / OUT
        if not own.resolve().is_relative_to(self.root.resolve()):
            raise InputError(
                f"{own} is a link to a place outside the project",
                "remove the link; if you want the results there, name the folder with --out",
            )
        return own

    def ignore(self) -> None:
        """Tell git to leave the state folder out. Raises StoreError."""
        from callsheet.runtime.store import atomic as disk
        from callsheet.spec.disk_errors import explained

        note = self.state / ".gitignore"
        if not note.exists():
            try:
                self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise explained(error, self.state) from error
            disk.replace(note, [IGNORED.encode()])

    def folder(self, preview: bool = False) -> Path:
        """The folder of results, or of previews. They are separate, so that a preview never counts as a
        result."""
        return self.state / PREVIEW if preview else self.state

    def store(self, preview: bool = False) -> Store:
        """The media files of results, or of previews."""
        from callsheet.runtime.store.blobs import Store

        if preview not in self._stores:
            self._stores[preview] = Store(self.folder(preview), self._inspector)
        return self._stores[preview]

    def cache(self, preview: bool = False) -> Cache:
        """The index of results, or of previews, by key."""
        from callsheet.runtime.store.cache import Cache

        if preview not in self._caches:
            self._caches[preview] = Cache(self.store(preview))
        return self._caches[preview]

    @property
    def may_have_books(self) -> bool:
        """Whether there may be a ledger; nothing is loaded that reads one."""
        return bool(os.environ.get(LEDGER_VARIABLE)) or any(
            (self.state / name).exists() for name in (LEDGER, LEDGER_MARK)
        )

    @property
    def books(self) -> Books:
        """The ledger, which may not exist yet. Raises InputError for an address that cannot be used."""
        from callsheet.runtime.ledger import books_of

        if self._books is None:
            self._books = books_of(self.state, self.root)
        return self._books

    def ledger_reader(self, may_pay: bool = False) -> LedgerReader | None:
        """The ledger, to be read from any thread; None if nothing was ever bought.

        may_pay: `open_for_payment` may follow; it then uses the connection that is opened here. Raises
        LedgerError for a file that cannot be read.
        """
        from callsheet.runtime.ledger import LedgerReader

        if not self.books.exists:
            return None
        self.books.open(can_own=may_pay)
        return LedgerReader(self.books)

    def require_ledger(self) -> LedgerReader:
        """The ledger, to be read. Raises InputError if nothing was ever bought."""
        ledger = self.ledger_reader()
        if ledger is None:
            raise InputError(
                "no run of this project has bought anything yet",
                f"runs are kept in {self.state}/: if the film is in another folder, go there;"
                " a preview buys nothing: to go on with one, start it again",
            )
        return ledger

    @asynccontextmanager
    async def open_for_payment(
        self,
        providers: tuple[str, ...] = (),
        waiting: Callable[[InUse], bool] = at_once,
        places: Collection[Path] = (),
    ) -> AsyncIterator[Project]:
        """Take the lock of the project, or with `places` that of a film of it, and open the ledger for
        writing. Requests that a killed process was sending become UNKNOWN.

        providers: open the queues of these; of all providers if none is named. waiting: called again and
        again while another process holds the lock; False ends the wait. places: the files and folders that
        this run alone may write; runs of other films may then go on beside it. Raises InputError when another
        process holds the lock or git tracks the state folder, StoreError when the disk cannot be written.
        """
        from callsheet.runtime.calls.session import opened
        from callsheet.runtime.git_revision import tracked

        if tracked(self.state):
            raise InputError(
                f"git tracks {self.state}, so it may have come from somebody else; nothing is bought with it",
                f"keep it out of git: git rm -r --cached {shell.quoted(str(self.state))}",
            )
        async with opened(self.books, self.store(), providers, waiting, places) as project:
            yield project

    def lock_file(self, pipeline: Path, section: str = "") -> LockFile:
        """The lock file beside `pipeline`, as far as it is about the inputs of `section`. It is read once,
        and again when it changed.

        Raises PipelineError when it cannot be read, InputError for a link out of the project.
        """
        from callsheet.runtime.lock.lock_file import LockFile

        if lock_path(pipeline).is_symlink():
            require_inside(lock_path(pipeline), project_root(pipeline.parent))
        name = pipeline, section
        if name not in self._lock_files:
            self._lock_files[name] = LockFile(pipeline, self.ledger_reader, section)
        file = self._lock_files[name]
        file.refresh()
        return file

    def place(self, pipeline: Path) -> Place:
        """Where `pipeline` and everything of its project lies."""
        from callsheet.runtime.store.fingerprint import Place

        return Place(pipeline, self.root, self.state)

    def receipt(self, asked: Mapping[str, object], preview: bool = False) -> Path:
        """The file of the receipt for a run with these arguments."""
        from callsheet.runtime.store.receipt import receipt_path

        return receipt_path(self.folder(preview), asked)

    def owner(self) -> int | None:
        """The process id of the run that took the project lock last; None if it has ended."""
        from callsheet.runtime.store import atomic as disk
        from callsheet.runtime.store.project_lock import owner

        pid = owner(self.state)
        return pid if pid is not None and disk.alive(pid) else None

    def at_work(self, run: int) -> bool:
        """Whether a process makes the run with this number now, here or elsewhere. Raises StoreError."""
        return self.books.at_work(run)

    def close(self) -> None:
        """Close the caches and the ledger. They are opened again when they are needed again."""
        for cache in self._caches.values():
            cache.close()
        if self._books is not None:
            self._books.close()
