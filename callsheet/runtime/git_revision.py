"""A folder as it was at a revision in git, read with plumbing alone.

Nothing is checked out and no file's content decides what happens: no hooks, filters, submodules, symbolic
links, attributes or network. A revision becomes a commit's hash first; after that only hashes are asked for.
A file of Git LFS is taken from where LFS keeps it on this machine; where it is not, its pointer stays.
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
POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n?\Z"
)
MAX_POINTER: Final = 1024
REBASED: Final = re.compile(r"(rebase|pull\b.*)\b.*\(finish\)")
"""What the log of HEAD says at the end of a rebase."""
RANGE: Final = re.compile(r"(?P<old>.*?)(?P<dots>\.{2,3})(?P<new>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a tree. path: inside the folder that was asked for. size: bytes."""

    path: PurePosixPath
    hash: str
    size: int


class Repository:
    """The repository that `folder` lies in. Raises InputError when there is none, or no git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        said = self._run(
            "rev-parse",
            "--show-prefix",
            failing="this folder is not in a git repository",
            step="compare two files: callsheet diff OLD.yaml NEW.yaml",
        )
        self.prefix = said.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(self, revision: str) -> str:
        """The hash of the commit that `revision` names. Raises InputError."""
        failing = f"git has no revision {revision}"
        step = "in CI, fetch the whole history: actions/checkout with `fetch-depth: 0`"
        if revision.startswith("-") or "\0" in revision:
            raise InputError(failing, "name a branch, a tag or a commit")
        said = self._run(
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            f"{revision or 'HEAD'}^{{commit}}",
            failing=failing,
            step=step,
        )
        found = said.decode("ascii", "replace").strip()
        if not COMMIT.match(found):
            raise InputError(failing, step)
        return found

    def merge_base(self, one: str, other: str) -> str:
        """The last commit that two commits have both come from. Raises InputError."""
        said = self._run("merge-base", one, other, failing="the two revisions have nothing in common")
        return said.decode("ascii").split()[0]

    @contextmanager
    def folder_at(self, commit: str) -> Iterator[Path]:
        """The folder as it was at `commit`, in a private place that is gone afterwards.

        Raises InputError for a tree that is too large, or not one that git itself would write.
        """
        with tempfile.TemporaryDirectory(prefix="callsheet-") as name:
            folder = Path(name)
            self.unpack(commit, folder)
            self._fill_in(folder)
            yield folder

    def unpack(
        self, commit: str, folder: Path, most_files: int = MAX_FILES, most_bytes: int = MAX_BYTES
    ) -> None:
        """Write the files of this folder as they were at `commit` into the empty `folder`.

        Raises InputError for a tree with more than that, or not one that git itself would write.
        """
        blobs = self._blobs(commit, self.prefix)
        if len(blobs) > most_files or sum(blob.size for blob in blobs) > most_bytes:
            message = (
                f"the folder has more than {most_files:,} files or {most_bytes >> 20:,} MiB at {commit[:12]}"
            )
            raise InputError(message, "run the command in the pipeline's own folder")
        self._write(blobs, folder)

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


def tracked(folder: Path) -> bool:
    """Whether git has files of `folder` in its index; False where there is no git, or no repository."""
    if not any((place / ".git").exists() for place in (folder.absolute(), *folder.absolute().parents)):
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
    try:
        done = subprocess.run(
            [*GIT, *words],
            cwd=folder,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return b"" if done.returncode else done.stdout


def split_range(text: str) -> tuple[str, str, bool] | None:
    """`old..new` or `old...new` as (old, new, whether there are three dots): three compare from the last
    commit that both come from. None for a single revision."""
    match = RANGE.match(text)
    return (match["old"], match["new"], len(match["dots"]) == 3) if match else None


def _blob(entry: str, prefix: str) -> Blob | None:
    """A line of ls-tree; None for what is no file: links and submodules stay out. Raises InputError."""
    about, _, name = entry.partition("\t")
    mode, _, hash, size = about.split()
    if mode not in FILES:
        return None
    path = PurePosixPath(name.removeprefix(prefix))
    if not name.startswith(prefix) or not _harmless(name.removeprefix(prefix)):
        raise InputError(f"the tree holds a file with the name {name!r}", "git itself would not write it")
    return Blob(path, hash, int(size) if size.isdecimal() else 0)


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
