"""Resolves a git ref to a commit, and fetches the files of a commit. Nothing that is fetched is executed.

No hooks, no submodules, no links, no checkout, no prompts, no redirects; only the one protocol that the
URL names; what git writes and says is bounded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from callsheet.errors import InputError
from callsheet.runtime.git_revision import Repository
from callsheet.runtime.recipes.git_url import REF, GitUse

SECONDS: Final = 300.0
MOST_BYTES: Final = 256 * 1024 * 1024
"""Bytes of one file that git writes (a pack, a reply) at most."""
MOST_FILES: Final = 5_000
MOST_TREE: Final = 128 * 1024 * 1024
MOST_SAID: Final = 1 << 20
NOT_FOUND: Final = 2
BLOCK: Final = 512
"""Bytes in the unit of `ulimit -f`, by POSIX."""
SETTINGS: Final = (
    "protocol.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.symlinks=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "transfer.fsckObjects=true",
    "http.followRedirects=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
QUIET: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "LC_ALL": "C"}
BATCH: Final = "ssh -oBatchMode=yes"
PLACES: Final = re.compile(
    r"GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE.*|NAMESPACE|COMMON_DIR)"
)


class RefusedError(InputError):
    """The repository does not have it, or cannot be asked."""


@dataclass(frozen=True, slots=True)
class Remote:
    """The repository that `use` names."""

    use: GitUse

    def commit(self) -> str:
        """The commit that the ref points to now. Raises RefusedError."""
        if self.use.is_commit:
            return self.use.ref
        ref = self.use.ref
        names = [f"refs/heads/{ref}", f"refs/tags/{ref}", f"refs/tags/{ref}^{{}}"]
        said = self._git(None, "ls-remote", "--quiet", "--exit-code", "--", self.use.url, *names)
        found = dict(line.split("\t")[::-1] for line in said.splitlines() if line.count("\t") == 1)
        tag = found.get(names[2], found.get(names[1]))
        commits = {commit for commit in (found.get(names[0]), tag) if commit}
        if len(commits) > 1:
            raise RefusedError(f"{ref} is a branch and a tag", "name the commit")
        if not commits:
            raise self._no_ref()
        return commits.pop()

    def tags(self) -> list[str]:
        """The names of all tags. Raises RefusedError."""
        said = self._git(None, "ls-remote", "--quiet", "--refs", "--tags", "--", self.use.url)
        names = (line.partition("\t")[2].removeprefix("refs/tags/") for line in said.splitlines())
        return [name for name in names if REF.match(name)]

    def fetch(self, commit: str, folder: Path) -> None:
        """Write the files of `commit` into the empty `folder`: asked for by its hash, else found in the
        history of all branches and tags. Raises RefusedError, InputError."""
        with tempfile.TemporaryDirectory(prefix="callsheet-git-") as name:
            clone = Path(name)
            self._git(clone, "init", "--quiet", "--template=", ".")
            repository = Repository(clone)
            try:
                self._git(clone, "fetch", "--quiet", "--depth=1", "--no-tags", "--", self.use.url, commit)
            except RefusedError as error:
                self._fetch_history(clone, commit, error)
            if repository.commit(commit) != commit:
                raise RefusedError(f"{self.use.url} gave another commit than {commit[:12]}")
            repository.unpack(commit, folder, MOST_FILES, MOST_TREE)

    def _fetch_history(self, clone: Path, commit: str, refused: RefusedError) -> None:
        """Fetch every branch and tag, for a server that gives no commit by its hash. Raises `refused` where
        `commit` is not among them."""
        refs = [f"+refs/{kind}/*:refs/remotes/{kind}/*" for kind in ("heads", "tags")]
        try:
            self._git(clone, "fetch", "--quiet", "--no-tags", "--", self.use.url, *refs)
            Repository(clone).commit(commit)
        except InputError:
            raise refused from None

    def _git(self, folder: Path | None, verb: str, *words: str) -> str:
        settings = [*SETTINGS, f"protocol.{self.use.scheme}.allow=always"]
        command = ["git", *(part for s in settings for part in ("-c", s)), verb, *words]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = _run(command, folder, out, err)
            if code:
                raise self._no_ref() if code == NOT_FOUND else self._failed(verb, _read(err))
            return _read(out)

    def _no_ref(self) -> RefusedError:
        return RefusedError(f"{self.use.url} has no branch or tag {self.use.ref}", "name one that is there")

    def _failed(self, verb: str, said: str) -> RefusedError:
        lines = [line for line in said.splitlines() if line.startswith("fatal: ")]
        what = "cannot be asked" if verb == "ls-remote" else "does not give the commit"
        why = re.sub(r"://[^/@\s]*@", "://", lines[-1].removeprefix("fatal: ")) if lines else "git failed"
        shown = "".join(c for c in why if c.isprintable())[:200]
        return RefusedError(f"{self.use.url} {what}: {shown}", "is it there, and may you read it?")


def _run(command: list[str], folder: Path | None, out: IO[bytes], err: IO[bytes]) -> int:
    inherited = {name: value for name, value in os.environ.items() if not PLACES.match(name)}
    try:
        done = subprocess.run(
            _bounded(command),
            cwd=folder or tempfile.gettempdir(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={"GIT_SSH_COMMAND": BATCH, **inherited, **QUIET},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RefusedError(f"git did not end in {SECONDS:g} seconds", "try again") from None
    except OSError as error:
        raise RefusedError(f"git cannot be started: {error.strerror}", "install git") from None
    return done.returncode


def _bounded(command: list[str]) -> list[str]:
    """The command with a limit for the size of what it writes, where the system can. A shell sets it: Python
    code that runs between fork and exec can wait for ever for a lock of another thread."""
    if os.name != "posix" or shutil.which("git") is None:
        return command
    limit = f'ulimit -f {MOST_BYTES // BLOCK} 2>/dev/null; exec "$@"'
    return ["/bin/sh", "-c", limit, "sh", *command]


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(MOST_SAID).decode("utf-8", "replace")
