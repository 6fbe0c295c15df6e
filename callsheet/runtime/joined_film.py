"""Which result of a pipeline is its film: the one that was joined from clips."""

from __future__ import annotations

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.graph.spelling import spelled
from callsheet.runtime.project_state import ProjectState
from callsheet.spec import shell
from callsheet.spec.media import Artifact
from callsheet.spec.values import Ref, leaves


def film_of(now: ProjectState, output: str = "") -> tuple[str, Artifact]:
    """The address of the instance that made the film, and the film: the output called `output`, or the first
    one that was joined from clips.

    Raises InputError where there is none, it is not made, or there is one for each of several rows.
    """
    graph = now.graph
    output = spelled(graph, output) if output else ""
    if not output and len(graph.rows) > 1:
        raise InputError(
            "each row of the table has a film of its own", f"name one: --output {_some_film(graph)}"
        )
    if output and output not in graph.outputs:
        raise InputError(f"there is no output {output}", f"the outputs are {', '.join(graph.outputs)}")
    named = {output: graph.outputs[output]} if output else graph.outputs
    missing: dict[str, None] = {}
    for value in named.values():
        for ref in leaves(value, Ref):
            made = now.outputs.get(ref.address)
            if made is None:
                missing[ref.address] = None
            film = next((a for a in leaves(made, Artifact) if a.shots), None)
            if film is not None:
                return ref.address, film
    if missing:
        first = next(iter(missing))
        run = shell.command(["callsheet", "run", graph.path])
        raise InputError(f"{first} is not made yet with the pipeline as it is", run)
    raise InputError(
        "no output of this pipeline is a film that was joined from clips",
        "join them with media/concat, media/crossfade or media/timeline, and run it",
    )


def _some_film(graph: Graph) -> str:
    return shell.quoted(next(iter(graph.outputs), "NAME"))
