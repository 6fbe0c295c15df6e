"""What people decide about results: takes, picks, approvals, rejections and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Pipeline, opened
from callsheet.errors import InputError
from callsheet.runtime import approve as approving
from callsheet.runtime import pick as picking
from callsheet.runtime import redo as redoing
from callsheet.runtime import reject as rejecting
from callsheet.runtime import retake as retaking
from callsheet.runtime import takes as showing
from callsheet.runtime.approve import Approval
from callsheet.runtime.consent import Confirm
from callsheet.runtime.pick import Picked
from callsheet.runtime.redo import Wording
from callsheet.runtime.reject import Rejection
from callsheet.runtime.retake import Retaken
from callsheet.runtime.takes import Takes
from callsheet.spec import shell
from callsheet.spec.document import Document
from callsheet.spec.permissions import granting


@dataclass(frozen=True, slots=True)
class Approvals(Document):
    """What changed about approvals."""

    approvals: tuple[Approval, ...]


@dataclass(frozen=True, slots=True)
class Rejections(Document):
    """What changed about rejections."""

    rejections: tuple[Rejection, ...]


def takes(
    pipeline: Pipeline,
    address: str | None = None,
    preview: bool = False,
    out: str | Path = "out",
    **given: Unpack[Given],
) -> Takes:
    """The takes at `address`, an instance or a node, and a contact sheet of them. `callsheet takes`.

    address: None for the picked takes of all that models make. preview: the takes of the last preview. out:
    the folder of the results; the sheet is written to `out`/<name>/takes/. given: see `Given`.

    Raises InputError for an unknown address and when no take is made, NodeError for a media file that cannot
    be read, PipelineError, StoreError.
    """
    with opened(pipeline, given) as film:
        return showing.takes(film.workspace, film.graph(), address, Path(out), preview, film.store)


def pick(pipeline: Pipeline, address: str, number: int, note: str = "", **given: Unpack[Given]) -> Picked:
    """Let take `number` of the instance at `address` count. `callsheet pick`.

    Later nodes are made from the take that counts. note: why, in a few words; it stands in the lock file.
    given: see `Given`. Raises InputError for an unknown address or take, PipelineError, StoreError.
    """
    with opened(pipeline, given) as film:
        return picking.pick(film.workspace, film.graph(picks=False), address, number, note, film.store)


def retake(pipeline: Pipeline, address: str = "", note: str = "", **given: Unpack[Given]) -> Retaken:
    """Ask for one more take of the instance at `address`. The next run makes it. `callsheet retake`.

    note: the id of a note that is the reason, and gets a reply; without `address`, its shot is retaken.
    given: see `Given`. Raises InputError for an unknown address or note and where another take makes no
    sense, PipelineError, StoreError.
    """
    if not (address or note):
        raise InputError("name what is made again", "callsheet retake FILE ADDRESS, or --note ID")
    with opened(pipeline, given) as film:
        if note:
            return redoing.redo(film.workspace, film.graph(), redoing.noted(film.path, note), address)
        return retaking.retake(film.workspace, film.graph(), address)


def reword(
    pipeline: Pipeline,
    note: str,
    by: str | Path,
    address: str = "",
    keep: bool = False,
    confirm: Confirm = False,
    secrets: Sequence[str] = (),
    allow: Sequence[str] = (),
    own_prices: Sequence[str] = (),
    **given: Unpack[Given],
) -> Wording:
    """Let the pipeline `by` word a prompt again, given the prompt and a note. `callsheet retake --with`.

    note: its id. by: a pipeline with the inputs `prompt` and `note` and the output `prompt`. keep: write the
    new text into the file, and reply to the note. confirm, secrets, allow, own_prices: as in `run`, for the
    run of `by`. given: see `Given`. Raises InputError where nobody agreed to what it costs, PipelineError,
    StoreError.
    """
    with opened(pipeline, given) as film, granting(secrets, allow, own_prices):
        graph, found = film.graph(), redoing.noted(film.path, note)
        wording = redoing.worded_anew(film.workspace, graph, found, address, Path(by), confirm)
        if keep and wording.after != wording.before:
            return redoing.keep(film.workspace, graph, found, wording, film.sets, film.inputs)
    return wording


def approve(
    pipeline: Pipeline,
    addresses: str | Sequence[str] = (),
    everything: bool = False,
    note: str = "",
    undo: bool = False,
    **given: Unpack[Given],
) -> Approvals:
    """Approve the results at `addresses` as they are now; the next run continues with what waits for them.
    `callsheet approve`.

    everything: approve every result that waits now, instead. note: why, in a few words. undo: take approvals
    back. given: see `Given`. Returns what changed. Raises InputError for an address where nothing waits or
    nothing is made, and without addresses; PipelineError, StoreError.
    """
    named = (addresses,) if isinstance(addresses, str) else tuple(addresses)
    if bool(named) == everything:
        raise InputError("name what you approve, or give --all", "callsheet approve FILE 'clip[\"dawn\"]'")
    with opened(pipeline, given) as film:
        done = approving.approve(film.workspace, film.graph(), named, undo, note, film.store)
    return Approvals(tuple(done))


def reject(
    pipeline: Pipeline,
    addresses: str | Sequence[str],
    why: str = "",
    undo: bool = False,
    **given: Unpack[Given],
) -> Rejections:
    """Reject the results at `addresses` as they are now; the film goes on without them. `callsheet reject`.

    They stay paid and kept; nothing is bought in their place. why: in a few words. undo: take rejections
    back. given: see `Given`. Returns what changed. Raises InputError for an unknown address, for one without
    a result, and without `why`; PipelineError, StoreError.
    """
    named = (addresses,) if isinstance(addresses, str) else tuple(addresses)
    with opened(pipeline, given) as film:
        if not why.strip() and not undo:
            words = ["callsheet", "reject", film.path, *named[:1], "--why", "a sixth finger"]
            raise InputError("say why", shell.command(words))
        done = rejecting.reject(film.workspace, film.graph(), named, why, undo, film.store)
    return Rejections(tuple(done))
