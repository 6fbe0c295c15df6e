"""What is known of an instance before its preview is made up: a person's answers, and what its texts look
up."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.errors import NodeError
from callsheet.spec.look_up import LookUp
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made
from callsheet.spec.values import LocalFile, map_placed, place_name

LookUps = Mapping[tuple[str, ...], LookUp]


def node_of(address: str) -> str:
    """The node of an address: `board/still` of `board["a"]/still["1"]#2`."""
    return re.sub(r"\[[^\]]*\]|#\d+$", "", address)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the instances of a film. answers: node or address → output → value. look_ups: node →
    fields of its outputs → what they look up. voice: the program that speaks, with its version; "" for
    none. size: what the shorter side of a picture has at most, in pixels; 0 for the model's own size."""

    answers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    look_ups: Mapping[str, LookUps] = field(default_factory=dict)
    voice: str = ""
    size: int = 0

    def answers_of(self, address: str) -> Mapping[str, object]:
        """The outputs that a person gave for an instance; those of its address before those of its node."""
        base = re.sub(r"#\d+$", "", address)
        return {**self.answers.get(node_of(address), {}), **self.answers.get(base, {})}

    def look_ups_of(self, address: str) -> LookUps:
        """What the texts in its outputs look up."""
        return self.look_ups.get(node_of(address), {})

    def digest(self, address: str) -> str:
        """Tells instances apart of which different things are known; "" where nothing is."""
        answers, look_ups = self.answers_of(address), self.look_ups_of(address)
        if not answers and not look_ups:
            return ""
        known = [answers, sorted((place, one.keys, one.siblings) for place, one in look_ups.items())]
        text = json.dumps(known, default=_plain, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def placed(answers: Mapping[str, object], folder: Path) -> dict[str, object]:
    """The answers, with copies of their files in `folder`. Raises NodeError (*local*) for one that is
    gone."""

    def copied(place: tuple[str | int, ...], leaf: object) -> object:
        if not isinstance(leaf, LocalFile):
            return leaf
        target = folder / f"{place_name(place).replace('/', '-')}{leaf.path.suffix}"
        try:
            shutil.copyfile(leaf.path, target)
        except OSError as error:
            raise NodeError(
                f"{leaf.path} cannot be read: {error.strerror}", "local", "check the file"
            ) from error
        return Made(leaf.kind, target)

    return {name: map_placed(value, copied, (name,)) for name, value in answers.items()}


def _plain(leaf: object) -> object:
    if isinstance(leaf, LocalFile):
        try:
            with leaf.path.open("rb") as file:
                return [leaf.kind, hashlib.file_digest(file, "sha256").hexdigest()]
        except OSError:
            return [leaf.kind, ""]
    return leaf.digest if isinstance(leaf, Artifact) else str(leaf)
