"""Makes the document of a page from what the runtime knows of a film. Makes nothing and sends nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from callsheet import _version
from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.page.calls import Calls
from callsheet.page.chart import chart, dollars, summary
from callsheet.page.document.comparison import Comparison
from callsheet.page.document.film import FilmView, ShotView
from callsheet.page.document.instance import Decided, InstanceView
from callsheet.page.document.money import Remaining
from callsheet.page.document.run import RunView
from callsheet.page.document.whole import Document
from callsheet.page.failures import failures
from callsheet.page.lanes import lanes, row_title
from callsheet.page.media import Library
from callsheet.page.money import money_rows
from callsheet.page.parameters import Reader, prompt_of, text_of
from callsheet.runtime.graph.dag import order
from callsheet.runtime.ledger import Run
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import Prepared, prepare
from callsheet.runtime.shots import shots_of
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.media import Artifact
from callsheet.spec.suggest import suggest
from callsheet.spec.values import Ref, leaves, refs_in

KEY_DIGITS = 12
"""Of a key, where a person reads it."""
LIST_OF_PREVIEW = "its list is not written yet; the preview invents one"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A document whose media have no place yet, and the files behind them. artifacts: id → the file: make
    proxies of them, or serve them."""

    document: Document
    artifacts: Mapping[str, Artifact]


def gather(
    graph: Graph,
    workspace: Workspace,
    run: str = "",
    store: str = "",
    previews: bool = True,
    against: str = "",
) -> Gathered:
    """The document of the film that `graph` describes, as it is now.

    run: the name of the run whose chart and failures are told; the newest one by default. store: the folder
    or URL of a shared store, whose results count. previews: stand-ins fill in for what is not made.
    against: another run of the film, or a revision in git, which is compared with it.

    Raises InputError for a run that this film does not have, PipelineError for a lock file that cannot be
    read.
    """
    prepared = prepare(graph, workspace, RunOptions(store=store), fetch=False)
    stand_ins = _previews(graph, workspace, prepared) if previews else None
    return _Gatherer(workspace, prepared, stand_ins, Calls.of(workspace, graph.name), run, against).gathered()


def _previews(graph: Graph, workspace: Workspace, real: Prepared) -> Prepared | None:
    """The last preview, where results are missing and there is one."""
    missing = any(f.outputs is None for f in real.plan.forecasts) or real.plan.pending
    if not missing or not workspace.folder(preview=True).is_dir():
        return None
    return prepare(graph, workspace, RunOptions(preview=True), fetch=False)


@dataclass
class _Gatherer:
    """real: the plan of a run for money. stand_ins: that of a preview, None where it is of no use. chosen:
    the name of the run that is shown."""

    workspace: Workspace
    real: Prepared
    stand_ins: Prepared | None
    calls: Calls
    chosen: str
    against: str

    def gathered(self) -> Gathered:
        growing = self.stand_ins is not None and bool(self.real.plan.pending)
        graph = self.stand_ins.graph if self.stand_ins and growing else self.real.graph
        views = tuple(self._view(instance) for instance in self.instances)
        run = self._run()
        film = self._film(graph)
        shots = {views[shot.instance].address for shot in film.shots if shot.instance is not None}
        document = Document(
            callsheet=_version.__version__,
            at=time.time(),
            film=film,
            instances=views,
            lanes=lanes(self.instances, shots),
            remaining=self._remaining(),
            runs=tuple(self._runs(run)),
            shown=run.name if run else "",
            money=money_rows(self.calls, {i.address: row_title(i) or i.node for i in self.instances}),
            failures=failures(self.calls, run, self.real.plan.forecasts, self.places, film.path),
            spent=dollars(attempt.spent for attempt in self.calls.paid),
            comparison=self._comparison(run, views),
            notes=self.real.remote.problems,
        )
        return Gathered(document.with_media(self.library.media()), self.library.artifacts)

    @cached_property
    def instances(self) -> list[Instance]:
        """Every instance, each after what it needs; those that only the preview knows come along."""
        known = dict(self.real.graph.instances)
        if self.stand_ins is not None:
            known = {**self.stand_ins.graph.instances, **known}
        return [known[address] for address in order(_needs(known))]

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Address → index."""
        return {instance.address: number for number, instance in enumerate(self.instances)}

    @cached_property
    def forecasts(self) -> Mapping[str, Forecast]:
        """Address → what a run would do."""
        return {found.step.address: found for found in self.real.plan.forecasts}

    @cached_property
    def made(self) -> Mapping[str, Outputs]:
        """Address → outputs that are made."""
        return {a: f.outputs for a, f in self.forecasts.items() if f.outputs is not None}

    @cached_property
    def previewed(self) -> Mapping[str, Outputs]:
        """Address → outputs of the last preview."""
        found = self.stand_ins.plan.forecasts if self.stand_ins else ()
        return {f.step.address: f.outputs for f in found if f.outputs is not None}

    @cached_property
    def invented(self) -> Mapping[str, float | None]:
        """Address → the price of an instance that only the preview knows."""
        found = self.stand_ins.plan.steps if self.stand_ins else ()
        return {step.address: step.usd for step in found}

    @cached_property
    def results(self) -> Mapping[str, Outputs]:
        """Address → outputs; those of the preview for what is not made."""
        return {**self.previewed, **self.made}

    @cached_property
    def library(self) -> Library:
        return Library(self.real.files)

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.places, self.results, self.real.files, self.library)

    def _view(self, instance: Instance) -> InstanceView:
        found = self.forecasts.get(instance.address)
        used = instance.as_alternative(found.alternative if found else 0)
        parameters = tuple(self.reader.parameters(used))
        outputs = self.results.get(instance.address, {})
        seed = used.params.get("seed")
        return InstanceView(
            address=instance.address,
            node=instance.node,
            uses=used.spec.uses,
            provider=used.spec.provider,
            shot=row_title(instance),
            take=instance.take.number,
            takes=instance.take.of,
            picked=instance.take.picked,
            action=found.action if found else "unknown",
            reason=found.reason if found else LIST_OF_PREVIEW,
            usd=found.usd if found else self.invented[instance.address],
            most=_most(found),
            needs=tuple(self.places[need] for need in instance.needs if need in self.places),
            prompt=prompt_of(parameters),
            seed=seed if isinstance(seed, int) else None,
            parameters=parameters,
            files=self.library.outputs(instance.address, outputs, instance.address not in self.made),
            texts=dict(_texts(outputs)),
            decisions=tuple(self._decisions(instance)),
            bought=self.calls.bought(found.key) if found and found.outputs is not None else None,
            key=found.key[:KEY_DIGITS] if found else "",
            gate=bool(found and found.held),
            spare=bool(found and found.step.spare),
        )

    def _decisions(self, instance: Instance) -> Iterator[Decided]:
        if instance.take.number > 1 and not instance.take.picked:
            return
        for one in self.real.lock.block(instance.base).decisions:
            yield Decided(one.kind, one.number, one.by, one.at, one.note)

    def _film(self, graph: Graph) -> FilmView:
        address, film = self._joined(graph)
        name = self.library.outputs(address, self.results[address], address not in self.made) if film else {}
        medium = next((i for ids in name.values() for i in ids if self.library.artifacts[i] == film), "")
        missing = any(f.action != "reuse" and f.action != "skipped" for f in self.forecasts.values())
        return FilmView(
            name=graph.name,
            path=_relative(graph.path),
            description=graph.description,
            instance=self.places.get(address),
            medium=medium,
            fps=(film.facts.fps if film else None) or 24.0,
            shots=tuple(self._shots(graph, address)) if film else (),
            outputs=dict(self._outputs(graph)),
            next=shell.command(["callsheet", "run", _relative(graph.path)]) if missing else "",
        )

    def _joined(self, graph: Graph) -> tuple[str, Artifact | None]:
        """The address and file of the film: the first output that was joined from clips, else the first
        video."""
        found = [
            (ref.address, artifact)
            for value in graph.outputs.values()
            for ref in refs_in(value)
            for artifact in leaves(self.results.get(ref.address), Artifact)
            if artifact.kind == "video"
        ]
        return next((one for one in found if one[1].shots), found[0] if found else ("", None))

    def _shots(self, graph: Graph, address: str) -> Iterator[ShotView]:
        known = graph if address in graph.instances or self.stand_ins is None else self.stand_ins.graph
        takes = {(i.base, i.take.number): self.places[i.address] for i in self.instances}
        for shot in shots_of(known, self.results, address):
            where = shot.shot
            place = takes.get((shot.address, shot.take))
            yield ShotView(shot.number, place, where.frame, where.frames, where.start, where.speed)

    def _outputs(self, graph: Graph) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The media of the pipeline's outputs."""
        for name, value in graph.outputs.items():
            ids: dict[str, None] = {}
            for ref in leaves(value, Ref):
                outputs = self.results.get(ref.address)
                preview = ref.address not in self.made
                found = self.library.outputs(ref.address, outputs, preview)
                ids |= dict.fromkeys(found.get(str(ref.path[0]), ()))
            if ids:
                yield name, tuple(ids)

    def _remaining(self) -> Remaining:
        plan = self.real.plan
        cost = plan.cost
        count = sum(f.action in ("make", "may change", "re-attach") for f in plan.forecasts)
        pending = sum(bound.most for bound in plan.pending)
        return Remaining(count, cost.low, cost.high, cost.worst, cost.unpriced, pending)

    def _run(self) -> Run | None:
        """The run that is shown: the named one, else the newest. Raises InputError."""
        if not self.chosen:
            return self.calls.runs[0] if self.calls.runs else None
        found = next((run for run in self.calls.runs if run.name == self.chosen), None)
        if found is None:
            names = [run.name for run in self.calls.runs]
            raise InputError(f"this film has no run {self.chosen}", suggest(self.chosen, names, "runs"))
        return found

    def _comparison(self, shown: Run | None, views: Sequence[InstanceView]) -> Comparison | None:
        """The other run or revision that was asked for. Raises InputError for one that there is not."""
        if not self.against:
            return None
        from callsheet.page.comparison import Comparer  # it takes longer to load than the rest of a page

        ids = {n: tuple(i for some in view.files.values() for i in some) for n, view in enumerate(views)}
        comparer = Comparer(self.workspace.store(), self.library, self.places, ids)
        other = next((run for run in self.calls.runs if run.name == self.against), None)
        if other is None or shown is None or self.calls.ledger is None:
            return comparer.revisions(self.workspace, self.against, self.real.graph.path)
        return comparer.runs(self.calls.ledger, other, shown)

    def _runs(self, shown: Run | None) -> Iterator[RunView]:
        needs = {instance.address: instance.needs for instance in self.instances}
        for run in self.calls.runs:
            view = summary(self.calls, run)
            if run is shown:
                bars, paid = chart(self.calls, run, self.places, needs)
                view = replace(view, bars=bars, paid=paid)
            yield view


def _needs(instances: Mapping[str, Instance]) -> dict[str, tuple[str, ...]]:
    return {a: tuple(need for need in i.needs if need in instances) for a, i in instances.items()}


def _most(found: Forecast | None) -> float | None:
    """USD if every attempt is paid, where that is more than its price."""
    if found is None or not found.usd or found.step.most is None or found.step.most <= found.usd:
        return None
    return found.step.most


def _texts(outputs: Outputs) -> Iterator[tuple[str, str]]:
    for name, value in outputs.items():
        text = text_of(value)
        if text:
            yield name, text


def _relative(path: Path) -> str:
    """A path from the current folder, where it lies in it; only its name where it does not: a page is sent to
    others, who need not know where a person keeps what."""
    try:
        found = Path(os.path.relpath(path))
    except ValueError:
        return path.name
    return path.name if found.parts and found.parts[0] == ".." else found.as_posix()
