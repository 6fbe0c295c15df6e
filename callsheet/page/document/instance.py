"""An instance as a page shows it: its parameters, what people decided, and the call that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an instance. value: as text, "" while it is not known. sources: indices of the instances
    that it comes from. media: ids of the user's own files in it."""

    name: str
    value: str = ""
    sources: tuple[int, ...] = ()
    media: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As JSON values."""
        return kept(name=self.name, value=self.value, sources=self.sources, media=self.media)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided: takes, pick, approve or reject. by, at, note: who, when (ISO 8601), why."""

    kind: str
    number: int = 0
    by: str = ""
    at: str = ""
    note: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return kept(kind=self.kind, number=self.number or None, by=self.by, at=self.at, note=self.note)


@dataclass(frozen=True, slots=True)
class Bought:
    """The call that a result came from. run: name. at: when the result was there. usd: None where nobody
    knows. request: the provider's number of it."""

    run: str
    at: float
    usd: float | None
    request: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return kept(run=self.run, at=round(self.at, 3), usd=self.usd, request=self.request)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance, one take of it.

    shot: what its row is called. action, reason, usd: what a run would do with it now, why, and for how much,
    as in `callsheet plan`. most: USD if every attempt is paid. needs: indices of what it is made from.
    prompt: the name of the parameter that says what is seen or said, "" for none. files: output → media
    ids. texts: outputs without media. key: the beginning of its key. gate: it waits for an approval. spare:
    only an alternative of another instance needs it.
    """

    address: str
    node: str
    uses: str
    provider: str
    shot: str = ""
    take: int = 1
    takes: int = 1
    picked: bool = True
    action: str = ""
    reason: str = ""
    usd: float | None = 0.0
    most: float | None = None
    needs: tuple[int, ...] = ()
    prompt: str = ""
    seed: int | None = None
    parameters: tuple[Parameter, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[Decided, ...] = ()
    bought: Bought | None = None
    key: str = ""
    gate: bool = False
    spare: bool = False

    def to_json(self) -> Json:
        """As JSON values. usd is null where no price is known."""
        found = kept(
            address=self.address,
            node=self.node,
            uses=self.uses,
            provider=self.provider,
            shot=self.shot,
            take=self.take if self.takes > 1 else None,
            takes=self.takes if self.takes > 1 else None,
            picked=None if self.picked else False,
            action=self.action,
            reason=self.reason,
            most=self.most,
            needs=self.needs,
            prompt=self.prompt,
            seed=self.seed,
            parameters=[part.to_json() for part in self.parameters],
            files={name: list(ids) for name, ids in self.files.items()},
            texts=dict(self.texts),
            decisions=[one.to_json() for one in self.decisions],
            bought=self.bought.to_json() if self.bought else None,
            key=self.key,
            gate=self.gate or None,
            spare=self.spare or None,
        )
        return {**found, "usd": self.usd}
