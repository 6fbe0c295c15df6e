"""What is settled before `run` makes anything: which plan it is, that it still stands, and who said yes."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.invocation import Record
from callsheet.runtime.plan.plan_mark import is_plan
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.plan.plan_file import PlanFile
    from callsheet.runtime.plan.survey import Outlook

MOST_NAMED: Final = 8
QUIET: Final = ("reuse", "skipped")
"""Actions that make nothing."""


def saved_plan(file: Path, given: Record, preview: bool) -> PlanFile | None:
    """The plan that `file` is, if it is one. Raises InputError for what a plan leaves no room for."""
    if not is_plan(file):
        return None
    from callsheet.errors import InputError
    from callsheet.runtime.plan import plan_file as planfile

    if given.sets or given.inputs or given.only or preview:
        raise InputError(
            f"{file} is a plan, and says itself what is made",
            "leave --set, --inputs, --only and --preview out, or make another plan",
        )
    return planfile.read(file)


def planned(saved: PlanFile, given: Record) -> Record:
    """What the plan was made from, with the limits of this run. Raises InputError."""
    from callsheet.errors import InputError

    try:
        record = Record.from_json(json.dumps(saved.record))
        _require_texts(record.file, *record.sets, *record.only, record.inputs or "")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{saved.path} is no plan of callsheet", "make one: callsheet plan FILE -o …"
        ) from error
    if record.trust and not given.trust:
        raise InputError(
            f"{saved.path} runs code beside the pipeline", "if you trust it, say so with --trust"
        )
    return replace(record, out=given.out, budget=given.budget, unpriced=given.unpriced)


def _require_texts(*values: object) -> None:
    """Raises TypeError for what is no text."""
    if not all(isinstance(value, str) for value in values):
        raise TypeError("not a text")


@dataclass(frozen=True, slots=True)
class Before:
    """What is settled before anything is made: the plan still stands, nothing is bought that must not be, and
    a person who sits there has said yes."""

    saved: PlanFile | None
    record: Record
    yes: bool
    wait: bool
    require_cached: bool

    def __call__(self, seen: Outlook) -> None:
        """Raises InputError, and click.Abort for a no."""
        from callsheet.runtime.plan.providers import require_keys, to_buy_from

        if self.saved is not None:
            self._still_stands(self.saved, seen)
        if self.require_cached:
            _refuse_to_buy(seen)
        paid = to_buy_from(seen.foreseen, seen.makers, seen.plan.graph)
        require_keys(paid)
        if self.saved is not None:
            from callsheet.runtime.plan.plan_file import claim

            claim(self.saved, Workspace.of(self.saved.path).state)
        elif paid and not self.yes and sys.stdin.isatty():
            _ask(seen)
        if self.wait:
            _tell_of_waiting()

    def _still_stands(self, saved: PlanFile, seen: Outlook) -> None:
        from callsheet.runtime.lock import lock_path, read
        from callsheet.runtime.plan.plan_file import ground, refuse_if_moved

        graph = seen.plan.graph
        now = ground(graph, seen.foreseen, read(lock_path(graph.path)))
        refuse_if_moved(saved, now, self.record.plan_command(saved.path))


def _refuse_to_buy(seen: Outlook) -> None:
    """Raises InputError that names what is not here, before anything is sent."""
    from callsheet.errors import InputError

    missing = [
        f.step.address for f in seen.foreseen if f.action not in QUIET and f.step.provider not in seen.makers
    ]
    if not missing and seen.plan.graph.growing:
        raise InputError(
            "what an axis ranges over is not here, so nobody knows what would have to be bought",
            "nothing was sent; run it without --require-cached once",
        )
    if not missing:
        return
    named = ", ".join(missing[:MOST_NAMED]) + (
        f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    )
    raise InputError(
        f"{len(missing)} of {len(seen.foreseen)} instances would have to be bought: {named}",
        "nothing was sent; callsheet plan tells why each is not here",
    )


def _ask(seen: Outlook) -> None:
    """Before money is spent, a person who sits there sees the plan and says yes."""
    from callsheet.cli.views.plan import amount, outcome_of, shown

    outcome = outcome_of(seen)
    if not outcome.cost.high and not outcome.cost.unpriced:
        return
    click.echo(shown(outcome) + "\n")
    click.confirm(f"Make it, for {amount(outcome.cost)}?", abort=True)


def _tell_of_waiting() -> None:
    pid = Workspace().owner()
    if pid is not None:
        click.echo(f"waiting for process {pid}, which is running this project, to end", err=True)
