"""The shared store: whether it is there, what this machine may do in it, and what it promises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.runtime.doctor.finding import Finding
from callsheet.runtime.project_store import store_for
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.settings import settings_in

STORE_VARIABLE: Final = "CALLSHEET_STORE"
SUBJECT: Final = "shared store"


def shared_store(root: Path) -> Iterator[Finding]:
    """What is known of the store of the project in `root`, after asking it. root: of the project. A bucket
    gets the small file by which it is tried. Raises InputError for one that does not exist or says no."""
    location = store_for(os.environ.get(STORE_VARIABLE, ""), settings_in(root), required=False)
    if not location:
        return
    backend = backend_at(location)
    access = backend.access()
    said = f"{backend.title} can be read and written; of two that write at the same moment"
    if access.writes:
        step = "ask for the right to write, if this machine is to give results, too"
        yield Finding("warning", SUBJECT, f"it can only be read: {access.writes}", step)
    elif not access.once:
        yield Finding("note", SUBJECT, f"{said} the last one counts")
    else:
        yield Finding("ok", SUBJECT, f"{said} one wins")
