"""callsheet: films from AI models, checked, priced, previewed and run from one YAML file.

    import callsheet

    graph = callsheet.load("film.yaml")            # or raises PipelineError with every diagnostic
    found = callsheet.check("film.yaml")           # diagnostics, without raising
    plan = callsheet.plan(graph)                   # what a run would do, in order, with prices
    result = callsheet.run(graph, preview=True)    # makes it
    result = await callsheet.arun(graph, budget=5) # the same in asyncio

Public are what `__all__` lists, `callsheet.plugin`, with which plug-ins are written, and `callsheet.webhook`,
which checks calls of a provider. Nothing else is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from callsheet._version import __version__ as __version__

if TYPE_CHECKING:
    from callsheet import plugin as plugin
    from callsheet import webhook as webhook
    from callsheet.api import arun, plan, run
    from callsheet.dsl.diagnostics.diagnostic import Diagnostic
    from callsheet.dsl.graph import Graph, Instance
    from callsheet.errors import (
        CallsheetError,
        InputError,
        NodeError,
        PipelineError,
        PlugInError,
        StoreError,
    )
    from callsheet.runtime.cancellation import Stop
    from callsheet.runtime.check import Checked, check, load
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
        RunFinished,
        RunGrew,
        RunReused,
        RunStarted,
    )
    from callsheet.runtime.execute.result import Result
    from callsheet.runtime.plan.draft import Step
    from callsheet.runtime.plan.estimate import Cost
    from callsheet.runtime.plan.forecast import Forecast
    from callsheet.runtime.plan.plan import Plan

__all__ = [
    "CallsheetError",
    "Checked",
    "Cost",
    "Diagnostic",
    "Event",
    "Forecast",
    "Graph",
    "InputError",
    "Instance",
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
    "PipelineError",
    "Plan",
    "Planned",
    "PlugInError",
    "Result",
    "RunFinished",
    "RunGrew",
    "RunReused",
    "RunStarted",
    "Step",
    "Stop",
    "StoreError",
    "arun",
    "check",
    "load",
    "plan",
    "run",
]

EVENTS: Final = "callsheet.runtime.events"
MODULES: Final = {
    "CallsheetError": "callsheet.errors",
    "Checked": "callsheet.runtime.check",
    "Cost": "callsheet.runtime.plan.estimate",
    "Diagnostic": "callsheet.dsl.diagnostics.diagnostic",
    "Forecast": "callsheet.runtime.plan.forecast",
    "Graph": "callsheet.dsl.graph",
    "InputError": "callsheet.errors",
    "Instance": "callsheet.dsl.graph",
    "NodeError": "callsheet.errors",
    "PipelineError": "callsheet.errors",
    "Plan": "callsheet.runtime.plan.plan",
    "PlugInError": "callsheet.errors",
    "Result": "callsheet.runtime.execute.result",
    "Step": "callsheet.runtime.plan.draft",
    "Stop": "callsheet.runtime.cancellation",
    "StoreError": "callsheet.errors",
    "arun": "callsheet.api",
    "check": "callsheet.runtime.check",
    "load": "callsheet.runtime.check",
    "plan": "callsheet.api",
    "run": "callsheet.api",
}
"""Where public names are defined; those that are not here are events."""
SUBMODULES: Final = ("plugin", "webhook")


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `import callsheet` costs nothing."""
    if name in SUBMODULES:
        return import_module(f"callsheet.{name}")
    if name in __all__:
        return getattr(import_module(MODULES.get(name, EVENTS)), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", *SUBMODULES})
