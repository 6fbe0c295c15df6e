"""`callsheet plan`: what a run would make, why, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, json_text
from callsheet.cli.errors import explain
from callsheet.cli.kept_answers import Say, repeated
from callsheet.cli.options import limit_options, only_option, parse_sets, store_option
from callsheet.cli.permissions import own_price_option
from callsheet.cli.pipelines import several_pipelines_options
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE

if TYPE_CHECKING:
    from callsheet.runtime.planning import PlannedFilm

OUTPUT = "Save the plan; `callsheet run plan.json` executes exactly this, once."


@click.command("plan")
@several_pipelines_options
@only_option("Plan")
@click.option("--verbose", "-v", is_flag=True, help="Show every instance, also reused and skipped ones.")
@click.option("--out", "-o", "file_out", type=click.Path(path_type=Path), metavar="PLAN.json", help=OUTPUT)
@click.option("--exit-code", is_flag=True, help="Exit with 2 if something would be made.")
@limit_options
@own_price_option
@store_option
@json_option
def command(
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    only: tuple[str, ...],
    verbose: bool,
    as_json: bool,
    file_out: Path | None,
    exit_code: bool,
    budget: float | None,
    unpriced: bool | float,
    store: str,
) -> int:
    """Show what runs would make, why, and what they cost. Makes nothing.

    \b
    + made                        = reused
    ~ made if one of its inputs   > paid for, and still to be fetched
      gives another result        # blocked until you approve or resolve an input
    - skipped                     ? unknown: its outcome, or how many there will be
    """
    if len(files) > 1 and (file_out is not None or only):
        raise InputError("--out and --only are for one pipeline", "name one FILE")
    typed = Typed(files, parse_sets(sets), inputs, only, store, budget, unpriced, verbose, as_json)
    if file_out is not None:
        return typed.tell(click.echo, exit_code, file_out)
    return repeated(files, lambda say: typed.tell(say, exit_code))


@dataclass(frozen=True, slots=True)
class Typed:
    """The films to plan and how, as a person typed it; the fields are called like the options."""

    files: tuple[Path, ...]
    sets: dict[str, str]
    inputs: tuple[Path, ...]
    only: tuple[str, ...]
    store: str
    budget: float | None
    unpriced: bool | float
    verbose: bool
    as_json: bool

    def tell(self, say: Say, exit_code: bool, file_out: Path | None = None) -> int:
        """Plan, and tell what comes out. Returns the exit code."""
        planned = self._planned(say)
        if file_out is not None:
            trust, profile = PERMISSIONS.get().trust, PROFILE.get()
            request = RunRequest(
                self.files[0], self.sets, self.inputs, self.only, trust=trust, profile=profile
            )
            planned[0].save(file_out, request)
            run = shell.command(["callsheet", "run", file_out])
            say(f"saved as {file_out}: {run} executes exactly this, once", err=True)
        _conclude(planned, len(self.files), self.as_json, say)
        if len(planned) < len(self.files):
            return 1
        return 2 if exit_code and not all(found.prepared.plan.nothing_to_make for found in planned) else 0

    def _planned(self, say: Say) -> list[PlannedFilm]:
        """The films that have no errors, each shown as soon as it is planned."""
        from callsheet.cli.views.plan import shown

        planned: list[PlannedFilm] = []
        for file in self.files:
            try:
                planned.append(self._plan(file, say))
            except PipelineError as error:
                if len(self.files) == 1:
                    raise
                explain(error)
            else:
                if not self.as_json:
                    say(("\n" if len(planned) > 1 else "") + shown(planned[-1].outcome, self.verbose))
        return planned

    def _plan(self, file: Path, say: Say) -> PlannedFilm:
        from callsheet.cli.catalogue_age import note_of_age
        from callsheet.runtime.check import load
        from callsheet.runtime.plan.run_options import RunOptions
        from callsheet.runtime.planning import planned_film

        cap = None if isinstance(self.unpriced, bool) else self.unpriced
        options = RunOptions(only=self.only, store=self.store, budget=self.budget, unpriced=cap)
        with Workspace.of(file) as workspace:
            graph = load(file, self.sets, self.inputs, workspace=workspace)
            found = planned_film(graph, workspace, options)
        if not self.as_json and (note := note_of_age(graph, file)):
            say(note, err=True)
        return found


def _conclude(planned: list[PlannedFilm], files: int, as_json: bool, say: Say) -> None:
    """What is printed at the end: the plans as JSON, or the total of several. files: how many there are."""
    from callsheet.cli.views.plan_total import plan_total
    from callsheet.runtime.plan_outcome import total_json

    outcomes = [found.outcome for found in planned]
    if as_json:
        each = [found.plan.to_json() for found in planned]
        say(json_text(each[0] if files == 1 else total_json(each, outcomes)))
    elif files > 1:
        say(f"\n{plan_total(outcomes)}")
