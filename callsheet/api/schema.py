"""JSON Schemas: of pipelines, for editors, and of all that is printed as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from callsheet.runtime import schema as editing
from callsheet.spec.project import project_root


def schema(document: str = "pipeline", every: bool = False, project: str | Path = ".") -> dict[str, Any]:
    """A JSON Schema. `callsheet schema`.

    document: "pipeline" for pipeline files, "events" for a line of `--output json`, or a verb for what its
    `--json` prints. every: with all endpoints of the catalogue. project: whose models are known in a
    pipeline. Raises InputError for an unknown document.
    """
    if document == "pipeline":
        return editing.schema(every, project_root(Path(project)))
    from callsheet.api.documents import document_schema

    return document_schema(document)
