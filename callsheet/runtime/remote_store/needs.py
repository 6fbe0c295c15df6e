"""What films need of a shared store, said in the store itself, so that nobody deletes it.

    needs/<project>/<branch>/<film>/<digest>.txt    what a film needed at some time: its lock file

The newest text of a film on a branch counts. An older one counts for as long as an unneeded file is kept, so
that of two clones none makes the other's results garbage. Every sha256 and every commit in a text is needed,
whatever the text says of it: a text may only keep more, never less.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.git_revision import setting, told
from callsheet.runtime.remote_store.backend import Backend, SharedFile, Unreachable
from callsheet.runtime.remote_store.store import capped
from callsheet.spec.project import LOCK, lock_path, project_root

FOLDER: Final = "needs"
LARGEST: Final = 512 * 1024 * 1024
"""Bytes of a text at most, as of a lock file."""
HEX: Final = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])")
NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
NAME: Final = re.compile(rf"{FOLDER}/([\w.-]+)/([\w.-]+)/([\w.-]+)/([0-9a-f]{{32}})\.txt", re.ASCII)
READABLE: Final = 60
"""Letters of a name that people read, at most."""
SUFFIX: Final = 9
"""Letters at the end of a readable name, a hyphen and eight digits, that no other name has."""
USER: Final = re.compile(r"^(?:[a-z+]+://)?(?:[^/@]*@)?", re.IGNORECASE)
DETACHED: Final = "no branch"


@dataclass(frozen=True, slots=True)
class Need:
    """A text in the store about a film. film: its folders there. time: when it was put there."""

    film: str
    name: str
    time: float | None

    @property
    def shown(self) -> tuple[str, str, str]:
        """Project, branch and film as people read them."""
        project, branch, film = (part[:-SUFFIX] for part in self.film.split("/"))
        return project, branch, film


def place_of(pipeline: Path) -> str:
    """The folder in a store for what the film of this pipeline needs."""
    root, lock = project_root(pipeline.parent), lock_path(pipeline)
    film = os.path.relpath(lock.absolute(), root.absolute()).replace(os.sep, "/").removesuffix(LOCK)
    return "/".join((_project(root), _plain(_branch(root)), _plain(film)))


def put_need(backend: Backend, place: str, text: bytes) -> None:
    """Say that the film at `place` needs everything that `text` names. Raises Unreachable."""
    backend.begin()
    backend.write(f"{FOLDER}/{place}/{_digest(text)}.txt", text, first=False)


def say_need(backend: Backend, place: str, lock: Path) -> tuple[str, ...]:
    """Say that the film at `place` needs what its lock file names. Returns what could not be done, for the
    user."""
    try:
        put_need(backend, place, lock.read_bytes())
    except (Unreachable, OSError) as error:
        return (
            f"the shared store was not told what the film needs: {error}; `callsheet lock FILE` tells it",
        )
    return ()


def needs_in(entries: Iterable[SharedFile]) -> Iterator[Need]:
    """The texts among these files of a store."""
    for entry in entries:
        if found := NAME.fullmatch(entry.name):
            yield Need("/".join(found.groups()[:3]), entry.name, entry.time)


def counting(needs: Iterable[Need], before: float) -> tuple[list[Need], list[Need]]:
    """Those that count, and those that do not: of each film the newest counts, and all that are not older
    than `before`, in seconds since the epoch."""
    films: Mapping[str, list[Need]] = defaultdict(list)
    for need in needs:
        films[need.film].append(need)
    counted: list[Need] = []
    former: list[Need] = []
    for found in films.values():
        times = [float("inf") if need.time is None else need.time for need in found]
        for need, time in zip(found, times, strict=True):
            (counted if time >= before or time == max(times) else former).append(need)
    return counted, former


def needed_by(backend: Backend, need: Need) -> set[str]:
    """The digests and commits in a text. Raises Unreachable, Missing, Refused, and InputError for a text that
    is damaged: nobody knows what it names."""
    text = b"".join(capped(backend.read(need.name), LARGEST))
    if f"{_digest(text)}.txt" != need.name.rpartition("/")[2]:
        raise InputError(
            f"{backend.title}/{need.name} is damaged, so nobody knows what {' '.join(need.shown)} needs",
            "type `callsheet lock` in that project, then delete the damaged file; or --forget it",
        )
    return digests_in(text)


def digests_in(text: bytes) -> set[str]:
    """Every sha256 and every commit in a text."""
    return {found.decode() for found in HEX.findall(text)}


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def _project(root: Path) -> str:
    """The address of the repository without user and ending, and the folder in it; without a repository that
    others have, the folder on this machine, by its last name."""
    origin = setting(root, "remote.origin.url")
    if not origin:
        where = root.absolute()
        return _plain(where.name, f"{socket.gethostname()} {where}")
    folder = told(root, "rev-parse", "--show-prefix").decode("utf-8", "replace").strip()
    address = USER.sub("", origin).removesuffix("/").removesuffix(".git").replace(":", "/")
    return _plain(f"{address}/{folder}".rstrip("/").lower())


def _branch(root: Path) -> str:
    return told(root, "symbolic-ref", "--short", "-q", "HEAD").decode("utf-8", "replace").strip() or DETACHED


def _plain(text: str, identity: str = "") -> str:
    """A text as a name that every store takes: what people read of it, and what makes it one of its own."""
    own = hashlib.sha256((identity or text).encode("utf-8", "replace")).hexdigest()[: SUFFIX - 1]
    return f"{NOT_PLAIN.sub('-', text)[:READABLE].strip('-.') or 'film'}-{own}"
