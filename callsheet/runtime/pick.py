"""Decides which take of an instance counts."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.lock import Decision
from callsheet.runtime.other_results import digest_of, variants
from callsheet.runtime.plan.assume_lock import outputs_in_lock
from callsheet.runtime.project_state import decisions, project_state
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class Picked(Document):
    """A decision. address: of the instance. number: of the take that counts from now on. digest: of its
    result, "" while that is not made."""

    address: str
    number: int
    digest: str = ""


def pick(
    workspace: Workspace, graph: Graph, address: str, number: int, note: str = "", store: str = ""
) -> Picked:
    """Let take `number` of the instance at `address` count, and write that into the lock file, with the
    digest of its result.

    graph: loaded with `picks=False`, so that a pick of a take that is gone can be replaced. number: beyond
    the takes, of a second result of one of them, which a merge left; `callsheet takes` shows them. note: why,
    in a few words. store: the folder or URL of a shared store, whose results count.
    Raises InputError for an unknown address or take, PipelineError for a lock file that cannot be read,
    StoreError.
    """
    found = decisions(graph, workspace, store)
    takes, lock = found.one(address), found.lock
    now = project_state(graph, workspace, elsewhere=outputs_in_lock(lock), store=store)
    more = list(variants(takes, now))
    if number > len(takes) + len(more):
        command = shell.command(["callsheet", "retake", str(graph.path), address])
        raise InputError(
            f"{address} has no take {number}, it has {len(takes)}", f"ask for one more: {command}"
        )
    if number > len(takes):
        take, made = more[number - len(takes) - 1]
        digest = made.digest
    else:
        take = takes[number - 1]
        digest = digest_of(take, now)
    now.decide(take.base, Decision("pick", take.take.number, digest, note=note))
    return Picked(take.base, number, digest)
