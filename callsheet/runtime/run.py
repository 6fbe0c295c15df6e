"""Executes a prepared run, from the plan to the published results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.buy_again import refuse_to_buy_again
from callsheet.runtime.cancellation import Stop, on_signals
from callsheet.runtime.consent import Confirm, require_budget, require_consent
from callsheet.runtime.event_readers import Guarded, log
from callsheet.runtime.events import Emit, Event, Stream
from callsheet.runtime.execute.event_log import log_done, log_last
from callsheet.runtime.execute.finish import concluded, end_of, locked
from callsheet.runtime.execute.instance import InstanceRunner
from callsheet.runtime.execute.live_events import live_events
from callsheet.runtime.execute.parts import StoredParts
from callsheet.runtime.execute.result import Result
from callsheet.runtime.execute.session import RunSession, in_loop
from callsheet.runtime.execute.tally import Tally
from callsheet.runtime.grants import Granted, require_grants
from callsheet.runtime.lock.named_results import NamedResults
from callsheet.runtime.other_states import require_own_state
from callsheet.runtime.output.films import require_own_folder
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.provenance.history import History
from callsheet.runtime.output.provenance.random_seeds import drawn_in
from callsheet.runtime.output.row_folders import result_folder
from callsheet.runtime.output.slating import Slating
from callsheet.runtime.prepare import Prepared
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.os_lock import InUse
from callsheet.runtime.store.receipt import Recorder, Used, write_receipt
from callsheet.spec.media import Artifact
from callsheet.spec.project import SETTINGS, answers_path, lock_path, project_root
from callsheet.spec.values import leaves


def _silent(_: Event) -> None: ...


def _leave() -> None:
    raise KeyboardInterrupt


def run(
    prepared: Prepared,
    emit: Emit = _silent,
    give_up: Callable[[], None] = _leave,
    receipt: Path | None = None,
    confirm: Confirm = False,
    on_wait: Callable[[InUse], None] = lambda _: None,
    stop: Stop | None = None,
) -> Result:
    """Execute what was prepared, and publish the results under `out`/<pipeline>/.

    emit: takes each event, in the calling thread; what it raises does not end the run. give_up: called at a
    second Ctrl-C. receipt: a file to write when everything was made; while it is true, the same run has
    nothing to do. confirm: whether somebody agreed to what it may buy, or who is asked; a budget among the
    options is an answer, too. on_wait: called again and again with what another process does, while this run
    waits for its end. stop: lets another thread stop the run.

    Raises InputError before anything is made or sent: nobody agreed, something would be bought again that the
    lock file names, the budget is too small, `out` cannot be written or has another film of this name, an API
    key is missing, something is not granted, or is paid for in the state of another folder, or another
    process is working on the film, or on the project as a whole.
    """
    runner = _runner(prepared, _allowed(prepared, confirm), stop or Stop())
    prepared.workspace.ignore()
    runner.store.prepare()
    view = Guarded(emit)
    recorder = Recorder(view)
    stream = Stream(recorder, prepared.graph.name)
    stream.add_reader(log)
    session = RunSession(prepared, runner, stream, on_wait)
    began, since = time.monotonic(), time.time()
    live = live_events(prepared.workspace.state, prepared.graph.path, stream)
    with on_signals(runner.stop, give_up), live, prepared.remote:
        prepared.remote.in_background(partial(_share, prepared))
        tally = in_loop(session.execute(), runner.stop)
        result = _published(prepared, runner, tally)
        stream(end_of(prepared.graph, tally, result, time.monotonic() - began))
        _log_end(prepared, result, stream.last)
        result = replace(result, notes=(*result.notes, *view.notes))
    if receipt is not None and result.status == "done" and _repeatable(prepared.graph):
        used = Used(_read(prepared.graph), prepared.files.paths, _left(tally, runner), since)
        write_receipt(receipt, recorder, used)
    return result


def _allowed(prepared: Prepared, confirm: Confirm) -> Granted | None:
    """What is granted to a run that buys, after all that it needs was asked for. Raises InputError."""
    require_own_out(prepared)
    if prepared.paid:
        require_own_state(prepared.plan, prepared.workspace)
    require_budget(prepared)
    refuse_to_buy_again(prepared)
    prepared.require_keys()
    granted = require_grants(prepared.plan, prepared.workspace.root) if prepared.needs_grants else None
    require_consent(prepared, confirm)
    return granted


def _runner(prepared: Prepared, granted: Granted | None, stop: Stop) -> InstanceRunner:
    """Who makes each instance. Raises InputError where `out` cannot be written."""
    options, workspace = prepared.options, prepared.workspace
    history = History(prepared.graph, prepared.files, options.preview, partial(drawn_in, workspace))
    store, cache = workspace.store(options.preview), workspace.cache(options.preview)
    parts = StoredParts(store, cache)
    slating = Slating(history, options.slate, lambda: stop.requested, parts) if options.preview else None
    folder = result_folder(workspace.out(options.out), history, prepared.dynamic.graph, slating)
    named = NamedResults(cache, prepared.lock)
    push, find = prepared.remote.push, prepared.found_elsewhere
    runner = InstanceRunner(store, named, folder, stop, prepared.files, push, find)
    if granted is not None:
        runner.permit = granted.require
    return runner


def _share(prepared: Prepared) -> tuple[str, ...]:
    """Put recipes and models into the shared store. Returns notes for the user."""
    from callsheet.runtime.share_descriptions import share_descriptions

    state, store = prepared.workspace.state, prepared.options.store
    return share_descriptions(prepared.graph, prepared.lock, state, store)


def _published(prepared: Prepared, runner: InstanceRunner, tally: Tally) -> Result:
    """What the run made, once it is under out/, in the lock file and in the shared store."""
    graph, remote = prepared.graph, prepared.remote
    result = concluded(graph, tally, runner, prepared.whole)
    if prepared.lock_file is not None:
        prepared.lock_file.costs = remote.costs
        result = locked(prepared.lock_file, graph, tally, result, prepared.whole)
        remote.need(prepared.lock_file.path)
    runner.stop.when_requested(remote.hurry)
    notes = remote.close(at_once=result.status == "interrupted")
    of_run = *notes, *tally.notes, *_loud(tally), *_stood_in(prepared)
    return replace(result, notes=(*result.notes, *runner.out.notes, *of_run))


def _log_end(prepared: Prepared, result: Result, last: Event | None) -> None:
    """Write the end into the ledger. last: the last event. A run with nothing to buy is not in the ledger: if
    it resumed another one and is done, that one is done."""
    if prepared.paid and last is not None:
        log_last(prepared.workspace.books, last)
    elif (resumed := prepared.options.resumes) is not None and result.status == "done":
        log_done(prepared.workspace.books, resumed)


def _loud(tally: Tally) -> Iterator[str]:
    """Bills that are far from what was expected."""
    yield from (f"ATTENTION: {said}" for said in tally.attention)


def _stood_in(prepared: Prepared) -> Iterator[str]:
    """The nodes of plug-ins that a preview did not call, and whose results it drew."""
    if not prepared.options.preview:
        return
    from callsheet.nodes.local import is_called

    drawn: dict[str, str] = {}
    for instance in prepared.graph.instances.values():
        spec = instance.spec
        if spec.perform is not None and spec.stand_in is None and not is_called(spec, instance.params):
            drawn[spec.uses] = "has a key" if spec.price is None else "costs money"
    for uses, why in drawn.items():
        yield f"{uses} {why}, so this preview did not call it: its results are stand-ins"


def require_own_out(prepared: Prepared) -> None:
    """Make sure that no file of another film would be replaced. Raises InputError."""
    options, graph = prepared.options, prepared.graph
    out = prepared.workspace.out(options.out)
    require_own_folder(Layout.of(out, graph.name, options.preview, graph.section.profile), graph.path)


def _repeatable(graph: Graph) -> bool:
    """Whether a second run of `graph` would do nothing while its files stay the same. Code of plug-ins is not
    checked by receipts, and neither are the files that a person answers to a preview."""
    instances = graph.instances.values()
    foreign = any(spec.perform is not None for instance in instances for spec in instance.specs)
    answered = answers_path(graph.path).exists()
    return not foreign and not answered and all(instance.options.cache == "auto" for instance in instances)


def _read(graph: Graph) -> dict[Path, str]:
    """The text files that a run depends on, with their digests: the pipeline's files, its lock file, the
    answers to its preview, and the settings of its project."""
    others = lock_path(graph.path), answers_path(graph.path), project_root(graph.path.parent) / SETTINGS
    return {**graph.files, **{path: disk.digest(path) if path.exists() else "" for path in others}}


def _left(tally: Tally, runner: InstanceRunner) -> Iterator[Path]:
    """The files of the results, in the store and under out/."""
    yield from (artifact.path for artifact in leaves(tally.results, Artifact))
    yield from runner.out.files()
