"""Decides which take of an instance counts."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.project_state import decisions
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Picked:
    """A decision. address: of the instance. number: of the take that counts from now on."""

    address: str
    number: int


def pick(workspace: Workspace, graph: Graph, address: str, number: int) -> Picked:
    """Let take `number` of the instance at `address` count, and write that into the lock file.

    graph: loaded with `picks=False`, so that a pick of a take that is gone can be replaced.
    Raises InputError for an unknown address or take, PipelineError for a lock file that cannot be read,
    StoreError.
    """
    now = decisions(graph, workspace)
    takes = now.one(address)
    if number > len(takes):
        command = shlex.join(["callsheet", "retake", str(graph.path), address])
        raise InputError(
            f"{address} has no take {number}, it has {len(takes)}", f"ask for one more: {command}"
        )
    now.write(now.lock.with_decision(takes[0].base, pick=number))
    return Picked(takes[0].base, number)
