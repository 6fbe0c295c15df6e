"""The shared store that `callsheet.toml` names. One outside of the project needs a person's word."""

from __future__ import annotations

from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.errors import InputError
from callsheet.runtime.grants import Grants
from callsheet.runtime.settings import Settings
from callsheet.spec import shell
from callsheet.spec.project import with_home
from callsheet.spec.rules import settings as rules
from callsheet.spec.rules.rule import Problem


def store_for(given: str, settings: Settings, required: bool) -> str:
    """The store that a command uses: the one that a person gave, else the project's; "" for none.

    required: raises InputError for a store of the project's that nobody granted; otherwise it is left out,
    and nothing is asked there.
    """
    if given or not settings.store:
        return given
    if not needs_grant(settings):
        return place_of(settings)
    if required:
        raise InputError(
            f"callsheet.toml names the store {shown(settings)}, and nobody has granted it here",
            "at a terminal, callsheet run asks once; for one command: "
            f"--store {shell.quoted(shown(settings))} (also CALLSHEET_STORE)",
        )
    return ""


def needs_grant(settings: Settings) -> bool:
    """Whether the project names a store outside of it that no person has granted here. Raises InputError."""
    if not settings.store or _is_inside(settings):
        return False
    return not Grants(settings.root).knows(_entry(settings))


def store_problem(settings: Settings) -> Problem | None:
    """What is to be told of a store that nobody granted; None where there is none. Raises InputError."""
    return rules.store_not_granted(shown(settings)) if needs_grant(settings) else None


def warn_of_store(settings: Settings, report: Report) -> None:
    """Report it where the store is named. Raises InputError."""
    problem = store_problem(settings)
    if problem is not None and settings.store_span is not None:
        report.add(settings.store_span, problem)


def grant(settings: Settings) -> None:
    """Remember that a person granted the store. Raises InputError, StoreError."""
    Grants(settings.root).keep([_entry(settings)])


def place_of(settings: Settings) -> str:
    """The URL, or the path of the folder; a relative one starts at the root of the project."""
    if "://" in settings.store:
        return settings.store
    return str(settings.root.absolute() / with_home(settings.store))


def shown(settings: Settings) -> str:
    """The store as messages name it: of a URL without user and password."""
    from callsheet.runtime.remote_store.store_url import title_of

    return title_of(settings.store) if "://" in settings.store else settings.store


def _is_inside(settings: Settings) -> bool:
    if "://" in settings.store:
        return False
    try:
        return Path(place_of(settings)).resolve().is_relative_to(settings.root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _entry(settings: Settings) -> str:
    """The grant as the configuration keeps it. The whole place: another one is another grant."""
    return f"store {place_of(settings)}"
