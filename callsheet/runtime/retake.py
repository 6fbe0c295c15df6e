"""Asks for one more take of an instance."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.dsl.graph import Graph, Instance
from callsheet.dsl.syntax.node_parser import MOST_TAKES
from callsheet.errors import InputError
from callsheet.runtime.lock import Decision
from callsheet.runtime.project_state import decisions
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class Retaken(Document):
    """A decision. address: of the instance. takes: how many it has from now on; the next run makes the new
    one."""

    address: str
    takes: int


def retake(workspace: Workspace, graph: Graph, address: str, note: str = "") -> Retaken:
    """Ask for one more take of the instance at `address`, and write that into the lock file.

    note: why, in a few words. Raises InputError for an unknown address and where another take makes no sense,
    PipelineError for a lock file that cannot be read, StoreError.
    """
    now = decisions(graph, workspace)
    takes = now.one(address)
    require_retakeable(takes[0], len(takes))
    now.decide(takes[0].base, Decision("takes", len(takes) + 1, note=note))
    return Retaken(takes[0].base, len(takes) + 1)


def require_retakeable(instance: Instance, count: int) -> None:
    """Raises InputError where another take makes no sense. count: how many takes there are."""
    if instance.spec.provider == "local":
        raise InputError(
            f"another take of {instance.base} would be the same: {instance.spec.uses} always makes the same",
            "retake one of the nodes that it is made from",
        )
    if count >= MOST_TAKES:
        raise InputError(f"{instance.base} has {count} takes already", "pick one of them")
