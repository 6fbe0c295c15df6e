"""Reads the provenance of a media file, and writes the pipeline back that made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from callsheet.errors import InputError
from callsheet.nodes.media import tags
from callsheet.runtime.lock.lines import Decided
from callsheet.runtime.lock.model import Decision
from callsheet.runtime.lock.write import write
from callsheet.runtime.output.provenance.files import code_in, located, notes_beside
from callsheet.runtime.output.provenance.pipeline import pipeline
from callsheet.runtime.output.provenance.reading import Unreadable, read
from callsheet.runtime.output.provenance.record import Provenance, marks
from callsheet.runtime.store import atomic as disk
from callsheet.spec.document import Document
from callsheet.spec.project import lock_path
from callsheet.spec.values import SecretName


@dataclass(frozen=True, slots=True)
class Restored(Document):
    """A pipeline that was written back. nodes: how many it has. problems: why it may not make the same file
    again, each a sentence. secrets: the environment variables that it would send; whoever wrote the note of
    the file chose them."""

    path: Path
    nodes: int
    problems: tuple[str, ...]
    secrets: tuple[str, ...] = ()


class NoNote(InputError):
    """A media file without a note about what made it."""


def provenance_of(file: Path) -> Provenance:
    """What made a media file: the note in the file, or in the manifest beside it.

    Raises InputError when the file cannot be read, or has no note that can be used.
    """
    try:
        found = read(chain(tags.texts(file), notes_beside(file)))
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}", "name a media file, such as one in out/"
        ) from None
    except Unreadable as error:
        raise InputError(
            f"the note in {file} cannot be used: {error}", "look at the file itself in out/, not a copy"
        ) from None
    if found is None:
        raise NoNote(
            f"{file} has no note about what made it",
            "media files in out/ have one, and so have their copies; other programs lose it when they save",
        )
    return found


def restore(provenance: Provenance, target: Path) -> Restored:
    """Write the pipeline that makes a media file again to `target`, with a lock file for its picks.

    Raises InputError when `target` or its lock file exists, StoreError when it cannot be written.
    """
    for path in (target, lock_path(target)):
        if path.exists():
            raise InputError(f"{path} exists already", "choose another name")
    files = located(provenance, target)
    places = {file: place.written for file, place in files.items()}
    written = pipeline(provenance, places, code_in(provenance, target))
    disk.replace(target, [written.text.encode("utf-8", "replace")])
    picks = [Decided("", name, Decision("pick", take)) for name, take in written.picks.items()]
    if picks:
        write(picks, lock_path(target))
    problems = [place.problem for place in files.values() if place.problem]
    makings = (provenance.making, *provenance.before.values())
    named = (leaf for making in makings for leaf in marks(making.parameters or {}))
    secrets = dict.fromkeys(leaf.variable for leaf in named if isinstance(leaf, SecretName))
    problems += _inexact(provenance, written.anew)
    return Restored(target, len(provenance.before) + 1, tuple(problems), tuple(secrets))


def _inexact(provenance: Provenance, anew: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{address} will be made again: its seed came from another node" for address in anew)
    if provenance.hidden:
        yield "secrets were removed from its parameters: look for ***"
