"""A folder as it was at a revision in git, read with plumbing alone.

Nothing is checked out and no file's content decides what happens: no hooks, filters, symbolic links or
attributes, and no network but where a person allows to fetch what a shallow clone lacks. A revision becomes a
commit's hash first; after that only hashes are asked for. A submodule is read where it is checked out, at the
commit that the revision names. A file of Git LFS is taken from where LFS keeps it on this machine; where it
is not, its pointer stays.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO, Final

from callsheet.errors import InputError
from callsheet.runtime.store import atomic as disk

GIT: Final = (
    "git",
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "protocol.allow=never"),
    *("-c", "submodule.recurse=false"),
)
QUIET: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
SECONDS: Final = 120.0
MAX_FILES: Final = 50_000
MAX_BYTES: Final = 4 * 1024**3
CHUNK: Final = 1 << 20
COMMIT: Final = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
FILES: Final = ("100644", "100755")
MODULE: Final = "160000"
"""The mode of a submodule in a tree."""
DEEPEST: Final = 4
"""Submodules inside of submodules that are read."""
FETCH: Final = (
    "git",
    "--no-pager",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "protocol.ext.allow=never"),
    *("-c", "fetch.recurseSubmodules=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
)
STEPS: Final = ("--deepen=50", "--deepen=1000", "--unshallow")
"""What is fetched of a shallow clone's history, one after the other, until it is enough."""
MOST_RENAMES: Final = 5_000
"""Files that came and went among which git looks for renamed ones."""
POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n?\Z"
)
MAX_POINTER: Final = 1024
REBASED: Final = re.compile(r"(rebase|pull\b.*)\b.*\(finish\)")
"""What the log of HEAD says at the end of a rebase."""
WHOLE: Final = (
    "fetch the rest: git fetch --unshallow, or callsheet diff --fetch; in GitHub Actions, write "
    "`fetch-depth: 0` below `with:` of actions/checkout"
)
RANGE: Final = re.compile(r"(?P<old>.*?)(?P<dots>\.{2,3})(?P<new>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a tree, or a submodule, whose `hash` is a commit's. path: inside the folder that was asked
    for. size: bytes."""

    path: PurePosixPath
    hash: str
    size: int
    is_module: bool = False


class Repository:
    """The repository that `folder` lies in. Raises InputError when there is none, or no git.

    may_fetch: fetch the commits that this clone does not have from its remote. absent: the submodules, as
    paths from the folder, that a tree names and that could not be read.
    """

    def __init__(self, folder: Path, may_fetch: bool = False) -> None:
        self.folder, self.may_fetch = folder, may_fetch
        self.absent: dict[str, None] = {}
        said = self._run(
            "rev-parse",
            "--show-prefix",
            failing="this folder is not in a git repository",
            step="compare two files: callsheet diff OLD.yaml NEW.yaml",
        )
        self.prefix = said.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(self, revision: str) -> str:
        """The hash of the commit that `revision` names. Raises InputError."""
        if revision.startswith("-") or "\0" in revision:
            raise InputError(f"git has no revision {revision}", "name a branch, a tag or a commit")
        found = next((hash for _ in self._tries(revision) if (hash := self._hash(revision))), None)
        if found is None:
            raise self._no_revision(revision)
        return found

    def _hash(self, revision: str) -> str | None:
        name = f"{revision or 'HEAD'}^{{commit}}"
        said = told(self.folder, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
        found = said.decode("ascii", "replace").strip()
        return found if COMMIT.match(found) else None

    def merge_base(self, one: str, other: str) -> str:
        """The last commit that two commits have both come from. Raises InputError."""
        for _ in self._tries():
            if said := told(self.folder, "merge-base", one, other).decode("ascii", "replace").split():
                return said[0]
        raise InputError("the two revisions have nothing in common", WHOLE if self.is_shallow else "")

    def _tries(self, revision: str = "") -> Iterator[None]:
        """Once, and once more after each part of the history that may be fetched and was."""
        yield
        if not self.may_fetch:
            return
        if COMMIT.match(revision) and self._fetch(["--depth=1"] if self.is_shallow else [], revision):
            yield
        for step in STEPS:
            if not self.is_shallow or not self._fetch([step]):
                return
            yield

    def _fetch(self, options: Sequence[str], *wanted: str) -> bool:
        """Whether the remote gave what was asked for."""
        names = told(self.folder, "remote").decode("utf-8", "surrogateescape").split("\n")
        remote = "origin" if "origin" in names else names[0]
        if not remote or remote.startswith("-"):
            return False
        words = [*FETCH, *options, "--", remote, *wanted]
        return _done(words, self.folder).returncode == 0

    @property
    def is_shallow(self) -> bool:
        """Whether the clone has only a part of the history."""
        return told(self.folder, "rev-parse", "--is-shallow-repository").strip() == b"true"

    def _no_revision(self, revision: str) -> InputError:
        if not self._hash("HEAD") and not told(self.folder, "rev-list", "-n", "1", "--all"):
            return InputError("this repository has no commit yet", "git commit")
        failing = f"git has no revision {revision}"
        if self.is_shallow:
            return InputError(f"{failing}: this clone has only a part of the history", WHOLE)
        branch = f"origin/{revision}"
        here = self._hash(branch)
        return InputError(failing, f"did you mean {branch}?" if here else "git fetch, if it is elsewhere")

    def renamed(self, old: str, new: str = "") -> dict[str, str]:
        """The files of this folder that git calls renamed: new path → old path, both from the folder.

        old and new: hashes of commits; the working tree without `new`, as far as git knows its files.
        """
        words = ["-r", "-z", "-M", f"-l{MOST_RENAMES}", "--name-status", "--diff-filter=R"]
        where = ("--", self.prefix) if self.prefix else ()
        verb = ("diff-tree", *words, old, new) if new else ("diff-index", *words, old)
        said = told(self._top, *verb, *where).decode("utf-8", "surrogateescape").split("\0")
        triples = zip(said[0::3], said[1::3], said[2::3], strict=False)
        return {
            after.removeprefix(self.prefix): before.removeprefix(self.prefix)
            for status, before, after in triples
            if status.startswith("R")
        }

    @cached_property
    def _top(self) -> Path:
        up = self._run("rev-parse", "--show-cdup", failing="git has no folder")
        return self.folder / up.decode("utf-8", "surrogateescape").rstrip("\n")

    @contextmanager
    def folder_at(self, commit: str) -> Iterator[Path]:
        """The folder as it was at `commit`, in a private place that is gone afterwards.

        Raises InputError for a tree that is too large, or not one that git itself would write.
        """
        with tempfile.TemporaryDirectory(prefix="callsheet-") as name:
            folder = Path(name)
            self.unpack(commit, folder, modules=DEEPEST)
            self._fill_in(folder)
            yield folder

    def unpack(
        self,
        commit: str,
        folder: Path,
        most_files: int = MAX_FILES,
        most_bytes: int = MAX_BYTES,
        modules: int = 0,
    ) -> None:
        """Write the files of this folder as they were at `commit` into the empty `folder`.

        modules: how deep submodules are read, each where it is checked out. Raises InputError for a tree with
        more than that, or not one that git itself would write.
        """
        blobs = self._blobs(commit, self.prefix)
        if len(blobs) > most_files or sum(blob.size for blob in blobs) > most_bytes:
            message = (
                f"the folder has more than {most_files:,} files or {most_bytes >> 20:,} MiB at {commit[:12]}"
            )
            raise InputError(message, "run the command in the pipeline's own folder")
        self._write([blob for blob in blobs if not blob.is_module], folder)
        for module in (blob for blob in blobs if blob.is_module and modules):
            self._unpack_module(module, folder / module.path, modules - 1)

    def _unpack_module(self, module: Blob, folder: Path, modules: int) -> None:
        """Write a submodule at the commit that the tree names; noted in `absent` where that cannot be."""
        place = self.folder / module.path
        try:
            if place.resolve() != self.folder.resolve() / module.path or not (place / ".git").exists():
                raise InputError(f"{place} is not checked out")
            inner = Repository(place, self.may_fetch)
            commit = inner.commit(module.hash)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            inner.unpack(commit, folder, modules=modules)
            inner._fill_in(folder)
        except InputError:
            self.absent[module.path.as_posix()] = None
        else:
            self.absent |= {(module.path / name).as_posix(): None for name in inner.absent}

    def _blobs(self, commit: str, prefix: str) -> list[Blob]:
        where = ("--", prefix) if prefix else ()
        said = self._run(
            "ls-tree", "-r", "-l", "-z", "--full-tree", commit, *where, failing="git ls-tree failed"
        )
        entries = said.decode("utf-8", "surrogateescape").split("\0")
        return [blob for entry in entries if entry and (blob := _blob(entry, prefix))]

    def _write(self, blobs: Sequence[Blob], folder: Path) -> None:
        if not blobs:
            return
        with tempfile.TemporaryFile() as wanted:
            wanted.write("".join(f"{blob.hash}\n" for blob in blobs).encode("ascii"))
            wanted.seek(0)
            process = self._start("cat-file", "--batch", stdin=wanted)
            assert process.stdout is not None
            try:
                for blob in blobs:
                    _copy(process.stdout, blob, folder)
            finally:
                process.stdout.close()
                process.kill()
                process.wait()

    def _fill_in(self, folder: Path) -> None:
        """What pointers of Git LFS stand for, in their place."""
        for path in folder.rglob("*"):
            small = path.is_file() and path.stat().st_size <= MAX_POINTER
            pointer = POINTER.match(path.read_bytes()) if small else None
            if pointer is None:
                continue
            name = pointer[1].decode("ascii")
            large = self._lfs / name[:2] / name[2:4] / name
            with contextlib.suppress(OSError):
                if large.stat().st_size == int(pointer[2]) and disk.digest(large) == name:
                    shutil.copyfile(large, path)

    @cached_property
    def _lfs(self) -> Path:
        said = self._run("rev-parse", "--git-common-dir", failing="git has no folder")
        return self.folder / said.decode("utf-8", "surrogateescape").rstrip("\n") / "lfs" / "objects"

    def _run(self, *words: str, failing: str, step: str = "") -> bytes:
        process = self._start(*words, stdin=subprocess.DEVNULL)
        try:
            said, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise InputError(f"git {words[0]} did not end in {SECONDS:g} seconds") from None
        if process.returncode:
            raise InputError(failing, step)
        return said

    def _start(self, *words: str, stdin: int | IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [*GIT, *words],
                cwd=self.folder,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **QUIET},
            )
        except OSError as error:
            raise InputError(f"git cannot be started: {error.strerror}", "install git") from None


def is_in_repository(folder: Path) -> bool:
    """Whether a folder lies in what looks like a repository; git itself is not asked."""
    return any((place / ".git").exists() for place in (folder.absolute(), *folder.absolute().parents))


def tracked(folder: Path) -> bool:
    """Whether git has files of `folder` in its index; False where there is no git, or no repository."""
    if not is_in_repository(folder):
        return False
    words = [*GIT, "-C", str(folder.absolute().parent), "ls-files", "-z", "--", folder.name]
    try:
        done = subprocess.run(
            words, env={**os.environ, **QUIET}, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return bool(done.stdout)


def setting(folder: Path, name: str) -> str:
    """The value of a setting of git, "" where there is none or no git."""
    return told(folder, "config", "--get", name).decode("utf-8", "replace").strip()


def is_rebasing(folder: Path) -> bool:
    """Whether a rebase is going on in the repository of `folder`."""
    return any(_state(folder, name) for name in ("rebase-merge", "rebase-apply"))


def is_rebased(folder: Path) -> bool:
    """Whether a rebase is going on in the repository of `folder`, or was the last that happened there."""
    if is_rebasing(folder):
        return True
    if any(_state(folder, name) for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD")):
        return False
    last = told(folder, "log", "-g", "-1", "--format=%gs", "HEAD").decode("utf-8", "replace")
    return REBASED.match(last) is not None


def _state(folder: Path, name: str) -> bool:
    """Whether git keeps this of something that is going on."""
    path = told(folder, "rev-parse", "--git-path", name).decode("utf-8", "surrogateescape").strip()
    return bool(path) and (folder / path).exists()


def told(folder: Path, *words: str) -> bytes:
    """What git says to these words in `folder`; nothing where it refuses, or where there is no git."""
    done = _done([*GIT, *words], folder)
    return b"" if done.returncode else done.stdout


def require_told(folder: Path, *words: str) -> bytes:
    """What git says to these words in `folder`. Raises InputError where it refuses, or where there is no
    git."""
    done = _done([*GIT, *words], folder)
    if done.returncode:
        why = ascii(done.stderr.decode("utf-8", "replace").strip().partition("\n")[0])[1:-1]
        raise InputError(f"`git {words[0]}` fails here: {why or 'it does not say why'}")
    return done.stdout


def _done(words: Sequence[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """A finished call of git; one that could not be made has failed."""
    try:
        return subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except OSError:
        return subprocess.CompletedProcess(words, 1, b"", b"it cannot be started")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 1, b"", f"it did not end in {SECONDS:g} seconds".encode())


def superproject(folder: Path) -> Path | None:
    """The top folder of the repository that has the one of `folder` as a submodule; None for no submodule."""
    said = told(folder, "rev-parse", "--show-superproject-working-tree")
    name = said.decode("utf-8", "surrogateescape").rstrip("\n")
    return Path(name) if name else None


def split_range(text: str) -> tuple[str, str, bool] | None:
    """`old..new` or `old...new` as (old, new, whether there are three dots): three compare from the last
    commit that both come from. None for a single revision."""
    match = RANGE.match(text)
    return (match["old"], match["new"], len(match["dots"]) == 3) if match else None


def _blob(entry: str, prefix: str) -> Blob | None:
    """A line of ls-tree; None for a link, which stays out. Raises InputError."""
    about, _, name = entry.partition("\t")
    mode, _, hash, size = about.split()
    if mode not in (*FILES, MODULE):
        return None
    path = PurePosixPath(name.removeprefix(prefix))
    if not name.startswith(prefix) or not _harmless(name.removeprefix(prefix)):
        raise InputError(f"the tree holds a file with the name {name!r}", "git itself would not write it")
    return Blob(path, hash, int(size) if size.isdecimal() else 0, mode == MODULE)


def _harmless(name: str) -> bool:
    parts = name.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" or "\\" in part for part in parts)


def _copy(stream: IO[bytes], blob: Blob, folder: Path) -> None:
    header = stream.readline(256).split()
    if len(header) != 3 or header[0].decode("ascii", "replace") != blob.hash or header[1] != b"blob":
        raise InputError(f"git does not have the content of {blob.path}", "fetch the whole history")
    left = int(header[2])
    path = folder / blob.path
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            while left and (chunk := stream.read(min(left, CHUNK))):
                file.write(chunk)
                left -= len(chunk)
    except OSError as error:
        raise InputError(f"{blob.path} of the revision cannot be written: {error.strerror}") from None
    if left or stream.read(1) != b"\n":
        raise InputError(f"git does not have the whole content of {blob.path}", "fetch the whole history")
