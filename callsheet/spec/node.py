"""What a node can be: its parameters, its outputs, its price and what is known of what it makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from callsheet.spec.media import Facts
from callsheet.spec.types import Field, MediaKind, Record, Type

if TYPE_CHECKING:
    from callsheet.spec.price import Price


@dataclass(frozen=True, slots=True)
class Made:
    """A media file that a job wrote into its work folder, not yet in the store."""

    kind: MediaKind
    path: Path


def _silent(_: float) -> None: ...


def _go_on() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Job:
    """What a provider or a local operation is asked to do.

    address: the instance, `clip["dawn"]`. params: every parameter with a value, defaults filled in,
    media as `Artifact`. folder: an empty folder of its own, or a function that creates one when it is needed.
    progress takes 0..1. cancelled turns true when the run is being stopped; long loops look at it and raise
    `NodeError`.
    """

    address: str
    spec: NodeSpec
    params: Mapping[str, object]
    folder: Path | Callable[[], Path]
    progress: Callable[[float], None] = field(default=_silent)
    cancelled: Callable[[], bool] = field(default=_go_on)

    @property
    def workdir(self) -> Path:
        """The folder for the files that this job writes. It is removed when the job is over."""
        return self.folder if isinstance(self.folder, Path) else self.folder()


Outputs = Mapping[str, object]
"""Output name → value: JSON values, with `Made` (alone, in lists, in objects) where media is."""


class Worker(Protocol):
    """Carries out jobs on this machine: local operations, or everything in a preview.

    limit: how many jobs it takes at once. `perform` raises NodeError.
    """

    name: str
    limit: int

    async def perform(self, job: Job) -> Outputs: ...


Status = Literal["active", "retired"]
Parameters = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """A cross-field rule of one model: `broken` tells whether these parameters break it.

    `broken` sees only values that are known; a rule about an unknown value does not fire.
    `parameters` are the fields to point at; `message` says what is wrong and `help` what to do.
    """

    parameters: tuple[str, ...]
    message: str
    help: str
    broken: Callable[[Parameters], bool]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a media parameter accepts. Seconds; pixels of either side; width divided by height."""

    min_seconds: float | None = None
    max_seconds: float | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_aspect: float | None = None
    max_aspect: float | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a node says of itself before any value is known.

    provider: one of those that may serve it. fields: what its declaring parameter lists, None when left out.
    """

    provider: str
    fields: Record | None = None


@dataclass(frozen=True, slots=True)
class Declares:
    """How nodes complete a spec that is only known in part.

    parameter: holds a declaration of fields, written as those of an input. providers: who may serve it, the
    usual one first. spec: what one node says → the spec of that node.
    """

    parameter: str
    providers: tuple[str, ...]
    spec: Callable[[Declared], NodeSpec]


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One thing that `uses:` can name.

    provider: "fal", "huggingface" or "local". task: the model page's category ("image-to-video") or,
    for a local operation, "media". outputs: name → type. replaced_by: what to use instead of a
    retired endpoint. facts: parameters (media as `Artifact`, or missing when not known yet) → output
    name → what will come out; for a list output the facts hold for each element.
    source: where the facts come from, with its date. roles: what a media parameter is for: first_frame,
    last_frame, reference, mask, source or voice. version: of what makes it here, a part of its key.
    perform: makes a job of it, in any thread; for a node from a plug-in, whose results count as their bytes.
    determined: like facts, but only what is certain; a guess is left out. accepts: media parameter → what
    it takes. speech: the parameter whose text is spoken; "" where none is.
    declares: how each node completes this spec, for the few that need it. answer: the fields that a
    language model is asked for, with their bounds.
    """

    uses: str
    provider: str
    task: str
    inputs: Mapping[str, Field]
    outputs: Mapping[str, Type]
    facts: Callable[[Parameters], Mapping[str, Facts]] = lambda _: {}
    status: Status = "active"
    replaced_by: str | None = None
    price: Price | None = None
    rules: tuple[Rule, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    summary: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    perform: Callable[[Job], Outputs] | None = None
    determined: Callable[[Parameters], Mapping[str, Facts]] = lambda _: {}
    accepts: Mapping[str, Limits] = field(default_factory=dict)
    speech: str = ""
    declares: Declares | None = None
    answer: Record | None = None

    @property
    def counts_as_recipe(self) -> bool:
        """Whether its outputs count, in other keys, as how they were made instead of as their bytes."""
        return self.provider == "local" and self.perform is None


class Specs(Protocol):
    """Where `uses:` is looked up: the registry, or a fake of a few specs in a test."""

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or None. Raises PlugInError for a plug-in that cannot be used."""
        ...

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """The node that `function` of the code file at `path` is; loading it runs it. Raises PlugInError."""
        ...

    def nearest(self, uses: str) -> tuple[str, ...]:
        """At most three existing names close to `uses`, nearest first."""
        ...
