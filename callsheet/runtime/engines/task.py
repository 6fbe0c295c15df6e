"""What is sent to an engine and what comes back, as JSON: no pickles, no bytes, no secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

from callsheet._version import __version__
from callsheet.errors import NodeError
from callsheet.runtime.store.output_codec import decoded, encoded
from callsheet.spec.media import Artifact
from callsheet.spec.values import map_leaves

FORM: Final = 1
"""The version of this form. It is raised when a worker of the version before would misread a task."""
Maker = Literal["local", "preview", "look"]
"""Who makes it: a local operation, the preview of a model, or nobody: a worker is looked at."""


@cache
def program() -> str:
    """The versions of all that decides about the bytes of a result. A task is carried out only where they are
    the same as on the machine that sends it."""
    from callsheet.nodes.media.codec.build import ffmpeg_build

    build = ffmpeg_build()
    return (
        f"callsheet {__version__}, tasks {FORM}, PyAV {build.pyav}, FFmpeg {build.ffmpeg}, "
        f"Pillow {version('pillow')}"
    )


def differences(other: str) -> str:
    """What another program has in other versions, in words."""
    ours, theirs = (dict(part.rpartition(" ")[::2] for part in one.split(", ")) for one in (program(), other))
    if ours.keys() != theirs.keys() or ours == theirs:
        return f"{other} (here {program()})"
    return ", ".join(f"{name} {its} (here {ours[name]})" for name, its in theirs.items() if its != ours[name])


@dataclass(frozen=True, slots=True)
class Task:
    """One job for a worker. program: as `program` gives it. maker: who makes it. provider: of the spec.
    uses: the operation or endpoint. address: of the instance. params: encoded, media by digest. store: where
    media are, as `place_at` takes it. size: of a preview, as `--size` names it, 0 for that of the model.
    parts: key → a part of the result that is there, encoded. asked: see `WorkerParts`."""

    program: str
    maker: Maker
    provider: str
    uses: str
    address: str
    params: object
    store: str
    size: int = 0
    parts: Mapping[str, object] = field(default_factory=dict)
    asked: Sequence[str] | None = ()

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Task | None:
        """The task; None where another program sent it, whose tasks may have other fields. Raises ValueError,
        TypeError, KeyError or RecursionError for anything else."""
        sent = json.loads(text)
        return cls(**sent) if sent["program"] == program() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a task. outputs: encoded, media by digest, in the store. parts: key → a part of the
    result that was made, likewise. missing: keys of parts without which nothing was done. seconds: of work.
    where: host and process. told: sentences for the person. other: the worker's own program, where it is
    another one and nothing was done. error: of a job that failed, as fields of NodeError.
    """

    where: str
    seconds: float = 0.0
    outputs: object = None
    parts: Mapping[str, object] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    other: str = ""
    error: Mapping[str, str] | None = None

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """The answer, without fields that only another program has. Raises NodeError (*local*) for anything
        else."""
        try:
            return cls(**_answered(json.loads(text)))
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise no_answer("a worker") from None

    def decoded(self, tagged: object, path: Callable[[str, str], Path]) -> object:
        """The value of outputs or of a part. path: digest and ending → path of a file. Raises NodeError
        (*local*)."""
        try:
            return decoded(tagged, path)
        except (ValueError, TypeError, KeyError, RecursionError):
            raise no_answer(self.where) from None

    def require(self) -> None:
        """Raises NodeError: the error that the job ended with, or that it was not done (*local*)."""
        if self.other:
            raise NodeError(f"{self.where} has {differences(self.other)}", "local", "install the same there")
        if self.error is not None:
            raise failure(self.error)


IN_JSON: Final = {
    "where": str,
    "seconds": int | float,
    "parts": dict,
    "missing": list,
    "told": list,
    "other": str,
    "error": dict | None,
}
"""The types of an answer's fields in JSON; outputs are checked when they are decoded."""


def _answered(found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an answer that came as JSON. Raises TypeError or AttributeError for anything else."""
    known = {one.name: found[one.name] for one in fields(Answer) if one.name in found}
    if not all(isinstance(known[name], kind) for name, kind in IN_JSON.items() if name in known):
        raise TypeError("a field of another type")
    return {**known, **{name: tuple(map(str, found.get(name, ()))) for name in ("told", "missing")}}


def no_answer(where: str) -> NodeError:
    """The error of a worker whose answer cannot be read. where: host and process."""
    return NodeError(f"{where} gave an answer that cannot be read", "local", "run it again")


def error_fields(error: NodeError) -> dict[str, str]:
    """An error as `Answer` has it."""
    return {
        "message": error.message,
        "kind": error.kind,
        "next_step": error.next_step,
        "report": error.report,
    }


def failure(told: Mapping[str, str]) -> NodeError:
    """The error with these fields; one of a kind that a job cannot have is *local*."""
    kind = told.get("kind")
    error = NodeError(
        str(told.get("message", "")),
        "bug" if kind == "bug" else "failed" if kind == "failed" else "local",
        str(told.get("next_step", "")),
    )
    error.report = str(told.get("report", ""))
    return error


def encoded_parameters(params: Mapping[str, object]) -> object:
    """Parameters as a task has them: media without the URL and the recipe that they have here."""
    return encoded(map_leaves(params, _bare))


def encoded_parts(parts: Mapping[str, Artifact]) -> dict[str, object]:
    """Parts by their keys, likewise."""
    return {key: encoded(_bare(part)) for key, part in parts.items()}


def _bare(leaf: object) -> object:
    return replace(leaf, url=None, recipe="") if isinstance(leaf, Artifact) else leaf
