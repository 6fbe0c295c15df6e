"""The content of a lock file, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from callsheet.runtime import keys

DecisionKind = Literal["takes", "pick", "approve", "reject"]
KINDS: Final[tuple[DecisionKind, ...]] = ("takes", "pick", "approve", "reject")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The pin of a recipe in git. commit: hex. tree: sha256 of all fetched files, hex. by and at: who pinned
    it, and when (UTC); "" where nobody knows."""

    commit: str
    tree: str
    by: str = field(default="", compare=False)
    at: str = field(default="", compare=False)


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

    @property
    def digest(self) -> str:
        """The digest of all its outputs, hex. A pick names a result by it."""
        return keys.digest(dict(self.outputs))

    def is_result_of(self, other: Made) -> bool:
        """Whether both are the same result of the same request."""
        return self.key == other.key and self.outputs == other.outputs


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about an instance.

    kind: *takes*: there are `number` of them. *pick*: take `number` counts; digest: of that result, see
    `Made.digest`. *approve* and *reject*: the result with this digest, see `keys.result`; key: of the request
    that gave the rejected result. by, at and note: who, when (UTC, ISO 8601), why; "" where nobody knows.
    """

    kind: DecisionKind
    number: int = 0
    digest: str = ""
    key: str = ""
    by: str = ""
    at: str = ""
    note: str = ""

    def says_as(self, other: Decision) -> bool:
        """Whether both decide the same, whoever said so and when."""
        return (self.kind, self.number, self.digest, self.key) == (
            other.kind,
            other.number,
            other.digest,
            other.key,
        )

    def differs_from(self, other: Decision) -> bool:
        """Whether only one of the two can hold: two picks, or one result approved and rejected.

        A pick without a digest, of an earlier version, agrees with every pick of the same number.
        """
        match self.kind, other.kind:
            case "pick", "pick":
                known = self.digest and other.digest
                return self.number != other.number or bool(known and self.digest != other.digest)
            case ("approve", "reject") | ("reject", "approve"):
                return self.digest == other.digest
        return False


@dataclass(frozen=True, slots=True)
class Block:
    """What is said of one instance.

    made: its result. others: more results at its address, left by a merge; the one whose key the pipeline
    asks for counts. decisions: what people decided, each once, see `joined`.
    """

    made: Made | None = None
    decisions: tuple[Decision, ...] = ()
    others: tuple[Made, ...] = ()

    @property
    def results(self) -> tuple[Made, ...]:
        """All results at this address."""
        return (self.made, *self.others) if self.made else self.others

    @property
    def decided(self) -> bool:
        """Whether a person decided anything about the instance."""
        return bool(self.decisions)

    @property
    def takes(self) -> int | None:
        """How many takes there are, where the pipeline asks for fewer."""
        return next((d.number for d in self.decisions if d.kind == "takes"), None)

    @property
    def pick(self) -> int | None:
        """The take that counts."""
        return self.picked.number if self.picked else None

    @property
    def picked(self) -> Decision | None:
        """The decision about the take that counts."""
        return next((d for d in self.decisions if d.kind == "pick"), None)

    @property
    def approved(self) -> frozenset[str]:
        """The digests of approved results; any other has to be approved again."""
        return frozenset(d.digest for d in self.decisions if d.kind == "approve")

    @property
    def rejected(self) -> tuple[Decision, ...]:
        """The decisions against results."""
        return tuple(d for d in self.decisions if d.kind == "reject")

    def with_result(self, made: Made) -> Block:
        """The block with `made` as the result that counts, and what else is there for the same request, or
        was rejected: that is paid and kept."""
        kept = {made.key, *(decision.key for decision in self.rejected)}
        others = (other for other in self.results if other.key in kept and not other.is_result_of(made))
        return replace(self, made=made, others=tuple(others))

    def without(self, *gone: Decision) -> Block:
        """The block without some of its decisions."""
        return replace(self, decisions=tuple(d for d in self.decisions if d not in gone))


def joined(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Decisions about one instance, from both sides of a merge: of those that say the same the first, of two
    numbers of takes the larger. Approvals and rejections of different results all hold."""
    found: list[Decision] = []
    for new in decisions:
        takes = next((d for d in found if d.kind == new.kind == "takes"), None)
        same = next((d for d in found if d.kind == new.kind and not d.differs_from(new)), None)
        if takes is not None:
            found[found.index(takes)] = max(takes, new, key=lambda d: d.number)
        elif new.kind == "pick" and same is not None:
            found[found.index(same)] = same if same.digest or not new.digest else new
        elif not any(new.says_as(old) for old in found):
            found.append(new)
    return tuple(sorted(found, key=lambda d: KINDS.index(d.kind)))


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says of a pipeline with certain inputs.

    recipes: `uses` → pin. endpoints: id → digest of its schema when it was last used. instances: address →
    what is said of it; there may be decisions only. elsewhere: results that the file names for other inputs.
    other_recipes: other pins of the same recipes, left by a merge.
    """

    recipes: Mapping[str, Recipe] = field(default_factory=dict)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, Block] = field(default_factory=dict)
    elsewhere: tuple[Made, ...] = field(default=(), compare=False)
    other_recipes: Mapping[str, Recipe] = field(default_factory=dict)

    @property
    def refused(self) -> frozenset[str]:
        """The keys of all requests that are known to be refused."""
        return frozenset(key for made in self.results() for key in made.refused)

    @property
    def declined(self) -> Mapping[str, Decision]:
        """Key of a request whose result a person rejected → that decision."""
        return {d.key: d for block in self.instances.values() for d in block.rejected}

    def results(self) -> Iterator[Made]:
        """Every result that the file names, those at addresses of this pipeline first."""
        for block in self.instances.values():
            yield from block.results
        yield from self.elsewhere

    def named(self) -> dict[str, Made]:
        """Key → the result that counts. Of several results of one request that is the one that a person
        picked, else the first."""
        picked = {d.digest for block in self.instances.values() for d in block.decisions if d.kind == "pick"}
        found: dict[str, Made] = {}
        for made in self.results():
            known = found.setdefault(made.key, made)
            if known is not made and made.digest in picked and known.digest not in picked:
                found[made.key] = made
        return found

    def block(self, address: str) -> Block:
        """The block of an instance; an empty one if there is none."""
        return self.instances.get(address, Block())

    def with_recipe(self, uses: str, recipe: Recipe) -> Lock:
        others = {name: pin for name, pin in self.other_recipes.items() if name != uses}
        return replace(self, recipes={**self.recipes, uses: recipe}, other_recipes=others)

    def with_block(self, address: str, block: Block) -> Lock:
        """A lock with another entry for `address`; an empty entry removes it."""
        kept = {a: b for a, b in self.instances.items() if a != address}
        return replace(self, instances=kept if block == Block() else {**kept, address: block})

    def with_decision(self, address: str, decision: Decision) -> Lock:
        """A lock with `decision` about `address`, in the place of those that it contradicts."""
        old = self.block(address)
        single = decision.kind in ("takes", "pick")
        kept = [
            d
            for d in old.decisions
            if not (d.kind == decision.kind if single else d.differs_from(decision) or d.says_as(decision))
        ]
        if decision.kind == "approve":
            kept = [d for d in kept if d.kind != "approve"]
        return self.with_block(address, replace(old, decisions=joined((*kept, decision))))
