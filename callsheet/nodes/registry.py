"""Where `uses:` is looked up: hand knowledge, then generated facts, Hugging Face, and local operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from callsheet.nodes.catalogue.build import build
from callsheet.nodes.catalogue.records import Records
from callsheet.nodes.openapi.project_models import Models
from callsheet.spec.node import NodeSpec, Status
from callsheet.spec.suggest import nearest_names

LOCAL: Final = ("media/", "text/")
OWN: Final = (*LOCAL, "recipe/", "hf/", "fal-ai/")
"""Names that no plug-in can take."""
HUGGING_FACE: Final = re.compile(r"hf/(?P<repo>[\w.-]+/[\w.-]+)@(?P<task>[\w-]+)\Z")
HF_TEMPLATE: Final = "hf/<repo>@{task}"
EXAMPLE_REPO: Final = "Wan-AI/Wan2.1-T2V-14B"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing: what is known without reading the whole record."""

    uses: str
    task: str
    known_by_hand: bool


class Registry:
    """Every known `uses`. Looking one up reads one line of one file; nothing is read before that.

    own: the endpoints that the project describes itself; they come first.
    """

    def __init__(
        self, knowledge: Records | None = None, generated: Records | None = None, own: Models | None = None
    ) -> None:
        self.own = own or Models()
        self.knowledge = knowledge or Records("knowledge")
        self.generated = generated or Records("endpoints")
        self._found: dict[str, NodeSpec | None] = {}

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or None. Raises PlugInError for a plug-in that cannot be used."""
        if uses not in self._found:
            self._found[uses] = self._find(uses)
        return self._found[uses]

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """The node that `function` of the code file at `path` is; loading it runs it. Raises PlugInError."""
        from callsheet.nodes.plugins.load import find_in_file

        return find_in_file(uses, path, function)

    def nearest(self, uses: str) -> tuple[str, ...]:
        """At most three existing names close to `uses`, nearest first."""
        if uses.startswith("hf/"):
            repo = uses[3:].partition("@")[0]
            return tuple(f"hf/{repo if '/' in repo else EXAMPLE_REPO}@{task}" for task in self._hf_tasks)[:3]
        names = self._local if uses.startswith(LOCAL) else [*self.all(), *_of_plug_ins(uses)]
        return nearest_names(uses, names, preferred=self.knowledge.tasks)

    def all(self) -> Iterator[str]:
        """Every known `uses`: the project's own, hand-known endpoints, the others, local operations."""
        return (entry.uses for entry in self.entries())

    def listed(self, every: bool) -> list[NodeSpec]:
        """The specs known by hand and the local operations; with `every`, those of the whole catalogue."""
        names = (e.uses for e in self.entries() if "<" not in e.uses and (every or e.known_by_hand))
        return [spec for name in names if (spec := self.find(name))]

    def entries(self) -> Iterator[Entry]:
        """Every known `uses` with its task; for Hugging Face one template per task."""
        tasks = self.knowledge.tasks
        generated = self.generated.tasks
        yield from (Entry(e, "", True) for e in self.own if e not in tasks and e not in generated)
        yield from (Entry(name, task, True) for name, task in tasks.items())
        yield from (Entry(name, task, False) for name, task in generated.items() if name not in tasks)
        yield from (Entry(name, spec.task, True) for name, spec in self._local.items())

    def search(self, query: str = "", task: str = "") -> list[Entry]:
        """The entries that hold every word of `query`; hand-known ones first, then the closer match."""
        words = query.lower().split()
        hits = [e for e in self.entries() if e.task == task or not task]
        hits = [e for e in hits if all(word in f"{e.uses} {e.task}".lower() for word in words)]
        return sorted(hits, key=lambda e: (not e.known_by_hand, _distance(e, words), e.uses))

    def record(self, uses: str) -> Mapping[str, Any] | None:
        """The record of an endpoint: the project's own where there is one, else the catalogue's."""
        known = self.catalogued(uses)
        return self.own.record(uses, known) or known

    def catalogued(self, uses: str) -> Mapping[str, Any] | None:
        """The catalogue's record of an endpoint: hand knowledge where there is some, else generated facts."""
        if match := HUGGING_FACE.match(uses):
            template = self.knowledge.get(HF_TEMPLATE.format(task=match["task"]))
            return {**template, "endpoint": uses} if template else None
        record = self.knowledge.get(uses) or self.generated.get(uses)
        return _completed(record, self.generated.head) if record else None

    def _find(self, uses: str) -> NodeSpec | None:
        if uses.startswith(LOCAL):
            return _own(uses)
        if "<" in uses:
            return None
        if record := self.record(uses):
            return build(record)
        return None if uses.startswith(OWN) else find_installed(uses)

    @cached_property
    def _local(self) -> Mapping[str, NodeSpec]:
        from callsheet.nodes.media.operations.index import OPERATIONS
        from callsheet.nodes.text.chat import USES

        return {uses: spec for uses in (*OPERATIONS, USES) if (spec := _own(uses))}

    @property
    def _hf_tasks(self) -> list[str]:
        return sorted(name.partition("@")[2] for name in self.knowledge.tasks if name.startswith("hf/"))


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

    return find_node(uses) or find_endpoint(uses)


def _of_plug_ins(uses: str) -> Iterator[str]:
    """What `uses` would be in each installed plug-in; whether it is there is not known without importing."""
    from callsheet.nodes.plugins.installed import names

    if uses.count("/") == 1:
        yield from (f"{name}/{uses.partition('/')[2]}" for name in names())


def _completed(record: Mapping[str, Any], head: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the source of a generated record, and "retired" where only older releases still list it."""
    release = record.get("last_seen", head["version"])
    source = f"{head['package']} {release} on npm" + ("" if "last_seen" in record else f", {head['date']}")
    left: Status = "retired" if "last_seen" in record and "source" not in record else "active"
    return {"source": source, "status": left, **record}


def _distance(entry: Entry, words: list[str]) -> tuple[int, int]:
    """A word that is a whole part of the name counts for more than one inside a part; short names first."""
    parts = re.split(r"[/.-]", entry.uses.lower())
    return -sum(word in parts for word in words), len(entry.uses)
