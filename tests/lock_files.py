"""Lock files in tests: read and written as what they say of a run without other inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsheet.runtime.lock import Decision, Lock
from callsheet.runtime.lock.read import Content
from callsheet.runtime.lock.read import read as content_of
from callsheet.runtime.lock.sections import lines_of, lock_in
from callsheet.runtime.lock.write import text as text_of
from callsheet.runtime.lock.write import write as write_lines

DAWN: Final = 'keyframe["dawn"]'
DUSK: Final = 'keyframe["dusk"]'
SEEN: Final = "5e" * 32
"""A digest of no file."""


def read(path: Path, section: str = "") -> Lock:
    """What the lock file at `path` says for `section`."""
    return lock_in(content_of(path), section)


def write(lock: Lock, path: Path) -> None:
    """Write a lock file that says `lock`."""
    write_lines(lines_of(lock, "", Content()), path)


def text(lock: Lock) -> str:
    """The text of a lock file that says `lock`."""
    return text_of(lines_of(lock, "", Content()))


def decided(
    lock: Lock, address: str, takes: int = 0, pick: int = 0, approved: str = "", picked: str = ""
) -> Lock:
    """`lock` with decisions about `address`. approved and picked: digests."""
    if takes:
        lock = lock.with_decision(address, Decision("takes", takes))
    if pick:
        lock = lock.with_decision(address, Decision("pick", pick, picked))
    if approved:
        lock = lock.with_decision(address, Decision("approve", digest=approved))
    return lock
