"""Brings the project's models/ up to the provider's list of today: documents, lifecycle, list prices.

What is new, or differs from what is known here, is written as `models add` writes it; models/live.jsonl keeps
lifecycle and list prices of all. Each file is written whole or not at all. What is done is noted in the state
folder, so that a sync that was killed goes on where it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, Literal

from callsheet import failpoints
from callsheet.errors import InputError
from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.fal.live_models import Document, Lifecycle, Listing, documents, listing
from callsheet.nodes.fal.platform import Platform
from callsheet.nodes.fal.prices import ListPrices, all_list_prices
from callsheet.nodes.openapi.document import record_of
from callsheet.nodes.openapi.drift import drift
from callsheet.nodes.openapi.live_list import Live, LiveList, written
from callsheet.nodes.openapi.project_models import written as document_text
from callsheet.nodes.registry import Registry
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.sync_journal import Outcome, SyncJournal
from callsheet.runtime.workspace import Workspace
from callsheet.spec import document as answers
from callsheet.spec.event_loop import complete
from callsheet.spec.node import NodeSpec
from callsheet.spec.price.age import today
from callsheet.spec.project import require_inside

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a document; what is larger is not read by `models/` either."""
Tell = Callable[[int, int], None]
"""Told how many documents are read, and of how many."""


@dataclass(frozen=True, slots=True)
class Repriced:
    """A list price that changed. before, now: USD per `unit`; None for none."""

    endpoint: str
    before: float | None
    now: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Synced(answers.Document):
    """What a sync found. listed: models in the list. new, changed: whose documents were written. retired:
    that the provider calls deprecated now, gone: that its list has no more, back: that it has again.
    repriced: whose list price changed. problems: endpoint → what could not be used. incomplete: why the list
    may not be whole, "" if it is. priced: models with a list price."""

    ALSO = ("differs",)

    listed: int
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    repriced: tuple[Repriced, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    incomplete: str = ""
    priced: int = 0

    @property
    def differs(self) -> bool:
        """Whether anything is not as it is known here."""
        return any((self.new, self.changed, self.retired, self.gone, self.back, self.repriced))


def _silent(_: int, __: int) -> None: ...


def sync_models(
    registry: Registry,
    workspace: Workspace,
    only: Sequence[str] = (),
    dry: bool = False,
    tell: Tell = _silent,
    platform: Platform | None = None,
) -> Synced:
    """Read the provider's list, and write what is new or changed into models/.

    only: patterns or beginnings of ids; all models where there is none. dry: write nothing.
    Raises InputError for a models/ folder that leads out of the project, QueueError when the list cannot be
    had, StoreError when the disk cannot be written.
    """
    require_inside(registry.own.folder, workspace.root)
    sync = _Sync(registry, workspace, tuple(only), dry, tell)
    return complete(sync.run(platform or Platform()))


@dataclass(eq=False, repr=False)
class _Sync:
    """One sync."""

    registry: Registry
    workspace: Workspace
    only: tuple[str, ...]
    dry: bool
    tell: Tell

    async def run(self, platform: Platform) -> Synced:
        async with platform:
            found = await listing(platform)
            wanted = sorted(name for name in found.models if self._is_wanted(name))
            if not wanted:
                raise self._nothing(found)
            place = str(platform.hosts.platform)
            if not self.dry:
                self._sweep()
            with SyncJournal(self.workspace, place, self.only, self.dry) as journal:
                await self._documents(platform, wanted, journal)
                prices = await all_list_prices(platform, wanted)
                done = self._concluded(found, wanted, journal, prices)
                if not self.dry:
                    journal.remove()
        return done

    def _sweep(self) -> None:
        """Remove what a killed sync left half-written, since models/ is committed."""
        for folder, _, _ in os.walk(self.registry.own.folder):
            disk.sweep(Path(folder))

    def _nothing(self, found: Listing) -> InputError:
        """That no model is called so; of a list that broke off, only that none came so far."""
        called = " or ".join(self.only) or "anything"
        if found.problem:
            said = f"no model called {called} is in the part of the provider's list that came"
            return InputError(f"{said}: {found.problem}", "nothing was written; try again")
        return InputError(
            f"the provider lists no model called {called}", "callsheet models QUERY lists what is known here"
        )

    def _is_wanted(self, name: str) -> bool:
        return not self.only or any(fnmatchcase(name, p) or name.startswith(p) for p in self.only)

    async def _documents(self, platform: Platform, wanted: Sequence[str], journal: SyncJournal) -> None:
        """Read the documents that an earlier sync, which was killed, has not read."""
        left = [name for name in wanted if not self._is_done(name, journal.done.get(name))]
        async for some in documents(platform, left):
            for one in some:
                journal.done[one.endpoint] = self._taken(one)
            journal.keep([one.endpoint for one in some])
            failpoints.reach("sync.after_batch")
            self.tell(len(journal.done), len(wanted))

    def _is_done(self, name: str, outcome: Outcome | None) -> bool:
        """Whether a document was read, and is where it was written."""
        if outcome is None or outcome.what == "problem":
            return False
        return self.dry or outcome.what == "same" or self.registry.own.path(name).is_file()

    def _taken(self, one: Document) -> Outcome:
        """Write a document that says something new."""
        if one.document is None:
            return Outcome("problem", one.problem)
        text = document_text(one.document).encode()
        if len(text) > LARGEST:
            return Outcome("problem", f"its document is larger than {LARGEST >> 20} MB")
        try:
            known = catalogue.record(one.endpoint)
            live = build(record_of(one.endpoint, one.document, known))
        except InputError as error:
            return Outcome("problem", error.message)
        news = self._news(live, text, known)
        if news != "same" and not self.dry:
            path = self.registry.own.path(one.endpoint)
            disk.make_folder(path.parent)
            disk.replace(path, [text])
            failpoints.reach("sync.after_document")
        return Outcome(news, live.task)

    def _news(
        self, live: NodeSpec, text: bytes, known: Mapping[str, Any] | None
    ) -> Literal["new", "changed", "same"]:
        """How a document differs from what is known. known: the record of the catalogue."""
        path = self.registry.own.path(live.uses)
        if path.is_file():
            return "same" if path.read_bytes() == text else "changed"
        if known is None:
            return "new"
        return "changed" if drift(build(known), live) else "same"

    def _concluded(
        self, found: Listing, wanted: Sequence[str], journal: SyncJournal, prices: ListPrices
    ) -> Synced:
        """Write the list, and say what is new in it."""
        before = {live.endpoint: live for live in self.registry.live}
        tasks = {name: one.said for name, one in journal.done.items() if one.what != "problem"}
        now = {live.endpoint: live for live in _lives(found.models, wanted, before, prices, tasks)}
        missing = {} if found.problem else self._missing(found, before)
        whole = not found.problem
        kept = {name: live for name, live in before.items() if name not in now}
        if not self.dry:
            date = self.registry.live.date if self.only or not whole else today().isoformat()
            self._write(written(date, {**kept, **missing, **now}.values()))
        known = before | {name: _assumed(name) for name in now if name not in before}
        outcomes = {name: one for name, one in journal.done.items() if name in now}
        problems = {name: one.said for name, one in outcomes.items() if one.what == "problem"}
        return Synced(
            listed=len(found.models),
            new=_called(outcomes, "new"),
            changed=_called(outcomes, "changed"),
            retired=_became("deprecated", known, now),
            gone=tuple(sorted(missing)),
            back=_became("active", known, now),
            repriced=tuple(_repriced(before, now)),
            problems={**problems, **prices.problems},
            incomplete=found.problem,
            priced=sum(live.usd is not None for live in now.values()),
        )

    def _missing(self, found: Listing, before: Mapping[str, Live]) -> dict[str, Live]:
        """What left the list, of the models that are looked at; nothing where that is too much to be true."""
        missing = {live.endpoint: live for live in self._gone(found, before)}
        if len(missing) * 3 > len(found.models):
            found.problem = f"it lacks {len(missing):,} of the models that are known here"
            return {}
        return {name: live for name, live in missing.items() if self._is_wanted(name)}

    def _gone(self, found: Listing, before: Mapping[str, Live]) -> Iterator[Live]:
        """What is known here as listed, and is not listed any more."""
        names = {e.uses for e in self.registry.entries()} | set(before)
        for name in sorted(names):
            if name in found.models:
                continue
            live = before.get(name) or _assumed(name)
            if live.status == "active":
                yield replace(live, status="gone", since=today().isoformat())

    def _write(self, text: bytes) -> None:
        path = self.registry.live.path
        disk.make_folder(path.parent)
        failpoints.reach("sync.before_list")
        disk.replace(path, [text])
        failpoints.reach("sync.after_list")
        self.registry.live = LiveList(path.parent)


def _assumed(name: str) -> Live:
    """What the catalogue says of an endpoint that the list has not had yet: "" for no endpoint of the
    provider."""
    spec = catalogue.find(name, catalogue.USUAL)
    if spec is None or "/" not in name:
        return Live(name, "gone", "")
    status: Literal["active", "deprecated", "gone"] = "deprecated" if spec.status == "retired" else "active"
    return Live(name, "gone" if spec.gone else status, "")


def _lives(
    models: Mapping[str, Lifecycle],
    wanted: Sequence[str],
    before: Mapping[str, Live],
    prices: ListPrices,
    tasks: Mapping[str, str],
) -> Iterator[Live]:
    """The lines of the list. What could not be read today stays as it was; a price with its day."""
    day = today().isoformat()
    for name in wanted:
        was, price = before.get(name, Live(name, "gone", "")), prices.prices.get(name)
        live = replace(
            was,
            status=models[name],
            since=was.since if was.status == models[name] else day,
            task=tasks.get(name, was.task),
        )
        if price is not None:
            live = replace(live, usd=price.usd, unit=price.unit, priced=day)
        yield live


def _called(outcomes: Mapping[str, Outcome], what: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, outcome in outcomes.items() if outcome.what == what))


def _became(status: str, known: Mapping[str, Live], now: Mapping[str, Live]) -> tuple[str, ...]:
    """The known models that have another status now."""
    changed = (n for n, live in now.items() if live.status == status != known[n].status)
    return tuple(sorted(name for name in changed if catalogue.record(name) or known[name].since))


def _repriced(before: Mapping[str, Live], now: Mapping[str, Live]) -> Iterator[Repriced]:
    for name, live in now.items():
        was = before.get(name)
        if was is not None and (was.usd, was.unit) != (live.usd, live.unit):
            yield Repriced(name, was.usd, live.usd, live.unit or was.unit)
