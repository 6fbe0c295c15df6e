"""The end of a run: publishes the pipeline's outputs, writes the lock file, and emits the last event."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.errors import CallsheetError, InputError, NodeError, PipelineError, StoreError
from callsheet.runtime.events import RunFinished, Status
from callsheet.runtime.execute.instance import InstanceRunner
from callsheet.runtime.execute.result import Result
from callsheet.runtime.execute.tally import Tally
from callsheet.runtime.execute.user_paths import approve, shown
from callsheet.runtime.graph.arguments import value_of
from callsheet.runtime.graph.selection import made_from
from callsheet.runtime.lock import Known
from callsheet.runtime.lock.dropped import notes_on
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.spec.types import NOTHING
from callsheet.spec.values import map_leaves


def concluded(graph: Graph, tally: Tally, runner: InstanceRunner, whole: bool) -> Result:
    """Publish the pipeline's outputs under out/.

    whole: all of the pipeline was to be made; files of earlier runs that are no longer made are removed then.
    """
    outputs, error = _published(graph, tally, runner)
    result = Result(
        status_of(tally, error),
        outputs,
        tuple(tally.failures),
        error,
        tally.stuck,
        usd=round(tally.usd, 6),
        unpriced=tally.unknown,
    )
    try:
        runner.out.close(complete=result.status == "done" and whole)
    except StoreError as failed:
        return replace(result, status="failed", error=failed)
    return result


def locked(lock: LockFile, graph: Graph, tally: Tally, result: Result, whole: bool) -> Result:
    """Write the lock file.

    whole: all of the pipeline was to be made; instances that no longer exist are removed from the lock file
    then.
    """
    try:
        known = Known(tally.keys, tally.results, tally.spent, tally.ways)
        _, gone = lock.update(graph, known, whole=whole and result.status == "done")
        result = replace(result, notes=tuple(notes_on(one for one in gone if one.gone or one.left)))
    except (StoreError, PipelineError) as failed:
        return replace(result, status="failed", error=result.error or failed)
    return result


def _published(
    graph: Graph, tally: Tally, runner: InstanceRunner
) -> tuple[dict[str, object], CallsheetError | None]:
    """The outputs whose instances were made, published; and the first error."""
    shown_outputs: dict[str, object] = {}
    trouble: CallsheetError | None = tally.broken
    for name, tree in graph.outputs.items():
        if not made_from(tree, tally.results):
            continue
        try:
            value = value_of(tree, tally.results, runner.files)
            if value is not NOTHING:
                shown_outputs[name] = runner.out.publish(name, tree, value)
        except StoreError as error:
            trouble = trouble or error
        except NodeError as error:
            trouble = trouble or InputError(f"the output {name} could not be made: {error.message}")
    return shown_outputs, trouble


def status_of(tally: Tally, error: CallsheetError | None) -> Status:
    if tally.interrupted:
        return "interrupted"
    if tally.failures or error:
        return "failed"
    return "waiting" if tally.held else "done"


def end_of(graph: Graph, tally: Tally, result: Result, seconds: float) -> RunFinished:
    ended = len(tally.results) + len(tally.failures) + tally.blocked + tally.waiting + tally.spare
    gates = {gate.address for gate in tally.held}
    held = [address for address in graph.instances if address in gates] if gates else []
    next_step = approve(graph, held) if held else _still_coming(tally)
    return RunFinished(
        status=result.status,
        outputs={name: map_leaves(value, _as_json) for name, value in result.outputs.items()},
        made=len(tally.results) - tally.reused,
        reused=tally.reused,
        failed=len(tally.failures),
        blocked=tally.blocked,
        waiting=tally.waiting,
        spare=tally.spare,
        not_started=tally.total - ended,
        seconds=round(seconds, 3),
        usd=round(tally.usd, 6),
        unpriced=tally.unknown,
        message=result.error.message if result.error else "",
        next_step=result.error.next_step if result.error else next_step,
    )


def _still_coming(tally: Tally) -> str:
    if not (tally.interrupted and tally.under_way):
        return ""
    if tally.under_way == 1:
        return "a request is under way; `callsheet resume` fetches its result, `callsheet cancel` cancels it"
    requests = f"{tally.under_way} requests are under way"
    return f"{requests}; `callsheet resume` fetches their results, `callsheet cancel` cancels them"


def _as_json(leaf: object) -> object:
    return shown(leaf) if isinstance(leaf, Path) else leaf
