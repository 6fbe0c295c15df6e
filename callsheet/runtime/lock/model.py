"""The content of a lock file, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Recipe:
    """The pin of a recipe in git. commit: hex. tree: sha256 of all fetched files, hex."""

    commit: str
    tree: str


@dataclass(frozen=True, slots=True)
class Made:
    """The result of an instance.

    key: see `callsheet.runtime.keys`. uses: the endpoint that made it; after a fallback, that of the
    alternative. outputs: place among its outputs ("images[0]") → sha256, hex; see
    `callsheet.runtime.lock.digests`. usd: its price when it was bought, None where nobody knows. refused:
    keys of the requests that were refused before, so that the alternative was used.
    """

    key: str
    uses: str
    outputs: Mapping[str, str]
    usd: float | None = 0.0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """The entry of one instance: its result and the decisions about it.

    takes: how many there are, where the pipeline asks for fewer. pick: the take that counts. approved: the
    digest of the approved result, hex; another result has to be approved again.
    """

    made: Made | None = None
    takes: int | None = None
    pick: int | None = None
    approved: str = ""

    @property
    def decided(self) -> bool:
        """Whether a person decided anything about the instance."""
        return self.takes is not None or self.pick is not None or bool(self.approved)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file.

    recipes: `uses` → pin. endpoints: id → digest of its schema when it was last used. instances: address →
    entry; an entry may have decisions only.
    """

    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, Block] = field(default_factory=dict)

    @property
    def refused(self) -> frozenset[str]:
        """The keys of all requests that are known to be refused."""
        return frozenset(key for block in self.instances.values() if block.made for key in block.made.refused)

    def block(self, address: str) -> Block:
        """The block of an instance; an empty one if there is none."""
        return self.instances.get(address, Block())

    def with_recipe(self, uses: str, recipe: Recipe) -> Lock:
        return replace(self, recipes={**self.recipes, uses: recipe})

    def with_block(self, address: str, block: Block) -> Lock:
        """A lock with another entry for `address`; an empty entry removes it."""
        kept = {a: b for a, b in self.instances.items() if a != address}
        return replace(self, instances=kept if block == Block() else {**kept, address: block})

    def with_decision(
        self, address: str, takes: int | None = None, pick: int | None = None, approved: str | None = None
    ) -> Lock:
        """A lock with another decision about `address`. None leaves a decision as it is; "" removes an
        approval."""
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
