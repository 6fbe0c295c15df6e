"""The project: its settings, its store, its ledger, and how old the catalogue is that it plans with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.errors import CallsheetError, PipelineError
from callsheet.nodes.catalogue.age import newest, too_old
from callsheet.nodes.openapi.live_list import LiveList
from callsheet.nodes.openapi.project_models import FOLDER
from callsheet.runtime.calls.packages import bought_with
from callsheet.runtime.doctor.finding import Finding
from callsheet.runtime.doctor.services import absent
from callsheet.runtime.git_revision import tracked
from callsheet.runtime.ledger import LIVE, UNFETCHED, Attempt, on_server
from callsheet.runtime.project_store import shown
from callsheet.runtime.settings import settings_in
from callsheet.runtime.store.inventory import blobs
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.pipeline_files import pipeline_files
from callsheet.spec.plural import plural
from callsheet.spec.project import SETTINGS, STATE

MEGABYTE: Final = 10**6
MOST_NAMED: Final = 3


def project(workspace: Workspace) -> Iterator[Finding]:
    """What is known of a project."""
    yield from _settings(workspace.root)
    yield from _at_work(workspace)
    yield from _tracked(workspace.state)
    yield _store(workspace)
    yield from _ledger(workspace)
    yield _catalogue(workspace.root)


def _settings(root: Path) -> Iterator[Finding]:
    where = root.absolute()
    if not any((root / mark).exists() for mark in (SETTINGS, STATE)):
        yield _no_project(root, where)
        return
    try:
        settings = settings_in(root)
    except PipelineError as error:
        yield Finding("error", "project", str(error), f"mend {SETTINGS}; callsheet check shows the places")
        return
    store = f"; shared store {shown(settings)}" if settings.store else ""
    named = SETTINGS if (root / SETTINGS).exists() else "no callsheet.toml"
    yield Finding("ok", "project", f"{where} ({named}{store})")


def _no_project(root: Path, where: Path) -> Finding:
    if films := pipeline_files(root):
        step = f"callsheet run {shell.quoted(films[0].name)} --preview"
        return Finding("note", "project", f"nothing was run in {where} yet", step)
    step = "go to the folder of a film, or begin one: callsheet init"
    return Finding("note", "project", f"{where} is no project yet", step)


def _at_work(workspace: Workspace) -> Iterator[Finding]:
    if (pid := workspace.owner()) is not None:
        yield Finding("note", "project", f"process {pid} is working on it", "wait for its end")


def _tracked(state: Path) -> Iterator[Finding]:
    if state.is_dir() and tracked(state):
        step = f"git rm -r --cached {shell.quoted(str(state))}; nothing is bought before"
        yield Finding("error", "project", f"git tracks {state}, which holds what was paid for", step)


def _store(workspace: Workspace) -> Finding:
    if not workspace.state.is_dir():
        return Finding("ok", "store", "nothing was made here yet")
    sizes = {
        what: [blob.size for blob in blobs(workspace.folder(what == "previews"))]
        for what in ("results", "previews")
    }
    said = (f"{plural(len(s), 'file')} of {w}, {sum(s) / MEGABYTE:,.0f} MB" for w, s in sizes.items())
    return Finding("ok", "store", "; ".join(said))


def _ledger(workspace: Workspace) -> Iterator[Finding]:
    try:
        health = workspace.books.health()
        if health is None:
            yield Finding("ok", "ledger", "nothing was bought here yet")
            return
        if health.damage:
            step = "callsheet reconcile says how to put a backup in its place"
            yield Finding("error", "ledger", f"{workspace.books.shown} is damaged: {health.damage}", step)
            return
        ledger = workspace.require_ledger()
        live = ledger.attempts(*LIVE)
        spent, runs = len(ledger.attempts("COMMITTED")), len(ledger.runs())
    except CallsheetError as error:
        yield Finding("error", "ledger", error.message, error.next_step)
        return
    version = f"version {health.version}" + (
        "" if health.version == health.newest else f"; the next run makes it {health.newest}"
    )
    bought = f"{plural(runs, 'run')}, {plural(spent, 'result')} bought"
    where = f"{workspace.books.shown}: " if on_server() else ""
    yield Finding("ok", "ledger", f"{where}whole, {version}; {bought}")
    yield from _open_requests(workspace.state, live, workspace.owner() is not None)


def _open_requests(state: Path, live: list[Attempt], at_work: bool) -> Iterator[Finding]:
    """Requests that are not over. at_work: a run may be waiting for them."""
    doubt = [a for a in live if a.state == "UNKNOWN" or (a.state == "SENDING" and not at_work)]
    paid = [a for a in live if a.state in UNFETCHED]
    if doubt:
        message = f"nobody knows whether {_named(doubt)} was accepted"
        yield Finding("error", "ledger", message, "callsheet reconcile")
    if paid and not at_work:
        message = f"paid and not fetched: {_named(paid)}"
        yield Finding("warning", "ledger", message, "callsheet resume --fetch-only")
    for provider, count in Counter(a.provider for a in live).items():
        if why := absent(provider):
            package = bought_with(state, provider)
            needed = plural(count, "request")
            step = f"install {package.replace(' ', '==') or 'the package that brings it'}"
            yield Finding("error", "ledger", f"{needed} of `{provider}` not over: {why}", step)


def _named(attempts: list[Attempt]) -> str:
    """`clip["dawn"]`, or the first of several."""
    first = ", ".join(attempt.address for attempt in attempts[:MOST_NAMED])
    more = len(attempts) - MOST_NAMED
    return f"{first} and {more} more" if more > 0 else first


def _catalogue(root: Path) -> Finding:
    try:
        listed = LiveList(root / FOLDER).date
    except (CallsheetError, OSError, json.JSONDecodeError) as error:
        return Finding("error", "catalogue", str(error), "callsheet models sync")
    if too_old(listed):
        message = f"what is known of models is of {newest(listed)}"
        return Finding("warning", "catalogue", message, "callsheet models sync")
    return Finding("ok", "catalogue", f"what is known of models is of {newest(listed)}")
