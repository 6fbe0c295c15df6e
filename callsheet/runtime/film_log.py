"""The history of a film: what each commit made, decided and changed, from git and its lock file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.git_revision import told
from callsheet.runtime.lock.disputes import described
from callsheet.runtime.lock.lines import Decided, Line, Pin, Result, Schema, in_section
from callsheet.runtime.lock.model import Made
from callsheet.runtime.lock.read import Content, canonical, read
from callsheet.runtime.lock.short_text import cost_of
from callsheet.spec.project import lock_path

FIELDS: Final = "%x00%H%x00%as%x00%an%x00%s%x00%P"
Results = dict[str, Made]
"""Address, with its section → result."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one commit did. day: when its author made it, ISO 8601. said: what it changed, a sentence each.
    usd: of the results that are new in the lock; unpriced: how many of these have an unknown price."""

    commit: str
    day: str
    author: str
    subject: str
    said: tuple[str, ...]
    usd: float
    unpriced: int


def film_log(pipeline: Path, most: int) -> tuple[Entry, ...]:
    """The newest `most` commits that changed `pipeline` or its lock file, newest first; of a merge, what
    differs from its first parent.

    Raises InputError where there is no such file in git.
    """
    folder, names = pipeline.parent, (pipeline.name, lock_path(pipeline).name)
    words = ("log", f"--max-count={most}", f"--format={FIELDS}", "--name-only", "--first-parent", "-m")
    text = told(folder, *words, "--", *names).decode("utf-8", "replace")
    if not text and not told(folder, "rev-parse", "--git-dir"):
        raise InputError(
            f"{pipeline} is not in a git repository",
            "callsheet log reads its history in git: git init, then commit it",
        )
    parts = text.split("\0")[1:]
    return tuple(_entry(folder, pipeline, parts[i : i + 5]) for i in range(0, len(parts), 5))


def _entry(folder: Path, pipeline: Path, about: list[str]) -> Entry:
    commit, day, author, subject, rest = about
    parent, *files = rest.split("\n", 1)
    before = _lock(folder, pipeline, parent.split()[0]) if parent.split() else Content()
    after = _lock(folder, pipeline, commit)
    changed = {Path(name).name for name in files[0].split("\n") if name} if files else set()
    new = _new(before, after)
    said = [f"{pipeline.name} changed"] if pipeline.name in changed else []
    said += [*_results(before, after), *_decisions(before, after)]
    usd = sum(made.usd or 0.0 for made in new)
    return Entry(commit, day, author, subject, tuple(said), usd, sum(made.usd is None for made in new))


def _lock(folder: Path, pipeline: Path, commit: str) -> Content:
    """The lock of a commit; an empty one where it has none, or one that cannot be read."""
    text = told(folder, "show", f"{commit}:./{lock_path(pipeline).name}").decode("utf-8", "replace")
    found = canonical(text.replace("\r\n", "\n"))
    if found is not None or not text:
        return found or Content()
    with tempfile.TemporaryDirectory(prefix="callsheet-") as name:
        path = Path(name, lock_path(pipeline).name)
        path.write_text(text, encoding="utf-8")
        try:
            return read(path)
        except PipelineError:
            return Content()


def _at(content: Content) -> Results:
    return {_place(line): line.made for line in content.lines if isinstance(line, Result)}


def _place(line: Result | Decided) -> str:
    return in_section(line.section, line.address)


def _new(before: Content, after: Content) -> list[Made]:
    """The results that a commit added, each once."""
    known = {(made.key, made.digest) for made in _at(before).values()}
    return list(
        {(m.key, m.digest): m for m in _at(after).values() if (m.key, m.digest) not in known}.values()
    )


def _results(before: Content, after: Content) -> Iterator[str]:
    old, new = _at(before), _at(after)
    paid = {line.uses for line in after.lines if isinstance(line, Pin | Schema)}
    was = {made.key: address for address, made in old.items()}
    for address, made in new.items():
        if made.uses not in paid or (address in old and old[address].is_result_of(made)):
            continue
        if address not in old and made.key in was:
            yield f"{was[made.key]} is {address} now"
            continue
        how = "made again" if address in old else "made"
        yield f"{how}: {address} with {made.uses}, {cost_of(made)}"
    keys = {made.key for made in new.values()}
    for address, made in old.items():
        if address not in new and made.key not in keys and made.uses in paid:
            yield f"gone: {address}"


def _decisions(before: Content, after: Content) -> Iterator[str]:
    old, new = _said(before), _said(after)
    yield from (text for text in new if text not in old)
    yield from (f"taken back: {text}" for text in old if text not in new)


def _said(content: Content) -> list[str]:
    return [sentence for line in content.lines if (sentence := _sentence(line))]


def _sentence(line: Line) -> str:
    match line:
        case Decided():
            return f"{_place(line)}: {described(line)}"
        case Pin(uses):
            return f"recipe {uses}: {described(line)}"
    return ""
