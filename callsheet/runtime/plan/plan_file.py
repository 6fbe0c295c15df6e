"""Saved plans. A saved plan is executed exactly as it was shown, once, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from callsheet.errors import InputError
from callsheet.runtime.plan.plan_inputs import PlanInputs, moved
from callsheet.runtime.plan.plan_mark import MARK, PIPELINES
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan.stored_request import StoredRequest
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.regular_file import read_regular

VERSION: Final = 1
LARGEST: Final = 256 * 1024 * 1024
MOST_TOLD: Final = 6


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan. request: what it was made from. digest: sha256 of the file, hex."""

    path: Path
    digest: str
    request: RunRequest
    inputs: PlanInputs


class _Stored(BaseModel):
    """The part of a plan file that is read; the rest is for people."""

    record: StoredRequest
    ground: PlanInputs


def saved(request: RunRequest, inputs: PlanInputs, shown: Mapping[str, object]) -> str:
    """The text of a plan file. shown: the plan as `--json` prints it."""
    data = {MARK: VERSION, **shown, "record": request.to_json(), "ground": asdict(inputs)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write(path: Path, text: str) -> None:
    """Write a plan file. Raises InputError for the name of a pipeline, StoreError."""
    if path.suffix.lower() in PIPELINES:
        raise InputError(f"{path} would look like a pipeline", f"call the plan {path.with_suffix('.json')}")
    disk.make_folder(path.parent)
    disk.replace(path, [text.encode()])


def read(path: Path) -> PlanFile:
    """Read the saved plan at `path`. Raises InputError for any other file, or a plan of another version."""
    try:
        content = read_regular(path, LARGEST)
        if len(content) > LARGEST:
            content = b""
        data = json.loads(content)
        if data[MARK] != VERSION:
            raise InputError(f"{path} is a plan of another version of callsheet", "make a new one")
        stored = _Stored.model_validate(data)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} is no plan of callsheet", "make one: callsheet plan FILE -o plan.json"
        ) from error
    return PlanFile(path, hashlib.sha256(content).hexdigest(), stored.record.request(), stored.ground)


def refuse_if_moved(plan: PlanFile, now: PlanInputs, again: str) -> None:
    """Raises InputError with what changed since the plan was saved. again: the command that makes a new
    plan."""
    found = list(moved(plan.inputs, now))
    if not found:
        return
    told = found[:MOST_TOLD]
    if len(found) > MOST_TOLD:
        told.append(f"and {len(found) - MOST_TOLD} more")
    raise InputError(
        f"{plan.path} is out of date, so nothing was made: " + "; ".join(told), f"look again: {again}"
    )


def claim(plan: PlanFile, state: Path) -> None:
    """Mark the plan as executed. It cannot be executed again, even if this run ends early.

    Raises InputError if it was executed before, StoreError.
    """
    place = state / "plans" / plan.digest
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise InputError(
            f"{plan.path} was executed already; a plan is good for once",
            "callsheet resume goes on with an interrupted run; callsheet plan makes a new plan",
        ) from None
    except OSError as error:
        raise explained(error, place) from error
    disk.sync_folder(place.parent)
