"""A whole run, from a graph to its results: what the command line and the Python API both call."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from callsheet.dsl.graph import Graph
from callsheet.dsl.types import NOTHING
from callsheet.errors import CallsheetError, InputError, NodeError, PipelineError, StoreError
from callsheet.nodes.job import Provider
from callsheet.runtime import disk
from callsheet.runtime.bought import Buys, sells
from callsheet.runtime.cache import Cache, media
from callsheet.runtime.events import Event, Mode, NodeFailed, NodeSkipped, RunFinished, RunStarted, Status
from callsheet.runtime.execute import Account, Driver, Emit, approve, execute, shown
from callsheet.runtime.forecast import Forecast, to_do
from callsheet.runtime.frozen import Lists
from callsheet.runtime.gates import OPEN, Gates, gates_of
from callsheet.runtime.growth import Growth
from callsheet.runtime.inspector import Inspector
from callsheet.runtime.lock import Known, Lock, lock_path
from callsheet.runtime.locking import LockFile
from callsheet.runtime.outputs import OutFolder
from callsheet.runtime.past import Elsewhere
from callsheet.runtime.perform import Workshop
from callsheet.runtime.plan import Plan
from callsheet.runtime.provenance.drawn import drawn_in
from callsheet.runtime.provenance.history import History
from callsheet.runtime.receipt import Used, Witness, keep
from callsheet.runtime.resolve import LocalFiles, value_of
from callsheet.runtime.selection import made_from
from callsheet.runtime.shared.sharing import Sharing
from callsheet.runtime.stop import Stop, on_signals
from callsheet.runtime.store import Store
from callsheet.runtime.survey import Outlook, Survey, explore, survey

if TYPE_CHECKING:
    from callsheet.runtime.project import Project


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    outputs: the pipeline's outputs that could be made, media as paths under out/. failures: the
    instances that could not be made. error: what is wrong beyond them (the disk, an output). stuck:
    jobs that did not stop in time; their threads may still be at work. notes: what the person should know
    of the shared store.
    """

    status: Status
    outputs: Mapping[str, object]
    failures: tuple[NodeFailed, ...] = ()
    error: CallsheetError | None = None
    stuck: int = 0
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 done, 1 a node failed, 3 our bug or the store, 4 waiting for a person, 130 interrupted."""
        if self.status == "interrupted":
            return 130
        if isinstance(self.error, StoreError) or any(failure.kind == "bug" for failure in self.failures):
            return 3
        return {"done": 0, "waiting": 4}.get(self.status, 1)


def _silent(_: Event) -> None: ...


def _leave() -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run may buy. budget: USD at most, None for no limit. unpriced: calls without a known price are
    made under a budget, too. limit: instances under way at a provider at once. wait: for another run of the
    project to end, instead of refusing. record: what started the run, for `resume`. store: the folder or URL
    of a shared store. pay_again: buy what the lock names and the shared store should have, but has not."""

    budget: float | None = None
    unpriced: bool = False
    limit: int = 64
    wait: bool = False
    record: str = ""
    store: str = ""
    pay_again: bool = False


Confirm = Callable[[Outlook], None]


def run(
    graph: Graph,
    preview: bool = True,
    out: Path = Path("out"),
    state: Path = Path(".callsheet"),
    emit: Emit | None = None,
    only: Sequence[str] = (),
    terms: Terms | None = None,
    providers: Mapping[str, Provider | Buys] | None = None,
    inspector: Inspector | None = None,
    grace: float = 5.0,
    give_up: Callable[[], None] = _leave,
    receipt: Path | None = None,
    confirm: Confirm | None = None,
) -> Result:
    """Make what `graph` describes and put it under `out`/<its name>/.

    preview: stand-ins drawn on this machine instead of the models' results. state: where ledger and store
    are. emit: takes each event, in the calling thread. only: addresses or node names; they and what they
    need are made, the rest is left. providers: who makes things, by `NodeSpec.provider`, instead of the
    usual ones. inspector: who looks into media files, likewise. grace: seconds that running jobs get to end
    after Ctrl-C. give_up: called at a second Ctrl-C. receipt: where to leave one when all of it is done.
    confirm: called with what the run is about to do, before anything is made; what it raises ends the run.

    Raises InputError before anything is made or sent, if `out` cannot be written, an address is unknown, a
    key is missing, or another process owns the project.
    """
    growth = Growth(graph, only, preview)
    lock = None if preview else LockFile(growth.chosen, state)
    buying = not preview and providers is None
    makers = providers if providers is not None else usual_providers(growth.chosen, preview)
    store = Store(state / "preview" if preview else state, inspector)
    cache = Cache(store)
    files = LocalFiles(store.inspector)
    gates = gates_of(lock.lock) if lock else OPEN
    terms = terms or Terms()
    here = made_here(makers)
    sharing = Sharing(terms.store if lock else "", store, lock.lock if lock else Lock(), cache)

    def foresee(work: Plan) -> tuple[Forecast, ...]:
        def look(elsewhere: Elsewhere) -> tuple[Forecast, ...]:
            return survey(work, cache, state, here, files, gates, elsewhere)

        return sharing.borrow(look, here, terms.pay_again)

    known = explore(growth, foresee, state, gates)
    if confirm is not None:
        confirm(known.outlook(here))
    paid = to_buy_from(known.foreseen, makers, known.work.graph) if buying else ()
    require_keys(paid)
    folder = OutFolder(out, History(growth.chosen, files, preview, partial(drawn_in, state)))
    borrow = sharing.fetch if terms.store else None
    workshop = Workshop(store, cache, folder, Stop(), files, sharing.push, borrow)
    store.prepare()
    witness = Witness(emit or _silent)
    job = Drive(known, growth, workshop, witness, preview, grace, gates)
    began, since = time.monotonic(), time.time()
    with on_signals(workshop.stop, give_up), contextlib.closing(cache):
        account = _in_loop(job.drive(makers, paid, state, terms), workshop.stop)
        chosen = growth.chosen
        result = _concluded(chosen, account, workshop, whole=not only)
        if lock is not None:
            lock.graph = chosen
            result = _locked(lock, account, result, whole=not only)
        result = replace(result, notes=sharing.close(at_once=result.status == "interrupted"))
        job.emit(_end(chosen, account, result, time.monotonic() - began))
    if receipt is not None and result.status == "done" and _repeatable(chosen):
        keep(receipt, witness, Used(_read(graph), files.paths, _left(account, workshop), since))
    return result


def made_here(makers: Mapping[str, Provider | Buys]) -> dict[str, Provider]:
    """Those of `makers` who do not sell."""
    return {name: cast("Provider", maker) for name, maker in makers.items() if not sells(maker)}


def _repeatable(graph: Graph) -> bool:
    """Whether a second run of `graph` would do nothing, as long as its files are as they are.

    What plug-ins are made of is not looked at by a receipt.
    """
    instances = graph.instances.values()
    foreign = any(spec.perform is not None for instance in instances for spec in instance.specs)
    return not foreign and all(instance.options.cache == "auto" for instance in instances)


def _read(graph: Graph) -> dict[Path, str]:
    """What a run's outcome depends on beside media: the pipeline's texts, and the lock beside it."""
    lock = lock_path(graph.path)
    return {**graph.files, lock: disk.digest(lock) if lock.exists() else ""}


def _left(account: Account, workshop: Workshop) -> Iterator[Path]:
    """The files of the results: in the store, and under out/."""
    yield from (artifact.path for outputs in account.results.values() for artifact in media(outputs))
    yield from workshop.out.files()


def to_buy_from(foreseen: Sequence[Forecast], makers: Collection[str], graph: Graph) -> tuple[str, ...]:
    """The providers from whom something is, or may be, to be bought or fetched, sorted."""
    asked = {name for f in to_do(foreseen) for name in (f.step.provider, *f.step.others)}
    return tuple(sorted((asked | (graph.growing.providers if graph.growing else set())) - set(makers)))


@dataclass(frozen=True, slots=True)
class Drive:
    """One run inside its event loop."""

    known: Survey
    growth: Growth
    workshop: Workshop
    emit: Emit
    preview: bool
    grace: float
    gates: Gates

    async def drive(
        self, makers: Mapping[str, Provider | Buys], paid: tuple[str, ...], state: Path, terms: Terms
    ) -> Account:
        """Execute the plan; with paid providers, inside the project that this process then owns."""
        if not paid:
            graph, foreseen = self.growth.chosen, self.known.foreseen
            driver = Driver(foreseen, graph, makers, self.workshop, self.emit, self.gates, self.growth)
            self._begin()
            return await driver.drive(self.grace)
        from callsheet.runtime.project import opened

        def waiting() -> bool:
            if self.workshop.stop.requested:
                raise KeyboardInterrupt
            return terms.wait

        async with opened(state, paid, waiting) as project:
            return await self._buying(project, makers, terms)

    async def _buying(self, project: Project, makers: Mapping[str, Provider | Buys], terms: Terms) -> Account:
        from callsheet.runtime.journal import Journal
        from callsheet.runtime.project import start_run

        graph = self.growth.chosen
        budget = terms.budget if terms.budget is not None else graph.budget
        run = await start_run(project, graph.name, terms.record, budget, terms.unpriced)
        status: Status = "failed"
        async with Journal(project.ledger, run.id, self.emit) as journal:
            self._begin(journal, Lists(project.ledger, run.id))
            with project.store.workdir() as folder:
                buyers = project.buyers(run, folder, terms.limit, journal.waiting)
                try:
                    providers: dict[str, Provider | Buys] = {**makers, **buyers}
                    account = await execute(
                        self.known.foreseen,
                        graph,
                        providers,
                        self.workshop,
                        journal,
                        self.grace,
                        self.gates,
                        self.growth,
                    )
                    status = _status(account, None)
                finally:
                    await project.ledger.finish_run(run.id, status)
        return account

    def _begin(self, emit: Emit | None = None, lists: Lists | None = None) -> None:
        emit, work = emit or self.emit, self.known.work
        self.growth.start(work.steps, lists)
        mode: Mode = "preview" if self.preview else "run"
        name, path = work.graph.name, shown(work.graph.path)
        emit(RunStarted(name, path, mode, len(work.steps), round(work.usd, 6), work.unpriced))
        for address in work.graph.skipped:
            emit(NodeSkipped(address))


def usual_providers(graph: Graph, preview: bool) -> dict[str, Provider]:
    """Who makes on this machine what `graph` needs: local operations, and all else if it is a preview."""
    needed = {spec.provider for instance in graph.instances.values() for spec in instance.specs}
    needed |= graph.growing.providers if graph.growing else set()
    providers: dict[str, Provider] = {}
    if "local" in needed:
        from callsheet.nodes.media.provider import Local

        providers["local"] = Local()
    if preview and needed - {"local"}:
        from callsheet.nodes.preview.provider import Preview

        providers.update(dict.fromkeys(needed - {"local"}, Preview()))
    return providers


def require_keys(providers: Sequence[str]) -> None:
    """Raises InputError that names the variables which are not set, before anything is sent."""
    from callsheet.nodes.keys import missing

    lacking = [variable for name in providers if (variable := missing(name))]
    if lacking:
        names = " and ".join(lacking)
        raise InputError(
            f"{names} is not set, so nothing was sent",
            f"set {names}, or add --preview to watch it as an animatic, without a key",
        )


def _in_loop(work: Coroutine[object, object, Account], stop: Stop) -> Account:
    """Run in an event loop of our own, which does not wait for threads that will not stop.

    Where a loop is running already, as in a notebook, ours gets a thread.
    """
    if _loop_is_running():
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(_drive, work, stop).result()
    return _drive(work, stop)


def _drive(work: Coroutine[object, object, Account], stop: Stop) -> Account:
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        stop.forget()
        loop.close()


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _concluded(graph: Graph, account: Account, workshop: Workshop, whole: bool) -> Result:
    """Show the pipeline's outputs and, if `whole` of it was made, clear away what earlier runs left."""
    outputs, error = _published(graph, account, workshop)
    result = Result(_status(account, error), outputs, tuple(account.failures), error, account.stuck)
    try:
        workshop.out.close(complete=result.status == "done" and whole)
    except StoreError as failed:
        return replace(result, status="failed", error=failed)
    return result


def _locked(lock: LockFile, account: Account, result: Result, whole: bool) -> Result:
    """Write down what every instance is made of; what is gone is dropped once `whole` of it was made."""
    try:
        known = Known(account.keys, account.results, account.spent, account.ways)
        lock.update(known, whole=whole and result.status == "done")
    except (StoreError, PipelineError) as failed:
        return replace(result, status="failed", error=result.error or failed)
    return result


def _published(
    graph: Graph, account: Account, workshop: Workshop
) -> tuple[dict[str, object], CallsheetError | None]:
    """Every output whose instances were made, and the first thing that went wrong with one."""
    shown_outputs: dict[str, object] = {}
    trouble: CallsheetError | None = account.broken
    for name, tree in graph.outputs.items():
        if not made_from(tree, account.results):
            continue
        try:
            value = value_of(tree, account.results, workshop.files)
            if value is not NOTHING:
                shown_outputs[name] = workshop.out.publish(name, tree, value)
        except StoreError as error:
            trouble = trouble or error
        except NodeError as error:
            trouble = trouble or InputError(f"the output {name} could not be made: {error.message}")
    return shown_outputs, trouble


def _status(account: Account, error: CallsheetError | None) -> Status:
    if account.interrupted:
        return "interrupted"
    if account.failures or error:
        return "failed"
    return "waiting" if account.held else "done"


def _end(graph: Graph, account: Account, result: Result, seconds: float) -> RunFinished:
    ended = len(account.results) + len(account.failures) + account.blocked + account.waiting + account.spare
    gates = {gate.address for gate in account.held}
    held = [address for address in graph.instances if address in gates] if gates else []
    next_step = approve(graph, held) if held else ""
    return RunFinished(
        status=result.status,
        outputs={name: _as_json(value) for name, value in result.outputs.items()},
        made=len(account.results) - account.reused,
        reused=account.reused,
        failed=len(account.failures),
        blocked=account.blocked,
        waiting=account.waiting,
        spare=account.spare,
        not_started=account.total - ended,
        seconds=round(seconds, 3),
        usd=round(account.usd, 6),
        message=result.error.message if result.error else "",
        next_step=result.error.next_step if result.error else next_step,
    )


def _as_json(value: object) -> object:
    match value:
        case Path():
            return shown(value)
        case Mapping():
            return {k: _as_json(v) for k, v in value.items()}
        case list() | tuple():
            return [_as_json(v) for v in value]
    return value
