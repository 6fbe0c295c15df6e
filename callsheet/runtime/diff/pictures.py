"""Draws what changes: for each shot that differs a strip of its frames before and after.

Frames are those of results that are on this machine. For what is not made, or not here, the scene is drawn
that its words describe, as in a preview.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import CallsheetError, InputError, NodeError
from callsheet.runtime.diff.changes import Change, Changes, Pictured
from callsheet.runtime.diff.side import Side
from callsheet.runtime.diff.states import State
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.project_state import project_state
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.roles import infer_roles
from callsheet.spec.types import media_in
from callsheet.spec.values import leaves, refs_in

MOST: Final = 60
"""Strips of a film at most."""
DEEPEST: Final = 6
USUAL: Final = Facts(width=16, height=9)
ACTING: Final = ("first_frame", "source")
WORDS: Final = {"before": ("added",), "after": ("removed",)}

if TYPE_CHECKING:
    from PIL.Image import Image

Results = Mapping[str, Mapping[str, object]]
Known = tuple[Side, Results]
"""One side, and the results of it that are here."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Strips in `folder`. state: the folder with what earlier runs left, an absolute path."""

    folder: Path
    state: Path

    @classmethod
    def at(cls, folder: Path, state: Path) -> Gallery:
        """Create the folder. Raises InputError where that is not possible."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be a folder: {error.strerror}", "name another one") from error
        return cls(folder.resolve(), state.absolute())

    def drawn(
        self, changes: Changes, old: Side, new: Side, states: tuple[State | None, State | None] = (None, None)
    ) -> Changes:
        """`changes` with a strip for each changed shot. states: where the files of both sides are."""
        shots = [change for change in changes.instances if _is_shot(change, old, new)][:MOST]
        if not shots:
            return changes
        before, after = (self._results(side, at) for side, at in zip((old, new), states, strict=True))
        sides = (old, before), (new, after)
        pictured = (self._strip(number, changes, one, *sides) for number, one in enumerate(shots, 1))
        return replace(changes, pictures=tuple(pictured))

    def _results(self, side: Side, at: State | None) -> Results:
        """The results of a side that are on this machine; none where they cannot be looked up."""
        if side.graph is None:
            return {}
        with ExitStack() as stack:
            if at is not None:
                stack.enter_context(at.entered())
            workspace = stack.enter_context(Workspace(state=self.state))
            try:
                return project_state(side.graph, workspace).outputs
            except CallsheetError:
                return {}

    def _strip(self, number: int, changes: Changes, change: Change, old: Known, new: Known) -> Pictured:
        from callsheet.nodes.preview.drawing.strip import write_strip

        rows = []
        seconds: list[float | None] = []
        for label, (side, results), address in (
            ("before", old, change.before or change.address),
            ("after", new, change.address),
        ):
            instance = None if change.what in WORDS[label] else _instance(side, address)
            facts = _facts(side, address)
            seconds.append(facts.seconds if instance else None)
            if instance is not None and side.graph is not None:
                rows.append((label, _frames(side.graph, instance, results, facts)))
        plain = re.sub(r"[^\w]+", "-", change.address, flags=re.ASCII).strip("-")
        name = file_name(f"{changes.pipeline}-{number:02}-{plain}") + ".png"
        write_strip(rows, self.folder / name)
        return Pictured(change.address, name, seconds[0], seconds[1])


def _is_shot(change: Change, old: Side, new: Side) -> bool:
    """Whether a change is of a picture or video that a model makes."""
    instance = _instance(new, change.address) or _instance(old, change.before or change.address)
    if instance is None or change.what == "renamed" or instance.spec.provider == "local":
        return False
    kinds = {media.kind for t in instance.spec.outputs.values() for media in media_in(t)}
    return bool(kinds & {"image", "video"})


def _instance(side: Side, address: str) -> Instance | None:
    return side.graph.instances.get(address) if side.graph else None


def _facts(side: Side, address: str) -> Facts:
    step = side.steps.get(address)
    found = (facts for facts in step.facts.values() if facts.width and facts.height) if step else iter(())
    return next(found, USUAL)


def _frames(graph: Graph, instance: Instance, results: Results, facts: Facts) -> list[Image]:
    """Frames of the result, or a drawing of the words where there is none to be read."""
    from callsheet.nodes.preview.drawing.strip import card, frames_of

    made = leaves(results.get(instance.address, {}), Artifact)
    shown = next((one for one in made if one.kind in ("image", "video") and one.path.is_file()), None)
    if shown is not None:
        try:
            return [*frames_of(shown)]
        except NodeError:
            pass
    return [*card(words_told(graph, instance), (facts.width or 16, facts.height or 9))]


def words_told(graph: Graph, instance: Instance, depth: int = DEEPEST) -> str:
    """The action of an instance as far as it is written down: that of the picture that it begins with, then
    what its own prompt adds."""
    from callsheet.nodes.preview.brief import words_of
    from callsheet.nodes.preview.story import told

    before = next((words_told(graph, one, depth - 1) for one in _acting(graph, instance) if depth), "")
    return told(before, words_of(instance.params))


def _acting(graph: Graph, instance: Instance) -> Iterator[Instance]:
    """The instances whose pictures it begins with."""
    spec = instance.spec
    roles = {**infer_roles(spec.inputs, spec.task), **spec.roles}
    for name, value in instance.params.items():
        if roles.get(name) in ACTING:
            for ref in refs_in(value):
                if ref.address in graph.instances:
                    yield graph.instances[ref.address]
