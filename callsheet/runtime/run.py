"""A whole run, from a graph to its results: what the command line and the Python API both call."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.calls.protocol import PaidProvider
from callsheet.runtime.cancellation import Stop, on_signals
from callsheet.runtime.events import Emit, Event
from callsheet.runtime.execute.finish import concluded, end_of, locked
from callsheet.runtime.execute.instance import Workshop
from callsheet.runtime.execute.options import Terms
from callsheet.runtime.execute.result import Result
from callsheet.runtime.execute.session import Drive, in_loop
from callsheet.runtime.execute.tally import Account
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.lock import Lock, lock_path
from callsheet.runtime.lock.approvals import OPEN, gates_of
from callsheet.runtime.output.out_folder import OutFolder
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.output.provenance.random_seeds import drawn_in
from callsheet.runtime.plan.dynamic import Growth
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.history import Elsewhere
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.providers import made_here, require_keys, to_buy_from, usual_providers
from callsheet.runtime.plan.survey import Outlook, explore, survey
from callsheet.runtime.remote_store.session import Sharing
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.receipt import Used, Witness, keep
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.node import Worker
from callsheet.spec.values import leaves

Confirm = Callable[[Outlook], None]


def _silent(_: Event) -> None: ...


def _leave() -> None:
    raise KeyboardInterrupt


def run(
    graph: Graph,
    preview: bool = True,
    out: Path = Path("out"),
    workspace: Workspace | None = None,
    emit: Emit | None = None,
    only: Sequence[str] = (),
    terms: Terms | None = None,
    providers: Mapping[str, Worker | PaidProvider] | None = None,
    grace: float = 5.0,
    give_up: Callable[[], None] = _leave,
    receipt: Path | None = None,
    confirm: Confirm | None = None,
) -> Result:
    """Make what `graph` describes and put it under `out`/<its name>/.

    preview: stand-ins drawn on this machine instead of the models' results. workspace: the project; without
    one, that of the current folder. emit: takes each event, in the calling thread. only: addresses or node
    names; they and what they need are made, the rest is left. providers: who makes things, by
    `NodeSpec.provider`, instead of the usual ones. grace: seconds that running jobs get to end after Ctrl-C.
    give_up: called at a second Ctrl-C. receipt: where to leave one when all of it is done. confirm: called
    with what the run is about to do, before anything is made; what it raises ends the run.

    Raises InputError before anything is made or sent, if `out` cannot be written, an address is unknown, a
    key is missing, or another process owns the project.
    """
    workspace = workspace or Workspace.of(graph.path)
    growth = Growth(graph, only, preview)
    lock = None if preview else workspace.lock_file(graph.path)
    buying = not preview and providers is None
    makers = providers if providers is not None else usual_providers(growth.chosen, preview)
    store, cache, ledger = workspace.store(preview), workspace.cache(preview), workspace.ledger_reader()
    files = LocalFiles(store.inspector)
    gates = gates_of(lock.lock) if lock else OPEN
    terms = terms or Terms()
    here = made_here(makers)
    sharing = Sharing(terms.store if lock else "", store, lock.lock if lock else Lock(), cache)

    def foresee(work: Plan) -> tuple[Forecast, ...]:
        def look(elsewhere: Elsewhere) -> tuple[Forecast, ...]:
            return survey(work, cache, ledger, here, files, gates, elsewhere)

        return sharing.borrow(look, here, terms.pay_again)

    known = explore(growth, foresee, ledger, gates)
    if confirm is not None:
        confirm(known.outlook(here))
    paid = to_buy_from(known.foreseen, makers, known.work.graph) if buying else ()
    require_keys(paid)
    folder = OutFolder(out, History(growth.chosen, files, preview, partial(drawn_in, workspace.ledger_file)))
    borrow = sharing.fetch if terms.store else None
    workshop = Workshop(store, cache, folder, Stop(), files, sharing.push, borrow)
    store.prepare()
    witness = Witness(emit or _silent)
    job = Drive(known, growth, workshop, witness, preview, grace, gates)
    began, since = time.monotonic(), time.time()
    with on_signals(workshop.stop, give_up), contextlib.closing(workspace):
        account = in_loop(job.drive(makers, paid, workspace, terms), workshop.stop)
        chosen = growth.chosen
        result = concluded(chosen, account, workshop, whole=not only)
        if lock is not None:
            result = locked(lock, chosen, account, result, whole=not only)
        result = replace(result, notes=sharing.close(at_once=result.status == "interrupted"))
        job.emit(end_of(chosen, account, result, time.monotonic() - began))
    if receipt is not None and result.status == "done" and _repeatable(chosen):
        keep(receipt, witness, Used(_read(graph), files.paths, _left(account, workshop), since))
    return result


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
    yield from (artifact.path for artifact in leaves(account.results, Artifact))
    yield from workshop.out.files()
