"""callsheet: trivial local instances, planned, looked up, run and kept in the cache on the disk.

A film of one instance runs first, since callsheet imports what it needs when it needs it.
"""

import os
import tempfile

from clock import NODES, measured

from callsheet.spec.types import INTEGER, Field, ListOf
from callsheet.spec.values import Ref
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec, run_with

SPEC = fake_spec(
    "local/number", {"n": INTEGER}, {"id": Field(INTEGER), "of": Field(ListOf(INTEGER))}, provider="local"
)


class Trivial:
    name, version, limit = "local", "1", 64

    async def perform(self, job):
        return {"n": job.params["id"]}


def graph(nodes):
    return fake_graph(
        [
            fake_instance(name, SPEC, {"id": i, "of": [Ref(need, ("n",)) for need in needs]})
            for i, (name, needs) in enumerate(nodes)
        ]
    )


def run(film):
    os.chdir(tempfile.mkdtemp())
    assert run_with({"local": Trivial()}, film).status == "done"


run(graph([("first", ())]))
film = graph(NODES)
with measured():
    run(film)
