"""What a lock file says, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

ENDING: Final = ".lock.yaml"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a `uses` that names a recipe meant. commit: of the git repository, hex. tree: sha256 of all that
    came, hex."""

    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class Made:
    """What an instance is made of.

    key: see `callsheet.runtime.keys`. uses: what really made it; after a fallback, the alternative. outputs:
    place among its outputs ("images[0]") → sha256, hex; see `callsheet.runtime.lock.digests`. usd: its price
    when it was bought. refused: keys of the requests that were refused, so that this one stands in for them.
    """

    key: str
    uses: str
    outputs: Mapping[str, str]
    usd: float = 0.0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One instance: what it is made of, and what a person decided about it.

    takes: how many there are, where it is more than the pipeline asks for. pick: the take that counts.
    approved: what was approved, hex; another value voids it.
    """

    made: Made | None = None
    takes: int | None = None
    pick: int | None = None
    approved: str = ""

    @property
    def decided(self) -> bool:
        """Whether a person decided anything."""
        return self.takes is not None or self.pick is not None or bool(self.approved)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file.

    recipes: `uses` text → what it meant. endpoints: id → digest of the schema it was used with. instances:
    address → block; an address may have decisions only.
    """

    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, Block] = field(default_factory=dict)

    @property
    def refused(self) -> frozenset[str]:
        """The keys of all requests of which is known that they are refused."""
        return frozenset(key for block in self.instances.values() if block.made for key in block.made.refused)

    def block(self, address: str) -> Block:
        """The block of an instance; an empty one if there is none."""
        return self.instances.get(address, Block())

    def with_recipe(self, uses: str, recipe: Recipe) -> Lock:
        return replace(self, recipes={**self.recipes, uses: recipe})

    def with_block(self, address: str, block: Block) -> Lock:
        """With another block for `address`; an empty one takes it out."""
        kept = {a: b for a, b in self.instances.items() if a != address}
        return replace(self, instances=kept if block == Block() else {**kept, address: block})

    def with_decision(
        self, address: str, takes: int | None = None, pick: int | None = None, approved: str | None = None
    ) -> Lock:
        """With what a person decided about `address`; None leaves a decision as it is, "" takes an approval
        back."""
        old = self.block(address)
        return self.with_block(
            address,
            replace(
                old,
                takes=old.takes if takes is None else takes,
                pick=old.pick if pick is None else pick,
                approved=old.approved if approved is None else approved,
            ),
        )


def lock_path(pipeline: Path) -> Path:
    """`film.lock.yaml` beside `film.yaml`."""
    return pipeline.with_name(pipeline.stem + ENDING)
