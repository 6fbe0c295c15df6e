"""A whole run, from a graph to its results: what the command line and the Python API both call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph, refs_in
from callsheet.dsl.types import NOTHING
from callsheet.errors import CallsheetError, InputError, NodeError, StoreError
from callsheet.nodes.job import Provider
from callsheet.runtime.events import Event, Mode, NodeFailed, NodeSkipped, RunFinished, RunStarted, Status
from callsheet.runtime.execute import Account, Emit, execute, shown
from callsheet.runtime.graph import needs_of, upstream
from callsheet.runtime.inspector import Inspector
from callsheet.runtime.outputs import OutFolder
from callsheet.runtime.perform import Workshop
from callsheet.runtime.plan import Plan, plan
from callsheet.runtime.resolve import value_of
from callsheet.runtime.stop import Stop, on_signals
from callsheet.runtime.store import Store

KEYS: Final[Mapping[str, str]] = {"fal": "FAL_KEY", "huggingface": "HF_TOKEN"}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    outputs: the pipeline's outputs that could be made, media as paths under out/. failures: the
    instances that could not be made. error: what is wrong beyond them (the disk, an output). stuck:
    jobs that did not stop in time; their threads may still be at work.
    """

    status: Status
    outputs: Mapping[str, object]
    failures: tuple[NodeFailed, ...] = ()
    error: CallsheetError | None = None
    stuck: int = 0

    @property
    def exit_code(self) -> int:
        """0 done, 1 a node failed, 3 our bug or the store, 130 interrupted."""
        if self.status == "interrupted":
            return 130
        if isinstance(self.error, StoreError) or any(failure.kind == "bug" for failure in self.failures):
            return 3
        return 0 if self.status == "done" else 1


def _silent(_: Event) -> None: ...


def _leave() -> None:
    raise KeyboardInterrupt


def run(
    graph: Graph,
    preview: bool = True,
    out: Path = Path("out"),
    state: Path = Path(".callsheet"),
    emit: Emit | None = None,
    only: Sequence[str] = (),
    providers: Mapping[str, Provider] | None = None,
    inspector: Inspector | None = None,
    grace: float = 5.0,
    give_up: Callable[[], None] = _leave,
) -> Result:
    """Make what `graph` describes and put it under `out`/<its name>/.

    preview: stand-ins drawn on this machine instead of the models' results. state: where the store is.
    emit: takes each event, in the calling thread. only: addresses or node names; they and what they need
    are made, the rest is left. providers: who makes things, by `NodeSpec.provider`, instead of the usual
    ones. inspector: who looks into media files, likewise. grace: seconds that running jobs get to end
    after Ctrl-C. give_up: called at a second Ctrl-C.

    Raises InputError before anything is made, if `out` cannot be written, an address is unknown, or a
    model's own provider would be needed.
    """
    emit = emit or _silent
    chosen = select(graph, only) if only else graph
    makers = providers if providers is not None else usual_providers(chosen, preview)
    store = Store(state / "preview" if preview else state, inspector)
    workshop = Workshop(store, OutFolder(out, chosen), Stop())
    store.prepare()
    work = plan(chosen)
    _begin(work, preview, emit)
    began = time.monotonic()
    account = _driven(work, makers, workshop, emit, grace, give_up)
    outputs, error = _published(chosen, account, workshop)
    result = _result(account, workshop, outputs, error)
    try:
        workshop.out.close(complete=result.status == "done" and not only)
    except StoreError as failed:
        result = replace(result, status="failed", error=failed)
    emit(_end(work, account, result, time.monotonic() - began))
    return result


def select(graph: Graph, only: Sequence[str]) -> Graph:
    """The part of `graph` that makes `only` (addresses or node names). Raises InputError."""
    wanted: list[str] = []
    for name in only:
        found = [a for a, instance in graph.instances.items() if name in (a, instance.node)]
        if not found:
            raise _unknown(graph, name)
        wanted += found
    kept = upstream(needs_of(graph), wanted)
    return replace(
        graph,
        instances={a: instance for a, instance in graph.instances.items() if a in kept},
        outputs={n: tree for n, tree in graph.outputs.items() if _made_from(tree, kept)},
        skipped=(),
    )


def usual_providers(graph: Graph, preview: bool) -> dict[str, Provider]:
    """Who makes what `graph` needs. Raises InputError if that takes a key and it is no preview."""
    needed = {instance.spec.provider for instance in graph.instances.values()}
    if not preview:
        _refuse_models(graph)
    providers: dict[str, Provider] = {}
    if "local" in needed:
        from callsheet.nodes.media.provider import Local

        providers["local"] = Local()
    if needed - {"local"}:
        from callsheet.nodes.preview.provider import Preview

        providers.update(dict.fromkeys(needed - {"local"}, Preview()))
    return providers


def _refuse_models(graph: Graph) -> None:
    models = {i.spec.uses: i.spec.provider for i in graph.instances.values() if i.spec.provider != "local"}
    if models:
        listed = ", ".join(
            f"{uses} ({KEYS.get(provider, 'its key')})" for uses, provider in sorted(models.items())
        )
        raise InputError(
            f"this pipeline calls models, which this version only previews; nothing was sent: {listed}",
            "add --preview to watch it as an animatic, without a key",
        )


def _unknown(graph: Graph, name: str) -> InputError:
    names = list(dict.fromkeys(i.node for i in graph.instances.values())) + list(graph.instances)
    near = get_close_matches(name, names, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the nodes are {', '.join(names[:10])}"
    if name in graph.skipped:
        return InputError(f"{name} is not made: its when is false")
    return InputError(f"there is no node or instance {name} in this pipeline", hint)


def _made_from(tree: object, addresses: Collection[str]) -> bool:
    return all(ref.address in addresses for ref in refs_in(tree))


def _begin(work: Plan, preview: bool, emit: Emit) -> None:
    graph = work.graph
    mode: Mode = "preview" if preview else "run"
    emit(RunStarted(graph.name, shown(graph.path), mode, len(work.steps), round(work.usd, 6), work.unpriced))
    for address in graph.skipped:
        emit(NodeSkipped(address))


def _driven(
    work: Plan,
    makers: Mapping[str, Provider],
    workshop: Workshop,
    emit: Emit,
    grace: float,
    give_up: Callable[[], None],
) -> Account:
    """Execute in an event loop of our own, which does not wait for threads that will not stop."""
    loop = asyncio.new_event_loop()
    try:
        with on_signals(workshop.stop, give_up):
            return loop.run_until_complete(execute(work, makers, workshop, emit, grace))
    finally:
        loop.close()


def _published(
    graph: Graph, account: Account, workshop: Workshop
) -> tuple[dict[str, object], CallsheetError | None]:
    """Every output whose instances were made, and the first thing that went wrong with one."""
    shown_outputs: dict[str, object] = {}
    trouble: CallsheetError | None = account.broken
    for name, tree in graph.outputs.items():
        if not _made_from(tree, account.results):
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


def _result(
    account: Account, workshop: Workshop, outputs: Mapping[str, object], error: CallsheetError | None
) -> Result:
    status: Status = "failed" if account.failures or error else "done"
    if account.interrupted:
        status = "interrupted"
    return Result(status, outputs, tuple(account.failures), error, account.stuck)


def _end(work: Plan, account: Account, result: Result, seconds: float) -> RunFinished:
    ended = len(account.results) + len(account.failures) + account.blocked
    return RunFinished(
        status=result.status,
        outputs={name: _as_json(value) for name, value in result.outputs.items()},
        made=len(account.results) - account.reused,
        reused=account.reused,
        failed=len(account.failures),
        blocked=account.blocked,
        not_started=len(work.steps) - ended,
        seconds=round(seconds, 3),
        message=result.error.message if result.error else "",
        next_step=result.error.next_step if result.error else "",
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
