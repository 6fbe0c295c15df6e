"""Looks at a worker: does it have the same program, read what the driver stored, and store what it makes?"""

from __future__ import annotations

from uuid import uuid4

from callsheet.errors import NodeError
from callsheet.runtime.engines.place import NOT_SHARED, Place
from callsheet.runtime.engines.places import NOWHERE
from callsheet.runtime.engines.shared_place import without_waiting
from callsheet.runtime.engines.task import Answer, Task, encoded_parameters, program
from callsheet.runtime.engines.where import here, host
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, Outputs

NAME = "note"


class Look:
    """What every worker of a run is asked: to read a note in the store, and to store an answer. Without a
    store it is only asked for its versions."""

    def __init__(self, place: Place | None) -> None:
        """Raises NodeError (*local*) and StoreError where the driver itself cannot store."""
        self._place, self._text = place, f"{host()} {uuid4().hex}"
        if place is None:
            self.task = Task(program(), "look", "", "", NAME, encoded_parameters({}), NOWHERE)
            return
        with without_waiting(), place.workdir() as folder:
            path = folder() / f"{NAME}.txt"
            path.write_text(self._text, encoding="utf-8")
            self._note = place.keep(Made("file", path))
        params = encoded_parameters({NAME: self._note})
        self.task = Task(program(), "look", "", "", NAME, params, place.location)

    def require(self, answer: Answer) -> None:
        """Raises NodeError (*local*) where the worker that gave this answer cannot be used."""
        answer.require()
        if self._place is None:
            return
        outputs = answer.decoded(answer.outputs, self._place.path_of)
        artifact = outputs.get(NAME) if isinstance(outputs, dict) else None
        if isinstance(artifact, Artifact):
            with self._place.workdir() as folder:
                text = self._place.taken(artifact, folder).path.read_text(encoding="utf-8")
            self._place.forget(artifact)
            if text.startswith(answered(self._text, answer.where)):
                return
        raise NodeError(f"{answer.where} has another store under the same name", "local", NOT_SHARED)

    def close(self) -> None:
        """The note is not needed any more."""
        if self._place is not None:
            self._place.forget(self._note)


def look(job: Job) -> Outputs:
    """What a worker does with the note. Raises NodeError."""
    note = job.params.get(NAME)
    if not isinstance(note, Artifact):
        return {}
    path = job.workdir / f"{NAME}.txt"
    text = answered(note.path.read_text(encoding="utf-8"), here())
    path.write_text(f"{text}{uuid4().hex}", encoding="utf-8")  # another file each time, which is stored
    return {NAME: Made("file", path)}


def answered(text: str, where: str) -> str:
    """What a worker stores after it has read a note. where: host and process."""
    return f"{where} has read: {text}\n"
