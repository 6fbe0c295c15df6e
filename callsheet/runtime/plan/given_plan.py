"""The saved plan that a run was given in place of a pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.errors import InputError
from callsheet.runtime.plan.plan_mark import is_plan
from callsheet.runtime.plan.run_request import RunRequest

if TYPE_CHECKING:
    from callsheet.runtime.plan.plan_file import PlanFile


def saved_plan(file: Path, given: RunRequest, preview: bool) -> PlanFile | None:
    """The plan that `file` is, if it is one. Raises InputError for options that a plan decides itself."""
    if not is_plan(file):
        return None
    from callsheet.runtime.plan import plan_file

    if given.sets or given.inputs or given.only or given.profile or given.each or preview:
        raise InputError(
            f"{file} is a saved plan, which cannot be changed",
            "run it without --set, --inputs, --profile, --each, --only and --preview, or make another plan",
        )
    saved = plan_file.read(file)
    if saved.request.trust and not given.trust:
        raise InputError(f"{file} runs code beside the pipeline", "if you trust it, say so with --trust")
    return saved


def planned(saved: PlanFile, given: RunRequest) -> RunRequest:
    """What the plan was made from, with the limits of this run."""
    return replace(saved.request, out=given.out, budget=given.budget, unpriced=given.unpriced)
