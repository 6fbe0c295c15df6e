"""Outputs as JSON and back: for the cache of this machine and for a shared store.

Each value is a pair of tag and content, so that no text of a model can be taken for media.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from callsheet.spec.media import Artifact, Facts, Shot

Outputs = Mapping[str, object]
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
SUFFIX: Final = re.compile(r"(?:\.[A-Za-z0-9]{1,16})?")


def encoded(value: object) -> list[object]:
    """`value` as JSON."""
    match value:
        case None | str() | int() | float():
            return ["value", value]
        case Artifact():
            known = {"kind": value.kind, "digest": value.digest, "suffix": value.path.suffix}
            facts = {name: fact for name, fact in asdict(value.facts).items() if fact is not None}
            more = {"shots": [asdict(shot) for shot in value.shots]} if value.shots else {}
            return ["media", {**known, "facts": facts, "url": value.url, "recipe": value.recipe, **more}]
        case dict() | Mapping():  # nearly all are dicts, which costs less to ask
            return ["object", {str(name): encoded(v) for name, v in value.items()}]
        case list() | tuple():
            return ["list", [encoded(v) for v in value]]
    return ["value", value]


def decoded(tagged: object, path: Callable[[str, str], Path]) -> object:
    """The value that `encoded` was given. path: digest and ending → path of the file.

    Raises ValueError, TypeError, KeyError or RecursionError for anything else.
    """
    match tagged:
        case ["media", dict(known)]:
            if not DIGEST.fullmatch(known["digest"]) or not SUFFIX.fullmatch(known["suffix"]):
                raise ValueError("not the name of a stored file")
            where, facts = path(known["digest"], known["suffix"]), Facts(**known["facts"])
            shots = tuple(Shot(**shot) for shot in known.get("shots", ()))
            return Artifact(
                known["kind"], where, known["digest"], facts, known["url"], known["recipe"], shots=shots
            )
        case ["object", dict(fields)]:
            return {name: decoded(value, path) for name, value in fields.items()}
        case ["list", list(items)]:
            return [decoded(item, path) for item in items]
        case ["value", None | bool() | int() | float() | str() as value]:
            return value
    raise ValueError("not a recorded value")
