"""Looks up what `uses:` names: a local operation, an endpoint of a provider, a node of a plug-in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final, Protocol

from callsheet.errors import InputError, PlugInError
from callsheet.nodes import providers
from callsheet.nodes.catalogue import catalogue, templates
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.openapi.live_list import Live, LiveList, as_listed
from callsheet.nodes.openapi.project_models import Models
from callsheet.spec import shell
from callsheet.spec.node import NodeSpec, Parameters
from callsheet.spec.price.price import Price
from callsheet.spec.price.quote import Quote
from callsheet.spec.suggest import nearest_names

LOCAL: Final = ("media/", "text/")
BEHIND: Final = 900
UNRANKED: Final = 10_000
RESERVED: Final = (*LOCAL, "recipe/", "hf/", "fal-ai/")
"""Beginnings of names that no plug-in can take, beside the names of our own providers."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing: what is known without reading the whole record.

    rank: 0 is the project's own and the local operations, 1 the model that people use most; `UNRANKED` is
    all that few people use, and what is retired.
    """

    uses: str
    task: str
    rank: int

    @property
    def current(self) -> bool:
        """Whether it is one of those that are listed first."""
        return self.rank < UNRANKED

    @property
    def usual(self) -> bool:
        """Whether an editor offers it: the project's own, local operations, and what people use most."""
        return self.rank < BEHIND


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price that the project states. place: its file and line. granted: whether a person agreed that it
    counts where it is less than is known."""

    price: Price
    place: str
    granted: Callable[[], bool] = lambda: False


class Then(Protocol):
    """The endpoints at an earlier time."""

    def get(self, uses: str, /) -> Mapping[str, Any] | None:
        """The record of an endpoint; None where that of today counts."""


class Registry:
    """Looks up every `uses`. A look-up reads one line of one file; nothing is read before that.

    own: the endpoints that the project describes itself; they come first. then: those of an earlier time,
    which count instead of the catalogue's. prices: what the project says they cost.
    """

    def __init__(self, own: Models | None = None, then: Then | None = None) -> None:
        self.own = own or Models()
        self._then = then
        self.live = LiveList(self.own.folder)
        self.prices: Mapping[str, OwnPrice] = {}
        self.observed: Callable[[NodeSpec, Parameters], Quote | None] | None = None
        self._found: dict[str, NodeSpec | None] = {}

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or None.

        Raises PlugInError for a plug-in that cannot be used, InputError for an endpoint whose description
        cannot be read, or is only at its provider.
        """
        if uses not in self._found:
            spec = self._find(uses)
            self._found[uses] = self._priced(spec) if spec else None
        return self._found[uses]

    def _priced(self, spec: NodeSpec) -> NodeSpec:
        """The spec with what this project knows of its price."""
        if self.observed is not None and spec.provider != "local":
            spec = replace(spec, observed=self.observed)
        stated = self.prices.get(spec.uses)
        if stated is None:
            return spec
        return replace(spec, own_price=stated.price, own_place=stated.place, own_granted=stated.granted)

    def take_prices(
        self, prices: Mapping[str, OwnPrice], observed: Callable[[NodeSpec, Parameters], Quote | None]
    ) -> None:
        """Take the prices of this project. prices: what it says; observed: what equal calls were billed."""
        self.prices, self.observed = prices, observed
        self._found.clear()

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """The node that a function of a code file makes. Runs the file. Raises PlugInError."""
        from callsheet.nodes.plugins.load import find_in_file

        return find_in_file(uses, path, function)

    def nearest(self, uses: str) -> tuple[str, ...]:
        """See `Specs`."""
        known = catalogue.KNOWLEDGE.ranks
        if filled_in := sorted(templates.near(uses, known)):
            return tuple(filled_in[:3])
        if uses.startswith(LOCAL):
            owner = uses.partition("/")[0] + "/"
            return nearest_names(uses, self._local) or tuple(n for n in self._local if n.startswith(owner))
        return nearest_names(uses, [*self.all(), *_of_plug_ins(uses)], preferred=known)

    def all(self) -> Iterator[str]:
        """Every known `uses`: the project's own, the most used, the others, local operations."""
        return (entry.uses for entry in self.entries())

    def listed(self, every: bool) -> list[NodeSpec]:
        """The specs of the usual models and local operations; with `every`, of the whole catalogue."""
        entries = (e for e in self.entries() if every or e.usual)
        listed = (e.uses for e in entries if not templates.is_template(e.uses))
        names = chain(listed, (entry.uses for entry in self.installed()))
        return [spec for name in names if (spec := self.find(name))]

    def installed(self) -> list[Entry]:
        """The nodes and endpoints of installed plug-ins that can be used. Imports all of them."""
        from callsheet.nodes.plugins.listing import installed

        return [Entry(spec.uses, spec.task, 0) for spec in installed() if self.find(spec.uses)]

    def entries(self) -> Iterator[Entry]:
        """Every known `uses` with its task; for Hugging Face one template per task."""
        tasks, generated, ranks = (
            catalogue.KNOWLEDGE.tasks,
            catalogue.GENERATED.tasks,
            catalogue.KNOWLEDGE.ranks,
        )
        live = self.live.by_endpoint
        yield from (_of_project(e, live.get(e)) for e in self.own if e not in tasks and e not in generated)
        retired = {name for name, one in live.items() if one.status != "active"}
        ranked = ((name, UNRANKED if name in retired else rank) for name, rank in ranks.items())
        yield from (Entry(name, tasks[name], rank) for name, rank in ranked)
        yield from (Entry(name, task, UNRANKED) for name, task in tasks.items() if name not in ranks)
        yield from (Entry(name, task, UNRANKED) for name, task in generated.items() if name not in tasks)
        yield from (Entry(name, spec.task, 0) for name, spec in self._local.items())

    def tasks(self) -> frozenset[str]:
        """The tasks of all models and local operations."""
        return frozenset(entry.task for entry in self.entries())

    def search(self, query: str = "", task: str = "") -> list[Entry]:
        """The entries that hold every word of `query`: the closest match first; among equals the newest
        models of each family, in the order of use."""
        words = query.lower().split()
        hits = [e for e in (*self.entries(), *self.installed()) if e.task == task or not task]
        hits = [e for e in hits if all(word in f"{e.uses} {e.task}".lower() for word in words)]
        families: dict[str, list[Entry]] = {}
        for entry in hits:
            families.setdefault(_family(entry.uses), []).append(entry)
        used = {family: min(e.rank for e in found) for family, found in families.items()}
        ages = {family: sorted({-_version(e.uses) for e in found}) for family, found in families.items()}

        def place(entry: Entry) -> tuple[object, ...]:
            name, family = entry.uses, _family(entry.uses)
            age = ages[family].index(-_version(name))
            known = (not entry.current, name.startswith(LOCAL), _misses(entry, words))
            return (*known, age, used[family], entry.rank, name)

        return sorted(hits, key=place)

    def record(self, uses: str) -> Mapping[str, Any] | None:
        """The record of an endpoint: the project's own where there is one, else the catalogue's."""
        known = catalogue.record(uses)
        return self.own.record(uses, known) or known

    def _find(self, uses: str) -> NodeSpec | None:
        if uses.startswith(LOCAL):
            return _own(uses)
        if templates.is_template(uses):
            return None
        if spec := self._endpoint(uses):
            live = self.live.of(uses) if spec.provider == catalogue.USUAL else None
            return as_listed(spec, live, self.live.path.as_posix()) if live else spec
        if month := catalogue.listed(uses):
            said = f"{uses} is in its provider's list of {month}, and the catalogue does not describe it"
            raise InputError(said, f"callsheet models add {shell.quoted(uses)} fetches its description")
        return None if uses.startswith(_reserved()) else find_installed(uses)

    def _endpoint(self, uses: str) -> NodeSpec | None:
        """Of one of our own providers, as the project describes it or the catalogue."""
        if own := self.own.record(uses, catalogue.record(uses)):
            return replace(build(own), unknown_owner=not catalogue.has_owner(uses.partition("/")[0]))
        if self._then is not None and (record := self._then.get(uses)) is not None:
            return _of_then(uses, record)
        return providers.find_own(uses)

    @cached_property
    def _local(self) -> Mapping[str, NodeSpec]:
        from callsheet.nodes.media.operations.index import OPERATIONS
        from callsheet.nodes.text.chat import USES

        return {uses: spec for uses in (*OPERATIONS, USES) if (spec := _own(uses))}


def _of_then(uses: str, record: Mapping[str, Any]) -> NodeSpec:
    """The spec of an endpoint as it was when a film was made. Raises InputError."""
    try:
        spec = build(record)
        if spec.uses != uses or spec.provider not in providers.OWN:
            raise ValueError(uses)
        return spec
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"the archive or store describes {uses} in a way that cannot be read") from error


def _of_project(uses: str, live: Live | None) -> Entry:
    """An endpoint that the project describes: one that `models add` took comes first, and those that a sync
    brought come behind what people use most."""
    if live is None:
        return Entry(uses, "", 0)
    return Entry(uses, live.task, BEHIND if live.status == "active" else UNRANKED)


def _reserved() -> tuple[str, ...]:
    return (*RESERVED, *(f"{name}/" for name in providers.OWN))


def _own(uses: str) -> NodeSpec | None:
    """The spec of a local operation or a text node; loads the module of this one alone."""
    from callsheet.nodes.media.operations.index import OPERATIONS

    if uses in OPERATIONS:
        return OPERATIONS[uses].SPEC
    from callsheet.nodes.text import chat

    return chat.SPEC if uses == chat.USES else None


def find_installed(uses: str) -> NodeSpec | None:
    """The node of an installed plug-in, or the endpoint of an installed provider. Raises PlugInError."""
    from callsheet.nodes.plugins.installed import find_node
    from callsheet.nodes.plugins.provider import find_endpoint

    try:
        return find_node(uses) or find_endpoint(uses)
    except PlugInError:
        if (
            endpoint := find_endpoint(uses)
        ) is not None:  # one name for the nodes and the provider of a package
            return endpoint
        raise


def _of_plug_ins(uses: str) -> Iterator[str]:
    """The name in each installed plug-in. Whether the node exists is not known without importing it."""
    from callsheet.nodes.plugins.installed import names

    if uses.count("/") == 1:
        yield from (f"{name}/{uses.partition('/')[2]}" for name in names())


def _misses(entry: Entry, words: list[str]) -> int:
    """How many words are no whole words of its name."""
    parts = re.split(r"[/.-]", entry.uses.lower())
    return sum(word not in parts and word not in entry.uses.lower().split("/") for word in words)


NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _family(uses: str) -> str:
    """`veo` of `fal-ai/veo3.1/fast`, `seedance` of `bytedance/seedance-2.5/…`: what versions share."""
    rest = uses.partition("/")[2]
    if (number := NUMBER.search(rest)) is None:
        return rest.partition("/")[0]
    before = re.sub(r"[-/][a-z]?\Z", "", rest[: number.start()])
    return before.rpartition("/")[2] or rest.partition("/")[0]


def _version(uses: str) -> float:
    """3.1 of `fal-ai/veo3.1/fast`, 2.5 of `fal-ai/wan-25-preview`; 0 where the name has no number."""
    found = NUMBER.search(uses.partition("/")[2])
    number = float(found[0]) if found else 0.0
    return number / 10 if number >= 10 else number
