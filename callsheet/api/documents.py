"""The JSON Schemas of everything that callsheet prints as JSON: one for each verb, and one for events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, TypedDict, get_args, get_type_hints

from callsheet.api.catalogue import (
    DescribedRecipes,
    Fits,
    ModelDocuments,
    ModelDrifts,
    ModelPage,
    Models,
    PinnedRecipes,
    Recipes,
    TestedRecipes,
)
from callsheet.api.decisions import Approvals, Rejections
from callsheet.api.lock import ComparedLock
from callsheet.api.money import CancelledRequests, Costs, Runs
from callsheet.api.project import FilmLog, VerifiedFiles
from callsheet.errors import InputError
from callsheet.runtime.adopt_state import Adopted
from callsheet.runtime.archive import Archive
from callsheet.runtime.conform.conform import Conformed
from callsheet.runtime.doctor.finding import Doctor
from callsheet.runtime.engines.status import EngineStatus
from callsheet.runtime.events import VERSION, Event, RunAborted, RunStarted, Stamp
from callsheet.runtime.export.handover import Handover
from callsheet.runtime.gc import Garbage
from callsheet.runtime.init import NewProject
from callsheet.runtime.init_git import GitSettings
from callsheet.runtime.output.provenance.restore import Restored
from callsheet.runtime.pick import Picked
from callsheet.runtime.reconcile import Reconciled
from callsheet.runtime.redo import Wording
from callsheet.runtime.renew_lock import RenewedLock
from callsheet.runtime.retake import Retaken
from callsheet.runtime.runs import RunDetails
from callsheet.runtime.settle_lock import PrunedLock
from callsheet.runtime.shared_gc.garbage import SharedGarbage
from callsheet.runtime.stored_files import StoredFiles
from callsheet.runtime.substitute import Substituted
from callsheet.runtime.sync_models import Synced
from callsheet.runtime.takes import Takes
from callsheet.runtime.upgrade_recipes import UpgradedRecipes
from callsheet.spec.answer_schema import Schema, fields_schema, schema_of
from callsheet.spec.json_documents import (
    ChangesJson,
    CheckJson,
    ChecksJson,
    ErrorJson,
    ExplanationJson,
    FilmsJson,
    GraphJson,
    LocksJson,
    NotesJson,
    OriginJson,
    PlanJson,
    PlansJson,
    ReportJson,
    RunChangesJson,
)
from callsheet.spec.suggest import suggest

EVENTS: Final = "events"
ANSWERS: Final[Mapping[str, UnionType | type]] = {
    "adopt-state": Adopted,
    "approve": Approvals,
    "archive": Archive,
    "cache-gc": Garbage | SharedGarbage,
    "cache-ls": StoredFiles,
    "cache-verify": VerifiedFiles,
    "cancel": CancelledRequests,
    "check": CheckJson | ChecksJson,
    "conform": Conformed,
    "costs": Costs,
    "doctor": Doctor,
    "engine-status": EngineStatus,
    "diff": ChangesJson | RunChangesJson | FilmsJson,
    "explain": ExplanationJson,
    "export": Handover,
    "graph": GraphJson,
    "init": NewProject | GitSettings,
    "lock": RenewedLock | ComparedLock | UpgradedRecipes | PrunedLock | LocksJson,
    "log": FilmLog,
    "models": Models | ModelPage | Fits | ModelDocuments | ModelDrifts | Synced,
    "notes": NotesJson,
    "origin": OriginJson | Restored,
    "pick": Picked,
    "plan": PlanJson | PlansJson,
    "recipes": Recipes | DescribedRecipes | PinnedRecipes,
    "reconcile": Reconciled,
    "reject": Rejections,
    "report": ReportJson,
    "retake": Retaken | Wording,
    "runs": Runs,
    "show": RunDetails,
    "substitute": Substituted,
    "takes": Takes,
    "test": TestedRecipes,
}
"""What `--json` of each verb prints, where it can answer; "cache-ls" is `callsheet cache ls`."""


class Unanswered(TypedDict):
    """What a verb prints that cannot answer: the mistakes in a file, or what else is wrong."""

    version: Literal[1]
    error: ErrorJson


class ReviewStarted(TypedDict):
    """`callsheet review` serves its page. address: with the token, without which it answers nobody."""

    event: Literal["review_started"]
    version: Literal[1]
    address: str


@cache
def document_schema(name: str) -> Schema:
    """The schema of what a verb prints, or of an event. Raises InputError for an unknown name."""
    if name == EVENTS:
        return _event_schema()
    answer: Any = ANSWERS.get(name)
    if answer is None:
        raise InputError(
            f"nothing that is printed as JSON is called {name}",
            suggest(name, (EVENTS, *ANSWERS)) or f"the names are {', '.join((EVENTS, *ANSWERS))}",
        )
    schema = schema_of(answer | Unanswered, f"callsheet {name} --json, version 1")
    return {**schema, "properties": {"version": {"const": 1}}, "required": ["version"]}


def _event_schema() -> Schema:
    """One line of a stream: the fields of the event's class. What is empty or unknown is left out."""
    kinds = get_args(Event)
    schema = schema_of(Any, f"a line of callsheet run --output json, version {VERSION}")
    for kind in kinds:
        made, definitions = fields_schema(kind)
        schema["$defs"] |= {**definitions, kind.__name__: _event(kind, made)}
    schema["$defs"] |= schema_of(ReviewStarted, "")["$defs"]
    schema["anyOf"] = [{"$ref": f"#/$defs/{kind.__name__}"} for kind in (*kinds, ReviewStarted)]
    schema["$defs"] = dict(sorted(schema["$defs"].items()))
    return schema


def _event(kind: Any, made: Schema) -> Schema:
    """The schema of an event, with its name and its stamp."""
    properties = {"event": {"const": kind.event}, **made["properties"]}
    first = kind in (RunStarted, RunAborted)
    if first:
        properties["version"] = {"const": VERSION}
    rare = {field.name for field in fields(kind) if field.default in ("", (), None)}
    stamps = {field.name for field in fields(Stamp)}
    required = [name for name in get_type_hints(kind) if name in properties and name not in rare | stamps]
    return {**made, "properties": properties, "required": ["event", *(r for r in required if r != "event")]}
