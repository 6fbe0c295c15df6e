"""What the settings of a project change about the models, and what is to be told of them."""

from __future__ import annotations

from callsheet.dsl.diagnostics.report import Report
from callsheet.errors import InputError
from callsheet.runtime.settings.model import Profile, Settings
from callsheet.runtime.settings.substituted import Substituted
from callsheet.spec.node import Specs
from callsheet.spec.rules import models as rules


def applied(settings: Settings, profile: Profile, specs: Specs, report: Report) -> Specs:
    """The specs as the profile has them. A model that does not exist is reported where it is named."""
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
    if not profile.models:
        return specs
    return Substituted(specs, {old: preset.text for old, preset in profile.models.items()})
