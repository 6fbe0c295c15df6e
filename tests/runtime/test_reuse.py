"""Random pipelines and random edits: what is made equals what a naive model says is needed.

The model knows requests and results only: no keys, no cache, no graph. A paid result counts as its bytes, a
local one as how it was made; whatever was asked for before is not asked for again.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph, Instance
from callsheet.dsl.values.inputs import Given
from callsheet.runtime.calls.protocol import PaidResult
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import IMAGE, INTEGER, STRING, Field, ListOf
from callsheet.testing.fakes import FakeInspector, fake_spec, run_with

OF = Field(ListOf(IMAGE))
PAID = fake_spec("fake/image", {"image": IMAGE}, {"prompt": Field(STRING, required=True), "of": OF})
LOCAL = fake_spec("media/mix", {"image": IMAGE}, {"n": Field(INTEGER), "of": OF}, provider="local")


@dataclass(frozen=True)
class Node:
    """paid or local, one or one for each shot, over earlier nodes by their number."""

    name: str
    paid: bool
    each: bool
    word: int
    of: tuple[int, ...] = ()


@dataclass(frozen=True)
class Film:
    """What a person writes. remark: a comment; indent: how the file is laid out."""

    nodes: tuple[Node, ...]
    shots: tuple[str, ...]
    remark: str = ""
    indent: int = 2

    def text(self) -> str:
        shots = ", ".join(f"{{id: {shot}}}" for shot in self.shots)
        lines = ["callsheet: 1", f"# {self.remark}", f"inputs: {{shots: [{shots}]}}"]
        lines += ["axes: {shot: {over: '${{ inputs.shots }}', key: '${{ shot.id }}'}}", "nodes:"]
        pad = " " * self.indent
        for node in self.nodes:
            lines += [f"{pad}{node.name}:", f"{pad * 2}uses: {(PAID if node.paid else LOCAL).uses}"]
            lines += [f"{pad * 2}each: shot"] if node.each else []
            lines += [f"{pad * 2}with: {{{', '.join(self._params(node))}}}"]
        return "\n".join(lines) + "\n"

    def _params(self, node: Node) -> list[str]:
        shot = " ${{ shot.id }}" if node.each else ""
        what = f"prompt: '{word(node.word)}{shot}'" if node.paid else f"n: {node.word}"
        return [what, f"of: [{', '.join(self._reference(node, self.nodes[i]) for i in node.of)}]"]

    def _reference(self, node: Node, of: Node) -> str:
        whole = of.each and not node.each
        return f"'${{{{ {of.name}.image{'[0]' if whole else ''} }}}}'"


def word(number: int) -> str:
    """A prompt; two numbers of the same parity come out as the same picture."""
    return "p" + "q" * number


def picture(prompt: str, of: tuple[str, ...]) -> str:
    """What the model draws: it does not look at every word."""
    shot = prompt.partition(" ")[2]
    return f"image paid {prompt.count('q') % 2} {shot} [{'|'.join(of)}]"


def mixture(n: int, of: tuple[str, ...]) -> str:
    return f"image local {n} [{'|'.join(of)}]"


@dataclass
class Naive:
    """What is needed, by the plainest reading of the rules."""

    known: set[tuple[object, ...]] = field(default_factory=set)

    def needed(self, film: Film) -> Counter[tuple[object, ...]]:
        """The requests that a run of `film` has to make, and remembers them."""
        made: dict[tuple[int, str], str] = {}
        asked: Counter[tuple[object, ...]] = Counter()
        for i, node in enumerate(film.nodes):
            for shot in film.shots if node.each else ("",):
                request = self._request(film, node, shot, made)
                made[i, shot] = picture(*request[1:]) if node.paid else mixture(*request[1:])
                if request not in self.known:
                    self.known.add(request)
                    asked[request] += 1
        return asked

    def _request(
        self, film: Film, node: Node, shot: str, made: Mapping[tuple[int, str], str]
    ) -> tuple[object, ...]:
        of = []
        for i in node.of:
            at = (shot if node.each else film.shots[0]) if film.nodes[i].each else ""
            of.append(made[i, at])
        if node.paid:
            return ("paid", word(node.word) + (f" {shot}" if node.each else ""), tuple(of))
        return ("local", node.word, tuple(of))


class Studio:
    """Makes and is_paid pictures whose first line says how they came about; notes what it was asked for."""

    version, limit = "1", 8

    def __init__(self, name: str, state: Path) -> None:
        self.name = name
        self.asked: Counter[tuple[object, ...]] = Counter()
        self.store = Store(state, FakeInspector())
        self.noise = 0

    def _labels(self, params: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(a.path.read_text().splitlines()[0] for a in params.get("of", ()))


class Local(Studio):
    """Its bytes differ each time, as after an upgrade of an encoder."""

    async def perform(self, job: Job) -> Mapping[str, object]:
        self.noise += 1
        request = ("local", job.params["n"], self._labels(job.params))
        self.asked[request] += 1
        path = job.workdir / "a.png"
        path.write_text(f"{mixture(*request[1:])}\n{self.noise}")
        await asyncio.sleep(0)
        return {"image": Made("image", path)}


class Shop(Studio):
    """Sells; the same request is one purchase, also when it is asked for twice at once."""

    def __init__(self, name: str, state: Path) -> None:
        super().__init__(name, state)
        self.sold: dict[str, Artifact] = {}

    async def buy(self, instance: Instance, params: Mapping[str, object], key: str, stop: Stop) -> PaidResult:
        if key not in self.sold:
            request = ("paid", params["prompt"], self._labels(params))
            self.asked[request] += 1
            with self.store.workdir() as folder:
                (folder / "a.png").write_text(picture(*request[1:]))
                self.sold[key] = self.store.ingest(Made("image", folder / "a.png"))
        await asyncio.sleep(0)
        return PaidResult({"image": self.sold[key]}, False, 0.1)


class Shelf:
    """The two specs that there are."""

    def find(self, uses: str) -> NodeSpec | None:
        return {PAID.uses: PAID, LOCAL.uses: LOCAL}.get(uses)

    def nearest(self, uses: str) -> tuple[str, ...]:
        return ()


def graph_of(film: Film) -> Graph:
    path = Path("film.yaml")
    path.write_text(film.text())
    report = Report()
    graph = compile_file(path, Given(), Shelf(), report)
    assert graph is not None, [d.message for d in report.sorted()]
    return graph


def made(film: Film) -> Counter[tuple[object, ...]]:
    """What a run of `film` asked for; it knows only what is on the disk."""
    state = Path(".callsheet")
    local, shop = Local("local", state), Shop("fal", state)
    local.noise = int.from_bytes(os.urandom(4))
    makers = {"local": local, "fal": shop}
    result = run_with(makers, graph_of(film), Workspace(inspector=FakeInspector()))
    assert result.status == "done"
    return local.asked + shop.asked


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta", "omega", "sigma"])
SHOTS = st.lists(st.sampled_from(["dawn", "noon", "dusk", "night"]), unique=True, min_size=1, max_size=3)


@st.composite
def films(draw: st.DrawFn) -> Film:
    names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=6))
    nodes = []
    for i, name in enumerate(names):
        of = draw(st.lists(st.integers(0, i - 1), unique=True, min_size=1, max_size=2)) if i else []
        nodes.append(Node(name, draw(st.booleans()), draw(st.booleans()), draw(st.integers(0, 3)), tuple(of)))
    return Film(tuple(nodes), tuple(draw(SHOTS)))


EDITS = ("word",) * 4 + ("rename", "shots", "remark", "layout", "kind", "edges", "more", "less")


@st.composite
def edited(draw: st.DrawFn, film: Film) -> Film:
    """One thing that a person does to a film."""
    i = draw(st.integers(0, len(film.nodes) - 1))
    node = film.nodes[i]
    match draw(st.sampled_from(EDITS)):
        case "word":
            node = replace(node, word=draw(st.integers(0, 3)))
        case "rename":
            node = replace(node, name=f"{node.name}_{draw(st.integers(0, 99))}")
        case "shots":
            return replace(film, shots=tuple(draw(SHOTS)))
        case "remark":
            return replace(film, remark=draw(st.text("abc ", max_size=9)))
        case "layout":
            return replace(film, indent=draw(st.integers(1, 4)))
        case "kind":
            node = replace(node, paid=not node.paid)
        case "edges":
            node = replace(
                node, of=tuple(draw(st.lists(st.integers(0, i - 1), unique=True, max_size=2)) if i else ())
            )
        case "more":
            return replace(
                film, nodes=(*film.nodes, Node("extra", True, False, draw(st.integers(0, 3)), (i,)))
            )
        case "less":
            return replace(film, nodes=film.nodes[:-1] or film.nodes)
    return replace(film, nodes=(*film.nodes[:i], node, *film.nodes[i + 1 :]))


@st.composite
def histories(draw: st.DrawFn) -> list[Film]:
    """A film, and what became of it over a few edits."""
    found = [draw(films())]
    for _ in range(draw(st.integers(1, 4))):
        after = draw(edited(found[-1]))
        if len({n.name for n in after.nodes}) == len(after.nodes):
            found.append(after)
    return found


@given(history=histories())
def check(history: list[Film]) -> None:
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            naive = Naive()
            for film in history:
                assert made(film) == naive.needed(film), film.text()
        finally:
            os.chdir(here)


def test_what_is_made_is_what_is_needed(long: bool) -> None:
    settings(max_examples=5_000 if long else 60, deadline=None)(check)()


def test_renamed_reordered_and_laid_out_anew_costs_nothing(in_folder: Path) -> None:
    nodes = (Node("a", True, True, 1), Node("b", False, True, 2, (0,)), Node("c", True, False, 3, (1,)))
    film = Film(nodes, ("dawn", "dusk"))
    assert sum(made(film).values()) == 5
    other = Film(
        tuple(replace(n, name=f"new_{n.name}") for n in nodes), ("dawn", "dusk"), "another remark", 4
    )
    assert not made(other)
    inserted = replace(other, shots=("dawn", "noon", "dusk"))
    assert sum(made(inserted).values()) == 2


def test_a_result_that_came_out_the_same_stops_the_wave(in_folder: Path) -> None:
    nodes = (Node("a", True, False, 1), Node("b", True, False, 0, (0,)))
    made(Film(nodes, ("dawn",)))
    again = made(Film((replace(nodes[0], word=3), nodes[1]), ("dawn",)))
    assert again == Counter({("paid", word(3), ()): 1})


def test_two_equal_requests_of_one_run_are_one(in_folder: Path) -> None:
    twins = (
        Node("a", True, False, 1),
        Node("b", True, False, 1),
        Node("c", False, False, 1),
        Node("d", False, False, 1),
    )
    assert sum(made(Film(twins, ("dawn",))).values()) == 2


def test_the_films_are_what_people_write(in_folder: Path) -> None:
    film = Film((Node("a", True, True, 1), Node("b", False, False, 2, (0,))), ("dawn", "dusk"))
    assert set(graph_of(film).instances) == {'a["dawn"]', 'a["dusk"]', "b"}
