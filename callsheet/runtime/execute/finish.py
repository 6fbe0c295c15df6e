"""The end of a run: its outputs under out/, its lock, and what it says last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.errors import CallsheetError, InputError, NodeError, PipelineError, StoreError
from callsheet.runtime.events import RunFinished, Status
from callsheet.runtime.execute.instance import Workshop
from callsheet.runtime.execute.result import Result
from callsheet.runtime.execute.tally import Account
from callsheet.runtime.execute.user_paths import approve, shown
from callsheet.runtime.graph.arguments import value_of
from callsheet.runtime.graph.selection import made_from
from callsheet.runtime.lock import Known
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.spec.types import NOTHING
from callsheet.spec.values import map_leaves


def concluded(graph: Graph, account: Account, workshop: Workshop, whole: bool) -> Result:
    """Show the pipeline's outputs and, if `whole` of it was made, clear away what earlier runs left."""
    outputs, error = _published(graph, account, workshop)
    result = Result(
        status_of(account, error),
        outputs,
        tuple(account.failures),
        error,
        account.stuck,
        usd=round(account.usd, 6),
    )
    try:
        workshop.out.close(complete=result.status == "done" and whole)
    except StoreError as failed:
        return replace(result, status="failed", error=failed)
    return result


def locked(lock: LockFile, graph: Graph, account: Account, result: Result, whole: bool) -> Result:
    """Write down what every instance is made of; what is gone is dropped once `whole` of it was made."""
    try:
        known = Known(account.keys, account.results, account.spent, account.ways)
        lock.update(graph, known, whole=whole and result.status == "done")
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


def status_of(account: Account, error: CallsheetError | None) -> Status:
    if account.interrupted:
        return "interrupted"
    if account.failures or error:
        return "failed"
    return "waiting" if account.held else "done"


def end_of(graph: Graph, account: Account, result: Result, seconds: float) -> RunFinished:
    ended = len(account.results) + len(account.failures) + account.blocked + account.waiting + account.spare
    gates = {gate.address for gate in account.held}
    held = [address for address in graph.instances if address in gates] if gates else []
    next_step = approve(graph, held) if held else _still_coming(account)
    return RunFinished(
        status=result.status,
        outputs={name: map_leaves(value, _as_json) for name, value in result.outputs.items()},
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


def _still_coming(account: Account) -> str:
    if not (account.interrupted and account.under_way):
        return ""
    requests = "a request is" if account.under_way == 1 else f"{account.under_way} requests are"
    return f"{requests} under way; `callsheet resume` fetches the results, `callsheet cancel` ends them"


def _as_json(leaf: object) -> object:
    return shown(leaf) if isinstance(leaf, Path) else leaf
