"""What the settings of a project change about the models, and what is to be told of them."""

from __future__ import annotations

from typing import Protocol

from callsheet.dsl.diagnostics.report import Report
from callsheet.errors import InputError
from callsheet.runtime.settings.model import Profile, Settings
from callsheet.runtime.settings.substituted import Substituted
from callsheet.spec.node import Specs
from callsheet.spec.rules import models as rules
from callsheet.spec.rules import settings as of_settings


class Models(Specs, Protocol):
    """The models that a project can use."""

    def tasks(self) -> frozenset[str]:
        """The tasks of all models."""
        ...


def applied(settings: Settings, profile: Profile, specs: Models, report: Report) -> Specs:
    """The specs as the profile has them. A model or task that is not known is reported where it is named."""
    if settings.path is not None:
        report.files[settings.path] = settings.digest
    named = [(name, span) for name, span in settings.defaults_at.items() if "/" in name]
    named += [(preset.text, preset.span) for preset in profile.models.values()]
    for name, span in named:
        try:
            if specs.find(name) is None:
                report.add(span, rules.unknown_uses(name, specs.nearest(name)))
        except InputError as error:
            report.add(span, rules.unreadable_model(error.message, error.next_step))
    _warn_of_tasks(settings, specs, report)
    if not profile.models:
        return specs
    return Substituted(specs, {old: preset.text for old, preset in profile.models.items()})


def _warn_of_tasks(settings: Settings, specs: Models, report: Report) -> None:
    """Warn where defaults are for a task that no model has: an `approve` there would stop nothing."""
    named = {name: span for name, span in settings.defaults_at.items() if "/" not in name}
    known = specs.tasks() if named else frozenset()
    for name, span in named.items():
        if name not in known:
            report.add(span, of_settings.unknown_task(name, known))
