"""The film as the review page sees it: what plays, its takes, what was decided, and what the rest costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import CallsheetError
from callsheet.runtime import keys
from callsheet.runtime.check import load
from callsheet.runtime.graph.arguments import value_of
from callsheet.runtime.lock.named_results import reason_of
from callsheet.runtime.plan import estimate
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.recorded_durations import durations
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import Prepared, prepare
from callsheet.runtime.project_state import project_state
from callsheet.runtime.shots import shots_of
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.money import span
from callsheet.spec.roles import TEXTS
from callsheet.spec.values import leaves

Outputs = Mapping[str, object]
Results = Mapping[str, Outputs]
VERSION: Final = 1
"""Of the document that the page reads."""


@dataclass(frozen=True, slots=True)
class Film:
    """A pipeline as a person opened it. sets and inputs: as in `check`. store: the shared store. out: the
    folder of the results."""

    file: Path
    sets: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[Path, ...] = ()
    store: str = ""
    out: Path = Path("out")

    def load(self, picks: bool = True) -> Graph:
        """The pipeline as its file is now. Raises PipelineError."""
        return load(self.file, self.sets, self.inputs, picks=picks)

    def open(self) -> Workspace:
        """Its project, opened anew."""
        return Workspace.of(self.file)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page is given. document: JSON values. media: digest → each file that it names."""

    document: dict[str, Any]
    media: Mapping[str, Path]


def shown(film: Film) -> Shown:
    """The state of the film, from its file, its lock file, and what was made.

    Raises PipelineError for a file or a lock file that cannot be read, InputError, StoreError.
    """
    with film.open() as workspace:
        graph = film.load()
        options = RunOptions(store=film.store, out=film.out)
        prepared = prepare(graph, workspace, options, fetch=False)
        previews = _previews(prepared.graph, workspace)
        return _Reader(prepared, workspace, previews).shown()


def _previews(graph: Graph, workspace: Workspace) -> Results:
    """What the last preview made of the film as it is. A preview is never needed: nothing is said of one that
    cannot be read."""
    if not workspace.folder(preview=True).is_dir():
        return {}
    try:
        return project_state(graph, workspace, preview=True).outputs
    except CallsheetError:
        return {}


class _Reader:
    """previews: address → what the last preview made there. media: digest → a file that was named."""

    def __init__(self, prepared: Prepared, workspace: Workspace, previews: Results) -> None:
        self.prepared, self.workspace, self.previews = prepared, workspace, previews
        self.graph, self.lock = prepared.graph, prepared.lock
        self.found: Mapping[str, Forecast] = {f.step.address: f for f in prepared.plan.forecasts}
        self.made = {a: f.outputs for a, f in self.found.items() if f.outputs is not None}
        self.declined = self.lock.declined
        self.media: dict[str, Path] = {}

    def shown(self) -> Shown:
        document = {
            "version": VERSION,
            "name": self.graph.name,
            "file": str(self.graph.path),
            "description": self.graph.description,
            "plan": self._plan(),
            "reels": list(self._reels()),
            "shots": [self._instance(takes) for takes in self._takes()],
        }
        return Shown(document, self.media)

    def _plan(self) -> dict[str, Any]:
        plan = self.prepared.plan
        cost = plan.cost
        counts = {action: number for action, number in plan.counts.items() if action != "skipped"}
        time = estimate.time(plan.forecasts, durations(self.workspace))
        return {"price": price_of(cost), "counts": counts, "seconds": round(time.seconds, 1)}

    def _reels(self) -> Iterator[dict[str, Any]]:
        """What plays as a whole: each output that is a video, as it is made, else as its preview."""
        for name, tree in self.graph.outputs.items():
            for preview, results in ((False, self.made), (True, self.previews)):
                for artifact in _known(tree, results, self.prepared):
                    if artifact.kind == "video":
                        shots = self._shots(artifact, results)
                        yield {"name": name, "preview": preview, "shots": shots, **self._medium(artifact)}

    def _shots(self, film: Artifact, results: Results) -> list[dict[str, Any]]:
        """Where each shot is in a film that was joined."""
        maker = next((a for a, made in results.items() if film in leaves(made, Artifact)), "")
        return [
            {**shot.to_json(), "digest": shot.shot.source} for shot in shots_of(self.graph, results, maker)
        ]

    def _takes(self) -> Iterable[list[Instance]]:
        """The takes of each instance, in the order of the file."""
        found: dict[str, list[Instance]] = {}
        for instance in self.graph.instances.values():
            found.setdefault(instance.base, []).append(instance)
        return found.values()

    def _instance(self, takes: list[Instance]) -> dict[str, Any]:
        picked = next((take for take in takes if take.take.picked), takes[0])
        name, text = prompt_of(picked)
        found = self.found.get(picked.address)
        return {
            "address": picked.base,
            "node": picked.node,
            "uses": picked.spec.uses,
            "local": picked.spec.provider == "local",
            "needs": list(picked.needs),
            "action": found.action if found else "skipped",
            "reason": found.reason if found else "",
            "gate": self._gate(picked),
            "parameter": name,
            "prompt": text,
            "takes": [self._take(take) for take in takes],
        }

    def _gate(self, instance: Instance) -> str:
        """ "" where nobody has to approve, else "open", "closed" or "changed"."""
        if not instance.is_gate:
            return ""
        return self.prepared.gates.at(instance, self.made.get(instance.address)) or "open"

    def _take(self, take: Instance) -> dict[str, Any]:
        found = self.found.get(take.address)
        key = found.key if found else ""
        seed, outputs = take.params.get("seed"), self.made.get(take.address)
        return {
            "number": take.take.number,
            "address": take.address,
            "seed": seed if isinstance(seed, int) else None,
            "picked": take.take.picked,
            "made": outputs is not None,
            "usd": found.usd if found else None,
            "each": found.step.usd if found else None,
            "digest": keys.result(outputs) if outputs is not None else "",
            "rejected": reason_of(self.declined[key]) if key in self.declined else "",
            "media": [self._medium(a) for a in leaves(outputs or {}, Artifact)],
            "preview": [self._medium(a) for a in leaves(self.previews.get(take.address, {}), Artifact)],
        }

    def _medium(self, artifact: Artifact) -> dict[str, Any]:
        facts = artifact.facts
        self.media[artifact.digest] = artifact.path
        return {
            "digest": artifact.digest,
            "kind": artifact.kind,
            "type": artifact.content_type,
            "seconds": facts.seconds,
            "fps": facts.fps,
            "width": facts.width,
            "height": facts.height,
        }


def _known(tree: object, results: Results, prepared: Prepared) -> Iterator[Artifact]:
    """The media of an output, as far as it is made."""
    try:
        yield from leaves(value_of(tree, results, prepared.files), Artifact)
    except (CallsheetError, KeyError):
        return


def price_of(cost: estimate.Cost) -> dict[str, Any]:
    """What a run costs, in USD, and in words. unpriced: calls without a known price."""
    text = span(cost.low, cost.high)
    if cost.unpriced:
        text += f" and {cost.unpriced} without a known price"
    return {"usd": round(cost.high, 6), "least": round(cost.low, 6), "unpriced": cost.unpriced, "text": text}


def prompt_of(instance: Instance) -> tuple[str, str]:
    """The parameter that says what an instance shows, and its text; "" where it has none."""
    for name in ("prompt", *TEXTS):
        if isinstance(value := instance.params.get(name), str):
            return name, value
    return "", ""
