"""Explains an instance: what its key is made of, what changed since the last time, and what depends on it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError, NodeError
from callsheet.nodes.media.inspector import facts_of
from callsheet.nodes.text.chat import USES
from callsheet.nodes.text.llm.request_params import asked, comparable
from callsheet.runtime import keys
from callsheet.runtime.graph.arguments import known_by_now, parameters
from callsheet.runtime.graph.dag import downstream, needs_of
from callsheet.runtime.graph.spelling import spelled
from callsheet.runtime.ledger import Attempt
from callsheet.runtime.plan.expected_outputs import Expected, expected_outputs
from callsheet.runtime.plan.forecast import Forecast, certain
from callsheet.runtime.plan.history import EarlierRuns
from callsheet.runtime.plan.providers import workers_in
from callsheet.runtime.plan.reasons import is_another_model
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.plan.upper_bound import UpperBound
from callsheet.runtime.prepare import Prepared, prepare
from callsheet.runtime.shots import FilmShot, shots_of
from callsheet.runtime.store.output_codec import Outputs
from callsheet.runtime.workspace import Workspace
from callsheet.spec.json_documents import ExplanationJson, PartJson
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.plural import plural
from callsheet.spec.types import NOTHING
from callsheet.spec.values import LocalFile, Ref, SecretName, leaves, refs_in
from callsheet.spec.wording import shown

DIGITS: Final = 12
"""Of a digest, where a person reads it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One parameter. value: as text, "" where it has none. was: its value the last time, None if it is the
    same or if there was no last time. source: the output or file that it comes from."""

    name: str
    value: str
    was: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an instance is made or reused.

    forecast: what a run would do with it. components: of its key, None while it depends on results that are
    not made yet. before: its key the last time, "" for none. reaches: all instances that depend on it,
    directly or not. pending: instances that may be added by lists which depend on it. expected: output →
    what is known of it, as long as it is not made. shots: of a film that was joined from clips and is here.
    told: the outputs without media of a result that is here. where: the machine and process that made it,
    "" for this one.
    """

    forecast: Forecast
    components: Mapping[str, object] | None
    before: str
    parts: tuple[Part, ...]
    reaches: tuple[Forecast, ...]
    pending: tuple[UpperBound, ...] = ()
    expected: Mapping[str, Expected] = field(default_factory=dict)
    shots: tuple[FilmShot, ...] = ()
    told: Mapping[str, object] = field(default_factory=dict)
    where: str = ""

    def to_json(self) -> ExplanationJson:
        """As JSON values."""
        found = self.forecast
        answer: ExplanationJson = {
            "version": 1,
            "address": found.step.address,
            "uses": found.step.uses,
            "provider": found.step.provider,
            "action": found.action,
            "reason": found.reason,
            "key": found.key or None,
            "key_before": self.before or None,
            "components": self.components,
            "parameters": [_part_json(part) for part in self.parts],
            "reaches": [
                {"address": f.step.address, "action": f.action, "usd": f.step.usd} for f in self.reaches
            ],
            "price": found.step.quote.to_json() if found.step.quote and found.step.usd != 0 else None,
            "pending": [bound.to_json() for bound in self.pending],
            "guesses": {name: sorted(one.guesses) for name, one in self.expected.items() if one.guesses},
            "shots": [shot.to_json() for shot in self.shots],
            "told": dict(self.told),
        }
        if self.where:
            answer["where"] = self.where
        return answer


def explain(graph: Graph, address: str, workspace: Workspace, store: str = "") -> Explanation:
    """Explain the instance at `address`. store: the folder or URL of a shared store, whose results count.

    Raises InputError when there is no such instance, PipelineError for a lock file that cannot be read.
    """
    prepared = prepare(graph, workspace, RunOptions(store=store), fetch=False)
    seen, graph = prepared.plan, prepared.graph
    address = spelled(graph, address)
    address = next((a for a, i in graph.instances.items() if i.base == address and i.take.picked), address)
    if address not in graph.instances:
        raise _unknown(graph, address)
    forecasts = {f.step.address: f for f in seen.forecasts}
    instance = graph.instances[address].as_alternative(forecasts[address].alternative)
    maker = workers_in(prepared.providers).get(instance.spec.provider)
    defaults = maker is not None
    results = certain(graph, seen.forecasts)
    known, unknown = known_by_now(instance, results, prepared.files, defaults)
    params = None if unknown else _known_parameters(instance, prepared, results, defaults)
    earlier = EarlierRuns(workspace.cache(), workspace.ledger_reader(), film=graph.name)
    newest = earlier.newest(address) if maker is None else None
    recipe = earlier.recipe(address) if maker is not None else None
    made = workspace.lock_file(graph.path, graph.section.name).lock.block(address).made
    below = downstream(needs_of(graph), address)
    return Explanation(
        forecast=forecasts[address],
        components=None if params is None else keys.components(instance, maker, params),
        before=newest.key if newest else keys.key(recipe) if recipe else made.key if made else "",
        parts=tuple(_parts(instance, params or known, unknown, _was(instance.spec, newest, recipe))),
        reaches=tuple(found for a, found in forecasts.items() if a in below),
        pending=tuple(p for p in seen.pending if not below.union((address,)).isdisjoint(p.after)),
        expected=expected_outputs(graph, seen.forecasts, facts_of).get(address, {}),
        shots=tuple(shots_of(graph, results, address)),
        told=_told(forecasts[address].outputs or {}),
        where=workspace.cache().place(forecasts[address].key),
    )


def _told(outputs: Outputs) -> dict[str, object]:
    """The outputs in which no media are."""
    return {name: value for name, value in outputs.items() if not any(leaves(value, Artifact))}


def _known_parameters(
    instance: Instance, prepared: Prepared, results: Mapping[str, Outputs], with_defaults: bool
) -> Mapping[str, object] | None:
    """The parameters of an instance; None while something that it needs is not made."""
    try:
        return parameters(instance, results, prepared.files, with_defaults)
    except (NodeError, KeyError):
        return None


def _was(spec: NodeSpec, bought: Attempt | None, made: Mapping[str, Any] | None) -> dict[str, str] | None:
    """The parameters of the last time, as texts; None when there was no last time."""
    if bought is not None:
        return dict(_before(bought, spec))
    return None if made is None else {name: _tagged(value) for name, value in keys.parameters(made).items()}


def _tagged(value: object) -> str:
    found = list(keys.identities(value))
    return _digests(found) if found else _value(keys.plain(value))


def _parts(
    instance: Instance,
    params: Mapping[str, object],
    unknown: Collection[str],
    was: Mapping[str, str] | None,
) -> Iterator[Part]:
    """Every parameter of now and of the last time, those of now first."""
    if instance.spec.uses == USES:
        params = comparable(instance.spec, params)
    given = [name for name in instance.params if name in params or name in unknown]
    for name in dict.fromkeys((*given, *params, *(was or ()))):
        tree = instance.params.get(name, NOTHING)
        value = _later(tree) if name in unknown else _value(params.get(name, NOTHING))
        old = None if was is None else was.get(name, "")
        yield Part(name, value, None if old == value or name in unknown else old, _source(tree))


def _before(attempt: Attempt, spec: NodeSpec) -> Iterator[tuple[str, str]]:
    body = json.loads(attempt.body)
    if attempt.nonce:
        body.pop("seed", None)
    if spec.uses == USES and not is_another_model(attempt, spec):
        body = asked(body)
    media: dict[str, list[str]] = {}
    for place, digest in attempt.inputs.items():
        media.setdefault(place.split(".")[0].split("[")[0], []).append(digest)
    for name, value in body.items():
        yield name, _digests(media[name]) if name in media else _value(value)


def _value(value: object) -> str:
    found = [artifact.identity for artifact in leaves(value, Artifact)]
    match value:
        case _ if value is NOTHING:
            return ""
        case SecretName(variable):
            return f"the secret {variable}"
        case _ if found:
            return _digests(found)
    return shown(value)


def _digests(found: list[str]) -> str:
    return ", ".join(digest[:DIGITS] for digest in found)


def _later(tree: object) -> str:
    """The text of a parameter whose value is not known yet."""
    if any(refs_in(tree)):
        return "known once its source is made"
    return str(tree.path) if isinstance(tree, LocalFile) else _value(tree)


def _source(tree: object) -> str:
    """The outputs and files that a value comes from."""
    files = (str(file.path) for file in leaves(tree, LocalFile))
    return ", ".join(dict.fromkeys((*map(_reference, refs_in(tree)), *files)))


def _reference(ref: Ref) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in ref.path)
    return f"{ref.address}{steps}"


def _part_json(part: Part) -> PartJson:
    found: PartJson = {"name": part.name, "value": part.value}
    if part.was is not None:
        found["was"] = part.was
    if part.source:
        found["from"] = part.source
    return found


def _unknown(graph: Graph, address: str) -> InputError:
    from callsheet.spec.suggest import suggest

    if address in graph.skipped:
        return InputError(f"{address} is not made: its when is false")
    several = [a for a, i in graph.instances.items() if i.node == address]
    if several:
        return InputError(
            f"{address} has {plural(len(several), 'instance')}", f"name one of them: {several[0]}"
        )
    return InputError(
        f"there is no instance {address} in this pipeline", suggest(address, graph.instances, "instances")
    )
