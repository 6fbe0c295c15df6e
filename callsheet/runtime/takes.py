"""The takes of an instance: which there are, which one counts, and a contact sheet of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.contact_sheet import FRAMES, draw
from callsheet.runtime.lock.named_results import reason_of
from callsheet.runtime.other_results import variants
from callsheet.runtime.output.films import require_own_folder
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class TakeState:
    """One take. address: of the instance, without the take. number: from 1. seed: None for one that is not
    a known number. picked: whether it is the one that counts. outputs: name → value, None while it is not
    made. digest: of another result of a take, which a merge left; "" for a take itself. rejected: who
    rejected its result and why, "" where nobody did."""

    address: str
    number: int
    seed: int | None
    picked: bool
    outputs: Mapping[str, object] | None
    digest: str = ""
    rejected: str = ""

    @property
    def made(self) -> bool:
        """Whether its result exists."""
        return self.outputs is not None


@dataclass(frozen=True, slots=True)
class Takes(Document):
    """The takes at one address or of one node. sheet: the contact sheet, None when nothing of them can be
    drawn. notes: what to tell of files of others that were in its way."""

    takes: tuple[TakeState, ...]
    sheet: Path | None
    notes: tuple[str, ...] = ()


def takes(
    workspace: Workspace,
    graph: Graph,
    address: str | None,
    out: Path = Path("out"),
    preview: bool = False,
    store: str = "",
) -> Takes:
    """List the takes at `address`, and draw those that are made on a contact sheet in `out`/<name>/takes/,
    or in `out`/<name>/preview/takes/.

    address: of an instance or a node; None for the picked takes of all that models make, a picture each.
    preview: the takes of the last preview. store: the folder or URL of a shared store; takes that are only
    there are downloaded.
    Raises InputError for an unknown address, when no take is made, and where `out` has another film of this
    name; NodeError for a media file that cannot be read; StoreError.
    """
    now = project_state(graph, workspace, preview, store=store)
    found, title = now.takes([address]) if address else _by_models(now), address or graph.name
    now = now.with_files(found)
    if not any(take.address in now.outputs for take in found):
        command = shell.command(["callsheet", "run", str(graph.path), *(["--preview"] if preview else [])])
        if why := _why(now, found):
            raise InputError(f"no take of {title} is on this machine: {why}", f"or run it: {command}")
        raise InputError(f"no take of {title} is made yet with the pipeline as it is", f"run it: {command}")
    more = () if preview else tuple(_others(now, found))
    layout = Layout.of(workspace.out(out), graph.name, preview, graph.section.profile)
    require_own_folder(layout, graph.path)
    sheet = draw(now, found, title, layout, frames=FRAMES if address else 1)
    states = (*_states(now, found), *more)
    return Takes(states, sheet.path if sheet else None, (*now.notes, *(sheet.notes if sheet else ())))


def _by_models(now: ProjectState) -> list[Instance]:
    """The picked takes of what models make; of a film without any, all that it makes."""
    picked = [i for i in now.graph.instances.values() if i.take.picked]
    return [i for i in picked if i.spec.provider != "local"] or picked


def _why(now: ProjectState, found: Sequence[Instance]) -> str:
    """Why no take is on this machine, where there is one elsewhere; "" otherwise."""
    if now.notes:
        return now.notes[0]
    named = now.lock.named()
    if any(now.keys.get(take.address) in named for take in found):
        return "the lock names the result; name the store that has it (--store PLACE, or CALLSHEET_STORE)"
    return ""


def _states(now: ProjectState, found: Sequence[Instance]) -> tuple[TakeState, ...]:
    declined = now.lock.declined
    return tuple(
        replace(
            _state(take, now.outputs.get(take.address)),
            rejected=reason_of(declined[key]) if (key := now.keys.get(take.address, "")) in declined else "",
        )
        for take in found
    )


def _others(now: ProjectState, found: Sequence[Instance]) -> Iterator[TakeState]:
    """Second results of these takes, numbered after the takes of their instance."""
    for base in dict.fromkeys(take.base for take in found):
        takes_of = [take for take in found if take.base == base]
        for number, (take, made) in enumerate(variants(takes_of, now), len(takes_of) + 1):
            yield replace(_state(take, None), number=number, picked=False, digest=made.digest)


def _state(take: Instance, outputs: Mapping[str, object] | None) -> TakeState:
    seed = take.params.get("seed")
    return TakeState(
        take.base, take.take.number, seed if isinstance(seed, int) else None, take.take.picked, outputs
    )
