"""The models of a film as they were when its lock file was written: from its archive, or the shared store."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.yaml.reader import read_source
from callsheet.nodes import providers
from callsheet.runtime.archive_note import archived_models
from callsheet.runtime.lock import schema_digest
from callsheet.runtime.lock.lines import Writer
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.remote_store.shared_models import take_model
from callsheet.spec.rules import lock as rules


class ModelsOfThen:
    """Looks models up for a run from the lock file. lacking: endpoints that have changed since, and whose
    former description nobody has."""

    def __init__(self, lock_file: LockFile, root: Path, store: str) -> None:
        """root: of the project, which may be an archive. store: the folder or URL of a shared store, "" for
        none. Raises InputError for the note of an archive that cannot be read, PipelineError for a lock
        file."""
        self._archived = archived_models(root)
        self._noted = lock_file.lock.endpoints
        self._lock_file = lock_file
        self._store = store
        self.lacking: list[str] = []

    def get(self, uses: str) -> Mapping[str, Any] | None:
        """The record of an endpoint; None where that of today counts."""
        if uses in self._archived:
            return self._archived[uses]
        digest, today = self._noted.get(uses), providers.find_own(uses)
        if digest is None or (today is not None and schema_digest(today) == digest):
            return None
        found = take_model(uses, digest, self._store) if self._store else None
        self.lacking += [uses] if found is None else []
        return found

    def warn(self, report: Report) -> None:
        """Report what is lacking, at the beginning of the pipeline."""
        source = read_source(self._lock_file.pipeline, Report()) if self.lacking else None
        if source is None:
            return
        lines = self._lock_file.content.lines
        version = next((line.version for line in lines if isinstance(line, Writer)), "")
        for uses in dict.fromkeys(self.lacking):
            report.add(Span(source, 0, 1), rules.model_changed_since(uses, version))
