"""What is looked for again where a lock file names results that are not here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from callsheet.dsl.graph import Instance
from callsheet.runtime.found_again import used_in
from callsheet.spec.values import Ref
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec

CLIP = fake_spec("fake/clip")
FILM = fake_spec("fake/film")


class Counted(dict[str, Instance]):
    """Instances that count how often somebody looks through all of them."""

    looked_through = 0

    def items(self) -> Any:
        self.looked_through += 1
        return super().items()


def shots(count: int) -> list[Instance]:
    return [fake_instance(f'clip["{i}"]', CLIP) for i in range(count)]


def test_a_graph_is_looked_through_once_for_a_node_however_many_results_are_named() -> None:
    graph = fake_graph(shots(50), outputs={"last": Ref('clip["49"]', ("video",))})
    graph = replace(graph, instances=(counted := Counted(graph.instances)))
    used = used_in(lambda: graph)

    assert [used(CLIP) for _ in range(50)] == [frozenset({("video",)})] * 50
    assert counted.looked_through == 1


def test_a_graph_that_has_grown_is_looked_through_anew() -> None:
    graphs = [fake_graph(shots(2))]
    used = used_in(lambda: graphs[-1])

    assert used(CLIP) == frozenset()
    assert used(FILM) is None, "it has no such node"

    graphs.append(
        fake_graph([*shots(3), fake_instance("film", FILM, {"of": Ref('clip["2"]', ("video", 0))})])
    )
    assert used(CLIP) == {("video", 0)}
    assert used(FILM) == frozenset()
