"""The parameters of an instance as a page shows them: texts, and where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.page.document.instance import Parameter
from callsheet.page.media import Library
from callsheet.runtime.graph.arguments import LocalFiles, value_of
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING
from callsheet.spec.values import Deferred, LocalFile, SecretName, addresses_in, leaves, map_leaves

PROMPTS: Final = ("prompt", "text", "script", "lyrics", "input_text")
"""Parameters that say what is seen or said, the best first."""
LONGEST: Final = 4_000
"""Characters of a value that a page shows."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads parameters. places: address → index of the instance. results: what is made."""

    places: Mapping[str, int]
    results: Mapping[str, Outputs]
    files: LocalFiles
    library: Library

    def parameters(self, instance: Instance) -> Iterator[Parameter]:
        """Every parameter that the pipeline gives, in its order."""
        for name, tree in instance.params.items():
            needs = addresses_in(tree)
            sources = tuple(self.places[address] for address in needs if address in self.places)
            media = tuple(filter(None, map(self.library.own_file, leaves(tree, LocalFile))))
            yield Parameter(name, self._text(tree, needs), sources, media)

    def _text(self, tree: object, needs: tuple[str, ...]) -> str:
        """The value as text; "" while it is not known, and for media."""
        if isinstance(tree, str):
            return tree[:LONGEST]
        if any(True for _ in leaves(tree, Deferred)) or needs:
            tree = self._value(tree, needs)
        return text_of(tree)

    def _value(self, tree: object, needs: tuple[str, ...]) -> object:
        if not all(address in self.results for address in needs):
            return NOTHING
        try:
            return value_of(tree, self.results, self.files)
        except NodeError:
            return NOTHING


def prompt_of(parameters: tuple[Parameter, ...]) -> str:
    """The name of the one that says what is seen or said, "" for none."""
    given = {part.name for part in parameters if part.value}
    return next((name for name in PROMPTS if name in given), "")


def text_of(value: object) -> str:
    """A value as text, "" for none and for media alone."""
    if value is NOTHING:
        return ""
    plain = map_leaves(value, _plain)
    if isinstance(plain, str):
        return plain[:LONGEST]
    if plain in ([], {}, NOTHING):
        return ""
    return json.dumps(plain, ensure_ascii=False, default=str)[:LONGEST]


def _plain(leaf: object) -> object:
    match leaf:
        case Artifact() | LocalFile():
            return NOTHING
        case SecretName(variable):
            return f"the secret {variable}"
    return leaf
