"""callsheet: films from AI models, checked, priced, previewed and run from one YAML file.

    import callsheet

    graph = callsheet.load("film.yaml")            # or raises PipelineError with every diagnostic
    found = callsheet.check("film.yaml")           # diagnostics, without raising
    plan = callsheet.plan(graph)                   # what a run would do, in order, with prices
    result = callsheet.run(graph, preview=True)    # makes it
    result = await callsheet.arun(graph, budget=5) # the same in asyncio

Each verb of the command line is a function. Public are what `__all__` lists, `callsheet.plugin`, with which
plug-ins are written, and `callsheet.webhook`, which checks calls of a provider. Nothing else is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from callsheet._version import __version__ as __version__

if TYPE_CHECKING:
    from callsheet import plugin as plugin
    from callsheet import webhook as webhook
    from callsheet.api.catalogue import (
        DescribedRecipes,
        Fits,
        ModelDocuments,
        ModelDrifts,
        ModelPage,
        Models,
        PinnedRecipes,
        Recipes,
        TestedRecipes,
        model,
        models,
        models_add,
        models_diff,
        models_for,
        models_sync,
        outdated_recipes,
        prices,
        recipe,
        recipes,
        recipes_of,
        test_recipes,
    )
    from callsheet.api.check import check, films, graph, load
    from callsheet.api.decisions import Approvals, Rejections, approve, pick, reject, retake, reword, takes
    from callsheet.api.engine import engine_status
    from callsheet.api.given import Given, Place
    from callsheet.api.handle import Run
    from callsheet.api.handover import Origin, archive, conform, export, origin, restore
    from callsheet.api.lock import (
        ComparedLock,
        MergedLock,
        lock,
        lock_check,
        lock_prune,
        lock_settle,
        lock_text,
        lock_upgrade,
        merge_driver,
    )
    from callsheet.api.money import (
        CancelledRequests,
        Costs,
        Runs,
        adopt_state,
        bills,
        cancel,
        costs,
        events,
        reconcile,
        runs,
        show,
    )
    from callsheet.api.notes import note_add, note_close, note_reopen, note_reply, notes
    from callsheet.api.plan import diff, explain, plan
    from callsheet.api.project import (
        FilmLog,
        VerifiedFiles,
        cache,
        cache_gc,
        cache_verify,
        doctor,
        init,
        init_git,
        log,
        substitute,
    )
    from callsheet.api.resume import aresume, fetch, resume, start_resume
    from callsheet.api.run import arun, run, start
    from callsheet.api.schema import schema
    from callsheet.dsl.diagnostics.diagnostic import Diagnostic
    from callsheet.dsl.graph import Graph, Instance
    from callsheet.errors import CallsheetError, InputError, NodeError, PipelineError, PlugInError, StoreError
    from callsheet.page.verb import report, report_run
    from callsheet.review.verb import ImportedAnswers, review_export, review_import, serve_review
    from callsheet.runtime.cancellation import Stop
    from callsheet.runtime.check import Checked
    from callsheet.runtime.doctor.finding import Doctor, Finding
    from callsheet.runtime.engines.status import EngineStatus, EngineWorker
    from callsheet.runtime.events import (
        Event,
        NodeBlocked,
        NodeFailed,
        NodeFellBack,
        NodeFinished,
        NodeGate,
        NodeIncomplete,
        NodeInterrupted,
        NodeProgress,
        NodeSkipped,
        NodeStarted,
        NodeWaiting,
        Planned,
        RunAborted,
        RunFinished,
        RunGrew,
        RunNote,
        RunReused,
        RunStarted,
    )
    from callsheet.runtime.execute.result import Result
    from callsheet.runtime.explain import Explanation
    from callsheet.runtime.plan.draft import Step
    from callsheet.runtime.plan.estimate import Cost
    from callsheet.runtime.plan.forecast import Forecast
    from callsheet.runtime.plan.plan import Plan

__all__ = [
    "Approvals",
    "CallsheetError",
    "CancelledRequests",
    "Checked",
    "ComparedLock",
    "Cost",
    "Costs",
    "DescribedRecipes",
    "Diagnostic",
    "Doctor",
    "EngineStatus",
    "EngineWorker",
    "Event",
    "Explanation",
    "FilmLog",
    "Finding",
    "Fits",
    "Forecast",
    "Given",
    "Graph",
    "ImportedAnswers",
    "InputError",
    "Instance",
    "MergedLock",
    "ModelDocuments",
    "ModelDrifts",
    "ModelPage",
    "Models",
    "NodeBlocked",
    "NodeError",
    "NodeFailed",
    "NodeFellBack",
    "NodeFinished",
    "NodeGate",
    "NodeIncomplete",
    "NodeInterrupted",
    "NodeProgress",
    "NodeSkipped",
    "NodeStarted",
    "NodeWaiting",
    "Origin",
    "PinnedRecipes",
    "PipelineError",
    "Place",
    "Plan",
    "Planned",
    "PlugInError",
    "Recipes",
    "Rejections",
    "Result",
    "Run",
    "RunAborted",
    "RunFinished",
    "RunGrew",
    "RunNote",
    "RunReused",
    "RunStarted",
    "Runs",
    "Step",
    "Stop",
    "StoreError",
    "TestedRecipes",
    "VerifiedFiles",
    "adopt_state",
    "approve",
    "archive",
    "aresume",
    "arun",
    "bills",
    "cache",
    "cache_gc",
    "cache_verify",
    "cancel",
    "check",
    "conform",
    "costs",
    "diff",
    "doctor",
    "engine_status",
    "events",
    "explain",
    "export",
    "fetch",
    "films",
    "graph",
    "init",
    "init_git",
    "load",
    "lock",
    "lock_check",
    "lock_prune",
    "lock_settle",
    "lock_text",
    "lock_upgrade",
    "log",
    "merge_driver",
    "model",
    "models",
    "models_add",
    "models_diff",
    "models_for",
    "models_sync",
    "note_add",
    "note_close",
    "note_reopen",
    "note_reply",
    "notes",
    "origin",
    "outdated_recipes",
    "pick",
    "plan",
    "prices",
    "recipe",
    "recipes",
    "recipes_of",
    "reconcile",
    "reject",
    "report",
    "report_run",
    "restore",
    "resume",
    "retake",
    "review_export",
    "review_import",
    "reword",
    "run",
    "runs",
    "schema",
    "serve_review",
    "show",
    "start",
    "start_resume",
    "substitute",
    "takes",
    "test_recipes",
]

WHERE: Final = """
api.catalogue: DescribedRecipes Fits ModelDocuments ModelDrifts ModelPage Models PinnedRecipes
    Recipes TestedRecipes model models models_add models_diff models_for models_sync
    outdated_recipes prices recipe recipes recipes_of test_recipes
api.check: check films graph load
api.decisions: Approvals Rejections approve pick reject retake reword takes
api.engine: engine_status
api.given: Given Place
api.handle: Run
api.handover: Origin archive conform export origin restore
api.lock: ComparedLock MergedLock lock lock_check lock_prune lock_settle lock_text lock_upgrade
    merge_driver
api.money: CancelledRequests Costs Runs adopt_state bills cancel costs events reconcile runs show
api.notes: note_add note_close note_reopen note_reply notes
api.plan: diff explain plan
api.project: FilmLog VerifiedFiles cache cache_gc cache_verify doctor init init_git log
    substitute
api.resume: aresume fetch resume start_resume
api.run: arun run start
api.schema: schema
dsl.diagnostics.diagnostic: Diagnostic
dsl.graph: Graph Instance
errors: CallsheetError InputError NodeError PipelineError PlugInError StoreError
page.verb: report report_run
review.verb: ImportedAnswers review_export review_import serve_review
runtime.cancellation: Stop
runtime.check: Checked
runtime.doctor.finding: Doctor Finding
runtime.engines.status: EngineStatus EngineWorker
runtime.events: Event NodeBlocked NodeFailed NodeFellBack NodeFinished NodeGate NodeIncomplete
    NodeInterrupted NodeProgress NodeSkipped NodeStarted NodeWaiting Planned RunAborted RunFinished
    RunGrew RunNote RunReused RunStarted
runtime.execute.result: Result
runtime.explain: Explanation
runtime.plan.draft: Step
runtime.plan.estimate: Cost
runtime.plan.forecast: Forecast
runtime.plan.plan: Plan
"""
"""The modules in which public names are defined."""
SUBMODULES: Final = ("plugin", "webhook")


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `import callsheet` costs nothing."""
    if name in SUBMODULES:
        return import_module(f"callsheet.{name}")
    if name in __all__:
        return getattr(import_module(_module_of(name)), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _module_of(name: str) -> str:
    words = WHERE.split()
    return "callsheet." + next(word for word in reversed(words[: words.index(name)]) if word[-1] == ":")[:-1]


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", *SUBMODULES})
