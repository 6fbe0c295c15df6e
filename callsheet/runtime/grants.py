"""What a pipeline needs a person's word for, and what was granted before.

A pipeline may come from somebody else. It may send the value of an environment variable, or ask an endpoint
that only its own `models/` describes, when the person who pays has said so. Grants are kept in the user's
configuration, by the real path of the project, so that no clone brings them along.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from callsheet import errors
from callsheet.dsl.graph import Instance
from callsheet.dsl.resolve.recipe import RecipeSpec
from callsheet.errors import InputError, NodeError
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.store import atomic as disk
from callsheet.spec import shell
from callsheet.spec.configuration import GRANTS, configuration
from callsheet.spec.disk_errors import explained
from callsheet.spec.node import NodeSpec
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.price.price import Price
from callsheet.spec.regular_file import read_regular
from callsheet.spec.values import SecretName, leaves

Kind = Literal["secret", "endpoint", "price"]
VERSION: Final = 1
LARGEST: Final = 16 * 1024 * 1024
MAKES_NOTHING: Final = ("reuse", "skipped")
"""Actions."""


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """Something to be granted. name: of the variable or the endpoint, or the price as a formula. uses: the
    endpoint that gets it. Without its grant nothing is bought; only a price counts as what is known then."""

    kind: Kind
    name: str
    uses: str
    provider: str

    def __str__(self) -> str:
        if self.kind == "secret":
            return f"the environment variable {self.name} is sent to {self.uses} ({self.provider})"
        if self.kind == "price":
            return f"models/prices.yaml says {self.name} for {self.uses}, which is less than is known"
        return f"{self.uses} is described by this project alone; its owner gets the request ({self.provider})"

    @property
    def subject(self) -> str:
        """What the option names that grants it for one command."""
        return self.uses if self.kind == "price" else self.name

    @property
    def option(self) -> str:
        """What grants it for one command."""
        if self.kind == "price":
            return shell.command(["--own-price", self.uses])
        return shell.command(["--secret", self.name] if self.kind == "secret" else ["--allow", self.uses])


def needs_of(plan: Plan) -> tuple[Need, ...]:
    """What the instances that would be bought, or would give a secret to a plug-in, need a person's word for,
    sorted."""
    graph = plan.graph
    made = [f for f in plan.forecasts if f.action not in MAKES_NOTHING]
    every = [(graph.instances[f.step.address], _is_bought(f, plan)) for f in made]
    bought = [instance for instance, buys in every if buys or _tells_a_plug_in(instance)]
    to_come = [unknown.sample for unknown in graph.dynamic.unknown()] if graph.dynamic else []
    found = {need for instance in (*bought, *to_come) for need in _needs_of_one(instance)}
    return tuple(sorted(found.union(_prices(plan))))


def _prices(plan: Plan) -> Iterator[Need]:
    """Prices of the project that are less than what is known of the calls that would be bought."""
    for found in plan.forecasts:
        spec = plan.graph.instances[found.step.address].spec
        if found.step.quote and found.step.quote.lower and spec.own_price and _is_bought(found, plan):
            yield Need("price", spec.own_price.formula, spec.uses, spec.provider)


def _needs_of_one(instance: Instance) -> Iterator[Need]:
    """What an instance needs, however it is made. Of a recipe whose inside is not known yet, what any of its
    nodes may need."""
    if isinstance(instance.spec, RecipeSpec):
        for spec, named in instance.spec.recipe.requests():
            yield from _needs(spec, (*named, *_variables(instance)))
        return
    for way in _ways(instance):
        yield from _needs(way.spec, _variables(way))


def _is_bought(found: Forecast, plan: Plan) -> bool:
    asked = {found.step.provider, *found.step.others}
    return found.action not in MAKES_NOTHING and not asked <= set(plan.workers)


def tells_plug_ins(plan: Plan) -> bool:
    """Whether a plug-in of this machine would be given a secret that the pipeline names."""
    return any(map(_tells_a_plug_in, asked(plan)))


def _tells_a_plug_in(instance: Instance) -> bool:
    return any(way.spec.perform is not None and any(_variables(way)) for way in _ways(instance))


def asked(plan: Plan) -> tuple[Instance, ...]:
    """The instances that a run makes, as far as they are known, with a sample of those to come."""
    graph = plan.graph
    made = (graph.instances[f.step.address] for f in plan.forecasts if f.action not in MAKES_NOTHING)
    return (*made, *((unknown.sample for unknown in graph.dynamic.unknown()) if graph.dynamic else ()))


def _ways(instance: Instance) -> Iterator[Instance]:
    """The instance as each of its alternatives makes it."""
    return (instance.as_alternative(number) for number in range(len(instance.alternatives) + 1))


def _variables(instance: Instance) -> Iterator[str]:
    return (secret.variable for secret in leaves(instance.params, SecretName))


def _needs(spec: NodeSpec, variables: Iterable[str]) -> Iterator[Need]:
    for variable in variables:
        yield Need("secret", variable, spec.uses, spec.provider)
    if spec.unknown_owner:
        yield Need("endpoint", spec.uses, spec.uses, spec.provider)


@dataclass(frozen=True, slots=True)
class Granted:
    """What is granted. for_now: kind and subject, for this command. kept: entries of the configuration."""

    for_now: frozenset[tuple[str, str]]
    kept: frozenset[str]

    def __contains__(self, need: Need) -> bool:
        return (need.kind, need.subject) in self.for_now or _entry(need) in self.kept

    def require(self, instance: Instance) -> None:
        """Raises NodeError where an instance needs more: one that came with a list during the run, in which
        nobody could see it before."""
        lacking = [need for need in _needs(instance.spec, _variables(instance)) if need not in self]
        if lacking:
            raise NodeError(*_refused(lacking))


class Grants:
    """The grants of the project in the folder `root`, in the file `path`."""

    def __init__(self, root: Path, path: Path | None = None) -> None:
        self.project = str(root.resolve())
        folder = configuration()
        self.path = path or (folder / GRANTS if folder else None)

    def missing(self, needs: Iterable[Need]) -> tuple[Need, ...]:
        """Those of `needs` that neither this command nor an earlier answer grants. Raises InputError."""
        granted = self.granted()
        return tuple(need for need in needs if need not in granted)

    def granted(self) -> Granted:
        """What is granted now, by this command and by earlier answers. Raises InputError."""
        allowed = PERMISSIONS.get()
        for_now = {
            *(("secret", name) for name in allowed.secrets),
            *(("endpoint", name) for name in allowed.endpoints),
            *(("price", uses) for uses in allowed.prices),
        }
        return Granted(frozenset(for_now), frozenset(self._kept()))

    def remember(self, needs: Iterable[Need]) -> None:
        """Keep what a person granted. Raises InputError, StoreError."""
        self.keep(map(_entry, needs))

    def knows(self, entry: str) -> bool:
        """Whether an entry was kept. Raises InputError."""
        return entry in self._kept()

    def keep(self, entries: Iterable[str]) -> None:
        """Add entries. Raises InputError, StoreError."""
        if self.path is None:
            raise InputError(
                "the home folder of this user is not known, so no grant can be kept",
                "set CALLSHEET_CONFIG to a folder of this user",
            )
        document = self._document()
        kept = sorted({*self._kept(), *entries})
        document["projects"][self.project] = kept
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise explained(error, self.path) from error
        disk.replace(self.path, [text.encode()], mode=0o600)

    def _kept(self) -> set[str]:
        found = self._document()["projects"].get(self.project, [])
        return {entry for entry in found if isinstance(entry, str)} if isinstance(found, list) else set()

    def _document(self) -> dict[str, Any]:
        nothing: dict[str, Any] = {"version": VERSION, "projects": {}}
        if self.path is None:
            return nothing
        try:
            found = json.loads(read_regular(self.path, LARGEST))
        except (FileNotFoundError, NotADirectoryError):
            return nothing
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise InputError(f"cannot read {self.path}: {why}", "repair it, or delete it") from None
        if not isinstance(found, dict) or found.get("version") != VERSION:
            message = f"{self.path} is of another version of callsheet"
            raise InputError(message, "use that version, or delete it")
        if not isinstance(found.get("projects"), dict):
            raise InputError(f"{self.path} lists no projects", "repair it, or delete it")
        return found


def require_grants(plan: Plan, root: Path) -> Granted:
    """What is granted. Raises InputError that names what a plan lacks, before anything is sent."""
    granted = Grants(root).granted()
    if lacking := [need for need in needs_of(plan) if need.kind != "price" and need not in granted]:
        message, _, step = _refused(lacking)
        raise InputError(message, step)
    return granted


def _refused(lacking: Iterable[Need]) -> tuple[str, errors.Kind, str]:
    """The message that something is not granted, its kind, and the next step."""
    options = " ".join(dict.fromkeys(need.option for need in lacking))
    said = "; ".join(map(str, lacking))
    return f"nobody has granted that {said}", "local", f"if that is meant: callsheet run … {options}"


def is_granted(root: Path, uses: str, price: Price) -> bool:
    """Whether an earlier answer lets a price of the project's own count though it is less than is known.
    Raises InputError."""
    return Grants(root).knows(_entry(Need("price", price.formula, uses, "")))


def _entry(need: Need) -> str:
    """A grant as it is kept: who gets what."""
    return f"{need.kind} {need.name} {need.uses}"
