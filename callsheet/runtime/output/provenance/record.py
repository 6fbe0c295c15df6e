"""The provenance of a media file, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.spec.types import MediaKind
from callsheet.spec.values import SecretName, leaves

FORMAT: Final = 1
"""The version of the text; a change that older readers would misunderstand increases it."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FromInstance:
    """A media value that another instance made: `path` in its outputs. sha256: of its bytes."""

    kind: MediaKind
    address: str
    path: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class FromFile:
    """A media file of the user's. name: its path in the project, with slashes. sha256: of its bytes."""

    kind: MediaKind
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Making:
    """One instance: what ran, with which parameters.

    parameters: as they were given, trees of JSON values with `FromInstance`, `FromFile` and `SecretName` as
    leaves; None when they did not fit. seed: the random one, where none was given. take: which result of the
    same request it is, from 1; takes with other seeds are other requests.
    """

    uses: str
    parameters: Mapping[str, object] | None
    seed: int | None = None
    take: int = 1


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made one media file, and everything that it was made from.

    version: of callsheet. preview: a preview, and no model was asked. path: in the outputs of the instance at
    `address`. sha256: of the bytes before the note was added. usd: the list price when it was made, None when
    it is not known. before: address → instance, nearest first. cut: some earlier instances did not fit.
    hidden: secrets were removed from the parameters.
    """

    version: str
    pipeline: str
    preview: bool
    address: str
    path: Path
    kind: MediaKind
    sha256: str
    making: Making
    usd: float | None = None
    before: Mapping[str, Making] = field(default_factory=dict)
    cut: bool = False
    hidden: bool = False


def marks(tree: object) -> Iterator[FromInstance | FromFile | SecretName]:
    """Everything in a tree of parameters that is no JSON value."""
    for leaf in leaves(tree, object):
        if isinstance(leaf, FromInstance | FromFile | SecretName):
            yield leaf


def sources(making: Making) -> tuple[str, ...]:
    """The addresses that its media come from, each once."""
    found = marks(making.parameters or {})
    return tuple(dict.fromkeys(leaf.address for leaf in found if isinstance(leaf, FromInstance)))
