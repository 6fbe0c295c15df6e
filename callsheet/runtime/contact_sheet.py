"""The contact sheet of takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.project_state import ProjectState
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made
from callsheet.spec.plural import plural
from callsheet.spec.values import leaves

FRAMES: Final = 4
"""Frames of each video."""
MOST: Final = 400
"""Pictures of a sheet."""
NOT_A_WORD: Final = re.compile(r"[^\w]+")
ACROSS: Final = 6
"""Pictures side by side at most."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A contact sheet. notes: what to tell of it."""

    path: Path
    notes: tuple[str, ...]


def draw(
    now: ProjectState, takes: Sequence[Instance], title: str, layout: Layout, frames: int = FRAMES
) -> Sheet | None:
    """Draw the images of `takes` side by side and write the PNG; None when they have none.

    frames: of each video; with more than one they are a row, and images are left out. Pictures for which the
    sheet has no space are left out from the end.
    Raises NodeError for media that cannot be read, StoreError, and InputError where nothing can be written.
    """
    found = ((take, picture) for take in takes for picture in _pictures(now.outputs.get(take.address, {})))
    pictures = list(found)
    cells = frames if any(picture.kind == "video" for _, picture in pictures) else 1
    shown = pictures[: MOST // cells]
    if not shown:
        return None
    from callsheet.nodes.media.operations.contact_sheet import SPEC, run

    folder = OwnedFolder(layout.takes, layout.out)
    with TemporaryDirectory() as workdir:
        made = run(Job(title, SPEC, _parameters(shown, title, frames), Path(workdir)))["image"]
        assert isinstance(made, Made)
        digest = disk.digest(made.path)
        name = folder.claim(file_name(NOT_A_WORD.sub("-", title)), made.path.suffix, digest)
        path = folder.put(name, digest, "", partial(_copy, made.path))
    folder.close(complete=False)
    left = len(pictures) - len(shown)
    notes = (f"the sheet has no space for {plural(left, 'more picture')}",) if left else ()
    return Sheet(path, (*folder.notes, *notes))


def _copy(picture: Path, new: Path) -> tuple[bool, str]:
    disk.write_new(new, disk.chunks(picture), lasting=False)
    return False, ""


def _pictures(outputs: Mapping[str, object]) -> Iterator[Artifact]:
    return (artifact for artifact in leaves(outputs, Artifact) if artifact.kind in ("image", "video"))


def _parameters(shown: Sequence[tuple[Instance, Artifact]], title: str, frames: int) -> dict[str, object]:
    """Images form one grid; a video is a row of frames."""
    pictures = [picture for _, picture in shown]
    rows = frames > 1 and any(picture.kind == "video" for picture in pictures)
    return {
        "images": [] if rows else pictures,
        "videos": pictures if rows else [],
        "frames": frames if rows else 1,
        "columns": frames if rows else min(ACROSS, len(pictures)),
        "labels": [_label(take) for take, _ in shown],
        "title": title,
    }


def _label(take: Instance) -> str:
    seed = take.params.get("seed")
    words = [f"#{take.take.number}" if take.take.of > 1 else "", take.base]
    words += [f"seed {seed}"] if isinstance(seed, int) else []
    words += ["picked"] if take.take.picked and take.take.of > 1 else []
    return "  ".join(word for word in words if word)
