"""callsheet: the make and the terraform plan of generative film.

    import callsheet

    graph = callsheet.load("film.yaml")            # or raises PipelineError with every diagnostic
    found = callsheet.check("film.yaml")           # diagnostics, without raising
    plan = callsheet.plan(graph)                   # what a run would do, in order, with prices
    result = callsheet.run(graph, preview=True)    # makes it

`callsheet.plugin` is what plug-ins are written with. Nothing else is public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet._version import __version__ as __version__

if TYPE_CHECKING:
    from callsheet.api import check, load, plan, run

__all__ = ["check", "load", "plan", "run"]


def __getattr__(name: str) -> object:
    """The four verbs are imported when they are first used, so that `import callsheet` costs nothing."""
    if name in __all__:
        from callsheet import api

        return getattr(api, name)
    raise AttributeError(f"module 'callsheet' has no attribute {name!r}")
