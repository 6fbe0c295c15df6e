"""The result of the compiler: instances, their edges and the values that flow along them.

Values in `Instance.params` and `Graph.outputs` are trees of dicts and lists whose leaves are JSON
scalars, `LocalFile`, `Ref` (an output of another instance, known once that has run) or `Deferred`
(an expression over such outputs).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from callsheet.dsl.diagnostics.source import Span
from callsheet.errors import FALLS, Kind, NodeError
from callsheet.spec.node import NodeSpec
from callsheet.spec.plural import plural
from callsheet.spec.rules.rule import Problem

"""How many instances a pipeline may have."""


class Unfit(NodeError):
    """A `Deferred` value of the instance at `address` cannot be computed, or does not fit."""

    def __init__(self, address: str, problem: Problem) -> None:
        super().__init__(f"{address}: {problem.message}", "failed", problem.help)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Pause:
    """The time between attempts. delay: seconds before the second one. backoff: how many times longer each
    next one is. within: seconds after the first attempt after which no other begins; None for no limit."""

    delay: float = 0
    backoff: float = 1
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How a node is run, beside what it makes.

    cache: use and keep results ("auto"), do neither ("off"), or make anew and keep ("refresh").
    timeout: seconds. attempts: how often at most. provider: where the endpoint is served from. missing:
    what becomes of an element of its lists that could not be made. approve: what needs it waits for a person.
    takes: how many variations. retried: the kinds of failure that are tried again. pause: between attempts.
    falls_on: of an alternative, the kinds of failure after which it is tried.
    """

    cache: Literal["auto", "off", "refresh"] = "auto"
    timeout: float | None = None
    attempts: int | None = None
    provider: str = ""
    missing: Literal["fail", "skip", "placeholder"] = "fail"
    approve: bool = False
    takes: int = 1
    retried: tuple[Kind, ...] = ("unavailable", "failed")
    falls_on: tuple[Kind, ...] = FALLS
    pause: Pause = Pause()


@dataclass(frozen=True, slots=True)
class NodeDefaults:
    """What holds for the nodes of a model or task that do not say it themselves; None for nothing. takes: how
    many variations. attempts: how often at most. approve: what needs the result waits for a person."""

    takes: int | None = None
    attempts: int | None = None
    approve: bool | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Which variation of an instance one is: number, from 1, of so many. picked: whether it is the one that
    references mean. seeded: whether a seed of its own tells it apart; otherwise its number does."""

    number: int = 1
    of: int = 1
    picked: bool = True
    seeded: bool = False

    @property
    def repeat(self) -> int:
        """Which call of the same request this is, from 1; a seed of its own makes it another request."""
        return 1 if self.seeded else self.number


@dataclass(frozen=True, slots=True)
class Alternative:
    """An alternative of `fallback`. seeded: see `Take`. span: where it is written. kinds: of the failures
    after which it is tried."""

    spec: NodeSpec
    params: Mapping[str, object]
    needs: tuple[str, ...]
    span: Span
    tolerates: tuple[str, ...] = ()
    seeded: bool = False
    kinds: tuple[Kind, ...] = FALLS


@dataclass(frozen=True, slots=True)
class Instance:
    """One call to be made: a node at one point of its axes.

    needs: addresses that must be done first, sorted. span: the node's place in the file. tolerates: those
    of its needs that it can do without. axes: the names of the axes that `key` is on. point: the index of its
    element on each of them. alternatives: what is tried in turn when it is refused or fails for good; `needs`
    leaves out what only these need.
    """

    address: str
    node: str
    key: tuple[str, ...]
    spec: NodeSpec
    params: Mapping[str, object]
    needs: tuple[str, ...]
    span: Span
    options: Options = Options()
    tolerates: tuple[str, ...] = ()
    take: Take = Take()
    axes: tuple[str, ...] = ()
    point: tuple[int, ...] = ()
    alternatives: tuple[Alternative, ...] = ()

    @property
    def specs(self) -> tuple[NodeSpec, ...]:
        """Its own spec and those of its alternatives, in the order in which they are tried."""
        return (self.spec, *(other.spec for other in self.alternatives))

    @property
    def all_needs(self) -> tuple[str, ...]:
        """What it or one of its alternatives needs, sorted."""
        return tuple(sorted({*self.needs, *(need for other in self.alternatives for need in other.needs)}))

    def as_alternative(self, number: int) -> Instance:
        """The instance with the spec and parameters of an alternative; 0 is the instance itself."""
        if number == 0:
            return self
        other = self.alternatives[number - 1]
        return replace(
            self,
            spec=other.spec,
            params=other.params,
            needs=other.needs,
            tolerates=other.tolerates,
            take=replace(self.take, seeded=other.seeded),
            alternatives=(),
        )

    @property
    def base(self) -> str:
        """The address without the take."""
        return self.address.removesuffix(f"#{self.take.number}") if self.take.number > 1 else self.address

    @property
    def is_gate(self) -> bool:
        """Whether instances that need it wait until a person approves it."""
        return self.options.approve and self.take.picked

    def is_meant(self, name: str) -> bool:
        """Whether `name` names it: its node, its address or a recipe around it, which mean the take that
        counts, or one take."""
        if name == f"{self.base}#{self.take.number}":
            return True
        inside = self.base.startswith((f"{name}/", f"{name}[")) or self.node.startswith(f"{name}/")
        return self.take.picked and (inside or name in (self.node, self.base))


@dataclass(frozen=True, slots=True)
class PendingList:
    """A list of an axis that is an output.

    address: `shot`, or `shot["act1"]` inside another axis. point: the indices of the axes around it. tree:
    leads to it. needs: the addresses it is made from. most: how many elements it may have.
    """

    address: str
    axis: str
    point: tuple[int, ...]
    tree: object
    needs: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """Instances of a node that are not known yet: at most `most` of them.

    sample: what one of them looks like; whatever is not known of it is `Deferred`. after: the nodes that it
    refers to, or whose outputs its axes range over.
    """

    node: str
    most: int
    sample: Instance
    after: tuple[str, ...]


class DynamicPart(Protocol):
    """What is not known of a graph before some of its outputs are there. It is immutable."""

    @property
    def pending(self) -> Mapping[str, PendingList]:
        """The lists that are awaited, by address."""
        ...

    @property
    def unknown_outputs(self) -> Mapping[str, tuple[str, ...]]:
        """Outputs of the pipeline that are not known yet → the nodes that they refer to."""
        ...

    @property
    def inputs(self) -> Mapping[str, object]:
        """The values of the pipeline's inputs."""
        ...

    @property
    def providers(self) -> frozenset[str]:
        """The providers of instances that are not known yet."""
        ...

    def unknown(self) -> tuple[Unknown, ...]:
        """The instances that are not known yet, grouped by what they have in common."""
        ...

    def redirected(self, to: Callable[[object], object]) -> DynamicPart:
        """The same with changed references: `to` changes the tree of each pending list."""
        ...

    def extended(self, lists: Mapping[str, object]) -> Graph:
        """The graph with more lists known: address → list, with a `Ref` in place of each media value.

        What is there already stays as it is. Raises NodeError (*failed*) for a list that cannot be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """Which inputs a graph was expanded with. name: "" where nobody gave any; else the name of their section
    in the lock file. inputs: the names of those that were given. profile: that of `callsheet.toml`, "" for
    none."""

    name: str = ""
    inputs: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Graph:
    """A checked pipeline: instances by address in the order of the file and its axes.

    skipped: addresses whose `when` is false. outputs: name → value tree. axes: `scene`, or `shot["act1"]`
    for one that lies inside another → keys.
    budget: USD that a run may spend at most; None for no limit. files: every text that it was read from, with
    the sha256 of its bytes. dynamic: what is known only when outputs that axes range over are there; None
    when that is nothing. section: which inputs it is for. renamed: address in the lock file → address of the
    same instance now, of those that people decided about. rows: the keys of the rows of a table, for each of
    which the pipeline is made; they are the outermost axis, also in the names of outputs: `film["dawn"]`.
    """

    name: str
    path: Path
    instances: Mapping[str, Instance]
    outputs: Mapping[str, object]
    skipped: tuple[str, ...] = ()
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    budget: float | None = None
    files: Mapping[Path, str] = field(default_factory=dict)
    dynamic: DynamicPart | None = field(default=None, compare=False)
    section: Section = Section()
    renamed: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    def __repr__(self) -> str:
        nodes = len({instance.node for instance in self.instances.values()})
        return f"<Graph {self.name}: {plural(nodes, 'node')}, {plural(len(self.instances), 'instance')}>"

    def extended(self, lists: Mapping[str, object]) -> Graph:
        """This graph with more lists of its axes known: see `DynamicPart.extended`."""
        assert self.dynamic is not None
        return replace(self.dynamic.extended(lists), files=self.files)
