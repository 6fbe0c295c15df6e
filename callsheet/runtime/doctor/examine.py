"""Looks at everything, and reports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from callsheet._version import __version__
from callsheet.errors import CallsheetError
from callsheet.runtime.doctor.finding import Doctor, Finding, without_secrets
from callsheet.runtime.doctor.folder import folder
from callsheet.runtime.doctor.machine import machine
from callsheet.runtime.doctor.project import project
from callsheet.runtime.doctor.services import services, variables
from callsheet.runtime.doctor.shared_store import shared_store
from callsheet.runtime.workspace import Workspace
from callsheet.spec.price.age import today

UNSEEN: Final = "report it, with this output"


OpenProject = Callable[[], AbstractContextManager[Workspace]]
"""Opens the project that is looked at, as long as its context lasts."""


def examine(open_project: OpenProject, online: bool = False) -> Doctor:
    """Look at this machine, and at the project that `open_project` gives. Changes nothing, and sends nothing
    unless `online` says so: then each provider and the shared store are asked whether they answer.

    Raises nothing: what cannot be looked at is a finding.
    """
    found = [
        *_looked("machine", machine),
        *_looked("providers", lambda: services(online)),
        *_looked("project", lambda: _project(open_project)),
        *_looked("shared store", lambda: _shared(open_project) if online else iter(())),
    ]
    shown = without_secrets(found, variables())
    ok = all(one.level != "error" for one in shown)
    return Doctor(__version__, today().isoformat(), ok, shown)


def _project(open_project: OpenProject) -> Iterator[Finding]:
    with open_project() as workspace:
        yield from folder(workspace.state)
        yield from project(workspace)


def _shared(open_project: OpenProject) -> Iterator[Finding]:
    with open_project() as workspace:
        yield from shared_store(workspace.root)


def _looked(subject: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What `look` finds; its own failure is a finding, too."""
    try:
        yield from look()
    except CallsheetError as error:
        yield Finding("error", subject, error.message, error.next_step or UNSEEN)
    except Exception as error:
        yield Finding("error", subject, f"it cannot be looked at: {type(error).__name__}: {error}", UNSEEN)
