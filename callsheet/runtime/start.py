"""Prepares a run as somebody asked for it: what is checked, and who is asked, before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.graph import Graph
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.check import check
from callsheet.runtime.consent import Confirm, require_budget, require_consent
from callsheet.runtime.other_states import require_own_state
from callsheet.runtime.plan.invocation import plan_command
from callsheet.runtime.plan.run_options import RunSettings
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.prepare import Prepared, prepare
from callsheet.runtime.run import require_own_out
from callsheet.runtime.store.shared_folder import ELSEWHERE, risks
from callsheet.runtime.vouched import vouch
from callsheet.runtime.workspace import Workspace
from callsheet.spec.batch import each_row_of
from callsheet.spec.profile import using

if TYPE_CHECKING:
    from callsheet.runtime.plan.plan_file import PlanFile


@dataclass(frozen=True, slots=True)
class Answers:
    """Who answers while a run is prepared. This one is a program: it has said in `confirm` whether the run
    may spend money, and what else nobody granted is an InputError. A subclass asks a person."""

    confirm: Confirm = False

    def warned(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Told of the warnings about the file."""

    def store(self, graph: Graph) -> None:
        """Asked whether a store outside of the project is used, before it is."""

    def grants(self, prepared: Prepared) -> bool:
        """Asked for what the pipeline needs a word for. Returns whether prices were granted, so that the plan
        has to be made anew."""
        return False

    def credit(self, prepared: Prepared) -> None:
        """Told before the question about the cost, to show the credit that is left."""

    def buy_again(self, prepared: Prepared) -> Prepared:
        """Asked whether what the lock file names is bought again."""
        return prepared

    def cost(self, prepared: Prepared, by_plan: bool) -> None:
        """Asked whether the run may spend what it plans. by_plan: a saved plan is executed. Raises InputError
        for a no."""
        require_consent(prepared, self.confirm)

    def note(self, text: str) -> None:
        """Told what is to be known before the run begins."""


@dataclass(frozen=True, slots=True)
class Start:
    """A run that somebody asked for. settings: how it is made. saved: the plan that it executes.
    require_cached: spend nothing. graph: checked already; None to read the file of the request."""

    workspace: Workspace
    request: RunRequest
    settings: RunSettings
    answers: Answers = field(default_factory=Answers)
    saved: PlanFile | None = None
    require_cached: bool = False
    graph: Graph | None = None

    def prepared(self) -> Prepared:
        """What `run` executes, once everything that it needs was asked for.

        Raises PipelineError for mistakes in the file, InputError where nobody agreed, something is missing,
        or the saved plan is not true any more.
        """
        graph = self.graph or self._checked()
        options = self.request.options(self.workspace.root, self.settings)
        if self.graph is not None:
            options = replace(options, record="")  # its inputs are not known, so nothing can be resumed
        if not options.preview and not options.store:
            self.answers.store(graph)
        prepared = prepare(graph, self.workspace, options)
        require_own_out(prepared)
        if options.preview:
            return prepared
        self._require_utf8()
        if self.require_cached:
            prepared.require_cached()
        if prepared.paid:
            require_own_state(prepared.plan, self.workspace)
        if self.answers.grants(prepared):
            return self.prepared()
        self.answers.credit(prepared)
        prepared = self.answers.buy_again(prepared)
        self._agree(prepared)
        if options.record:
            vouch(self.request, self.workspace.root)
        return prepared

    def _require_utf8(self) -> None:
        """Raises InputError for a name or a value that no ledger can keep, before anything is sent."""
        asked = self.request
        paths = self.workspace.state, asked.file, *asked.inputs, asked.out, asked.each or ""
        for text in map(str, (*paths, *asked.sets.values(), *asked.only)):
            shown = text.encode("utf-8", "backslashreplace").decode()
            if shown != text:
                raise InputError(
                    f"{shown} is not UTF-8, so the ledger could not keep it; nothing was sent",
                    "rename the file or folder, or type the value in UTF-8",
                )

    def _checked(self) -> Graph:
        what = self.request
        with using(what.profile), each_row_of(what.each):
            found = check(what.file, what.sets, what.inputs, what.trust, workspace=self.workspace)
        if found.graph is None:
            raise PipelineError(found.diagnostics)
        if found.diagnostics:
            self.answers.warned(found.diagnostics)
        return found.graph

    def _agree(self, prepared: Prepared) -> None:
        """Make sure that the run may begin: the saved plan is still true and was not executed, the budget is
        large enough, every key is set, and somebody agrees to the cost. Raises InputError."""
        for risk in risks(self.workspace.state):
            self.answers.note(f"{risk}; {ELSEWHERE}")
        if self.saved is not None:
            from callsheet.runtime.plan.plan_file import refuse_if_moved
            from callsheet.runtime.plan.plan_inputs import inputs_of

            plan, again = prepared.plan, plan_command(self.request, self.saved.path)
            refuse_if_moved(self.saved, inputs_of(plan.graph, plan.forecasts, prepared.lock), again)
        warning = require_budget(prepared)
        prepared.require_keys()
        self.answers.cost(prepared, by_plan=self.saved is not None)
        if self.saved is not None:
            from callsheet.runtime.plan.plan_file import claim

            claim(self.saved, self.workspace.state)
        if warning:
            self.answers.note(warning)
