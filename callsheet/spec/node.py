"""The spec of a node: its parameters, outputs, price, and facts about its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

from callsheet.spec.media import Artifact, Facts, Shot
from callsheet.spec.types import Field, MediaKind, Record, Type

if TYPE_CHECKING:
    from callsheet.spec.price.price import Price
    from callsheet.spec.price.quote import Quote


@dataclass(frozen=True, slots=True)
class Made:
    """A media file in the work folder of a job, not yet in the store. shots: see `Artifact`. stored: what is
    known of it, where a worker has put it into the store already."""

    kind: MediaKind
    path: Path
    shots: tuple[Shot, ...] = ()
    stored: Artifact | None = None


def _silent(_: object) -> None: ...


def _nobody(_: str, __: float) -> None: ...


def _go_on() -> bool:
    return False


Make = Callable[[Path], None]
"""Writes a file of a job under a path."""
Parts = Callable[[Mapping[str, object], Make], Path]
"""The file that is made of the given things: from an earlier job, or made now. May be called in any
thread."""
PartsAhead = Callable[[], Sequence[tuple[Mapping[str, object], Make]]]
"""What `Parts` will be asked for, once it is needed to know."""


def _no_need(_: PartsAhead) -> None: ...


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a local operation or of a model in a preview.

    address: the instance, `clip["dawn"]`. params: every parameter with a value, defaults filled in, media as
    `Artifact`. folder: an empty folder of its own, or a function that creates one when it is needed. progress
    takes 0..1. tell takes a sentence for the person, such as what of a file was not read. cancelled gives
    True when the run is being stopped; long loops check it and raise `NodeError`. parts: keeps files that
    later jobs may need again, such as one clip of a film; None where nothing is kept. preview: whether it is
    part of a preview. made_by takes the machine and process that made it, where that is another one, and in
    how many seconds. ahead is told what `parts` will be asked for, before it is: what it raises ends the job.
    """

    address: str
    spec: NodeSpec
    params: Mapping[str, object]
    folder: Path | Callable[[], Path]
    progress: Callable[[float], None] = field(default=_silent)
    cancelled: Callable[[], bool] = field(default=_go_on)
    tell: Callable[[str], None] = field(default=_silent)
    parts: Parts | None = None
    preview: bool = False
    made_by: Callable[[str, float], None] = field(default=_nobody)
    ahead: Callable[[PartsAhead], None] = field(default=_no_need)

    @property
    def workdir(self) -> Path:
        """The folder for the files that this job writes. It is removed when the job is over."""
        return self.folder if isinstance(self.folder, Path) else self.folder()


FIRST_VERSION: Final = "1"
"""The version of every local operation in the keys of the first release."""

Outputs = Mapping[str, object]
"""Output name → value: JSON values, with `Made` (alone, in lists, in objects) where media is."""


class Worker(Protocol):
    """Carries out jobs on this machine: local operations, or everything in a preview.

    limit: how many jobs it takes at once. `perform` raises NodeError.
    """

    name: str

    @property
    def limit(self) -> int: ...

    async def perform(self, job: Job) -> Outputs: ...


Status = Literal["active", "retired"]
Parameters = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a model about several parameters: `broken` tells whether the given ones break it.

    `broken` sees only values that are known; a rule about an unknown value does not fire.
    `parameters` are the fields to point at; `message` says what is wrong and `help` what to do. detail: what
    is wrong with the given ones, instead of `message`. facts: whether it is about facts of media, such as a
    length, which are known later than the parameters.
    """

    parameters: tuple[str, ...]
    message: str
    help: str
    broken: Callable[[Parameters], bool]
    detail: Callable[[Parameters], str] | None = None
    facts: bool = False

    def said(self, params: Parameters) -> str:
        """What is wrong, of parameters that break the rule."""
        return self.detail(params) if self.detail else self.message


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a media parameter. Seconds; pixels of each side; width divided by height; frames per
    second; millions of bytes."""

    min_seconds: float | None = None
    max_seconds: float | None = None
    min_side: int | None = None
    max_side: int | None = None
    min_aspect: float | None = None
    max_aspect: float | None = None
    min_width: int | None = None
    max_width: int | None = None
    min_height: int | None = None
    max_height: int | None = None
    min_fps: float | None = None
    max_fps: float | None = None
    max_megabytes: float | None = None


@dataclass(frozen=True, slots=True)
class MediaTotal:
    """A limit of several media together, or one that holds only sometimes.

    of: the parameters whose items, seconds or millions of bytes are added up. with_video: it holds where a
    video is among the parameters. when: parameter → values with which it holds.
    """

    of: tuple[str, ...]
    max_items: int | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    max_megabytes: float | None = None
    with_video: bool = False
    when: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """What one node declares about its spec. provider: the provider that it names or the default. fields:
    those of its declaring parameter, None when it is left out.
    """

    provider: str
    fields: Record | None = None


@dataclass(frozen=True, slots=True)
class Declares:
    """For specs that each node completes. parameter: the one that declares fields, as an input does.
    providers: those that can serve it, the default first. spec: builds the spec of one node.
    """

    parameter: str
    providers: tuple[str, ...]
    spec: Callable[[Declared], NodeSpec]


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One thing that `uses:` can name: an endpoint of a provider, a local operation, a node of a plug-in.

    provider: the name of a provider, or "local". task: the model page's category ("image-to-video") or,
    for a local operation, "media". outputs: name → type. replaced_by: what to use instead of a retired
    endpoint. facts: parameters (media as `Artifact`, or missing when not known yet) → output name → facts
    of the result; for a list output they hold for each element. source: where the facts come from, with
    its date. roles: what a media parameter is for: first_frame, last_frame, reference, mask, source or
    voice. version: of the code that makes it here, a part of its key. perform: runs a job in any thread,
    for nodes of plug-ins. determined: like facts, but without guesses. accepts: media parameter → its
    limits. totals: limits of several media together. speech: the parameter whose text is spoken, "" for
    none. length: how the seconds of the result follow from the parameters, as a shape says it; None where
    no shape says what is not known. declares: how each node completes this spec, for the few that need
    it. answer: the fields that a language model is asked for. unknown_owner: only the project's own
    `models/` describes it, and the catalogue has nothing of its owner. gone: the month of the provider's
    list that has it no more, "" where it is listed. unlisted: where not all parameters are known, what
    another one takes, by its name. no_file: output → the parameter and its values with which it is text
    instead of a file. own_price: what the project says that it costs, with the file and line as own_place;
    own_granted: whether a person agreed that it counts where it is less than is known. observed: what equal
    calls were billed before, None where too few were. keys: the environment variables that a node of a
    plug-in needs. stand_in: takes the place of `perform` in a preview. crlf_version: the version by the bytes
    of a file whose lines end as on Windows, under which earlier versions kept results; "" for other files.
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
    totals: tuple[MediaTotal, ...] = ()
    speech: str = ""
    length: object = None
    declares: Declares | None = None
    answer: Record | None = None
    unknown_owner: bool = False
    gone: str = ""
    unlisted: Callable[[str], Field] | None = None
    no_file: Mapping[str, Mapping[str, tuple[object, ...]]] = field(default_factory=dict)
    own_price: Price | None = None
    own_place: str = ""
    own_granted: Callable[[], bool] = lambda: False
    observed: Callable[[NodeSpec, Parameters], Quote | None] | None = None
    keys: tuple[str, ...] = ()
    stand_in: Callable[[Job], Outputs] | None = None
    crlf_version: str = ""

    @property
    def counts_as_recipe(self) -> bool:
        """Whether keys of later nodes contain how its outputs were made, instead of their bytes."""
        return self.provider == "local" and self.perform is None


class Described(Protocol):
    """Descriptions of models."""

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or None. Raises InputError for one that cannot be read."""
        ...


class Specs(Protocol):
    """Looks up `uses:`: the registry, or a fake with a few specs in a test."""

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or None. Raises PlugInError for a plug-in that cannot be used."""
        ...

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """The node that a function of a code file makes. Runs the file. Raises PlugInError."""
        ...

    def nearest(self, uses: str) -> tuple[str, ...]:
        """At most three existing names close to `uses`, nearest first; of local operations all, where none is
        close."""
        ...
