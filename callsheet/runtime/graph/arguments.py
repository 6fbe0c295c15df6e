"""Evaluates the parameters of an instance, once everything that it needs is made."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock

from callsheet.dsl.expression.values import EvaluationError, NotYet, part_of
from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact, Facts, Inspector
from callsheet.spec.types import NOTHING, MediaKind, Nothing
from callsheet.spec.values import Deferred, LocalFile, Ref, addresses_in, map_leaves, place_name

Results = Mapping[str, "Mapping[str, object] | Nothing"]
"""Address → output name → value, of the instances made so far; NOTHING for one that may be missing."""


class LocalFiles:
    """The user's own media files, each read and hashed once in a run."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._known: dict[LocalFile, Artifact] = {}
        self._lock = Lock()

    @property
    def paths(self) -> list[Path]:
        """The files that were read."""
        return [file.path for file in self._known]

    def knows(self, file: LocalFile) -> bool:
        """Whether `file` was read already."""
        return file in self._known

    def artifact(self, file: LocalFile) -> Artifact:
        """The media value of `file`. Raises NodeError (*local*) if it is missing or of another kind."""
        with self._lock:
            if file not in self._known:
                self._known[file] = self._read(file.kind, file.path)
            return self._known[file]

    def _read(self, kind: MediaKind, path: Path) -> Artifact:
        try:
            digest = disk.digest(path)
        except OSError as error:
            raise NodeError(f"{path} cannot be read: {error.strerror}", "local", "check the file") from error
        if kind == "file":
            return Artifact(kind, path, digest, Facts())
        if self._inspector.identify(path) != kind:
            raise NodeError(f"{path} is not the {kind} it should be", "local", f"give a readable {kind} file")
        return Artifact(kind, path, digest, self._inspector.probe(path))


def without_lost(instance: Instance, results: Results) -> Results:
    """The results, with NOTHING for those that `instance` goes on without (`missing: skip`)."""
    lost = [need for need in instance.tolerates if need not in results]
    if not lost or instance.options.missing != "skip":
        return results
    nothing: dict[str, Mapping[str, object] | Nothing] = dict.fromkeys(lost, NOTHING)
    return ChainMap(nothing, results)  # type: ignore[arg-type]  # nothing is written into it


def parameters(
    instance: Instance, results: Results, files: LocalFiles, with_defaults: bool = True
) -> dict[str, object]:
    """Every parameter of `instance` that has a value, media as `Artifact`, defaults filled in if asked for.

    Raises NodeError when a value it needs did not come.
    """
    values: dict[str, object] = {}
    for name, field in instance.spec.inputs.items():
        value = value_of(instance.params.get(name, NOTHING), results, files)
        value = field.default if value is NOTHING and with_defaults else value
        if value == [] and instance.tolerates and instance.params.get(name) != []:
            raise NodeError(
                f"nothing is left for its parameter {name}", "failed", "see what failed before it"
            )
        if value is not NOTHING:
            values[name] = value
        elif field.required:
            raise NodeError(
                f"nothing came for its parameter {name}", "failed", "guard it with when: or default()"
            )
    extra = {n: v for n, v in instance.params.items() if n not in instance.spec.inputs}
    return {**values, **_present({n: value_of(v, results, files) for n, v in extra.items()})}


def known_by_now(
    instance: Instance, results: Results, files: LocalFiles, with_defaults: bool = True
) -> tuple[dict[str, object], set[str]]:
    """The parameters of `instance` that need nothing which is still to be made, and the names of the rest."""
    values: dict[str, object] = {}
    unknown: set[str] = set()
    for name, tree in instance.params.items():
        try:
            known = all(address in results for address in addresses_in(tree))
            value = value_of(tree, results, files) if known else NOTHING
        except NodeError:
            known, value = False, NOTHING
        if not known:
            unknown.add(name)
        elif value is not NOTHING:
            values[name] = value
    if with_defaults:
        inputs = instance.spec.inputs
        defaults = {name: inputs[name].default for name in inputs.keys() - unknown}
        values = {**_present(defaults), **values}
    return values, unknown


def value_of(tree: object, results: Results, files: LocalFiles) -> object:
    """The value of a tree of `Instance.params` or `Graph.outputs`; NOTHING for what is absent.

    Raises NodeError when a reference leads nowhere.
    """

    def value(leaf: object) -> object:
        match leaf:
            case None | str() | int() | float():
                return leaf
            case Ref():
                return look_up(leaf, results)
            case Deferred(refs, compute, gathered):
                if any(results[r.address] is NOTHING for r in refs if r.address not in gathered):
                    return NOTHING
                try:
                    found = compute(lambda ref: _look_up_if_there(ref, results))
                except NotYet:
                    raise _known_later(refs) from None
                return map_leaves(found, lambda part: _read_by(files, part))
            case LocalFile():
                return files.artifact(leaf)
        return leaf

    return map_leaves(tree, value)


def _read_by(files: LocalFiles, leaf: object) -> object:
    return files.artifact(leaf) if isinstance(leaf, LocalFile) else leaf


def _present(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not NOTHING}


class _NoSuchPart(NodeError):
    """A value that came does not have the part that is asked for."""


def look_up(ref: Ref, results: Results) -> object:
    """The value that `ref` leads to. NOTHING for an output or a field that was not made this time.

    Parts are found as in an expression, so that what was checked is there. Raises NodeError for an element
    that a list does not have.
    """
    value: object = results[ref.address]
    for depth, step in enumerate(ref.path):
        if value is NOTHING or (isinstance(value, Mapping) and step not in value):
            return NOTHING
        place = ref.address, *ref.path[: depth + 1]
        try:
            value = part_of(value, step)
        except EvaluationError as error:
            if isinstance(step, str) and isinstance(value, list) and _are_objects(value):
                value = []  # an optional field that no element came with
                continue
            why = error.problem.message
            raise _NoSuchPart(f"{place_name(place)} is not there: {why}", "failed") from None
        except NotYet:
            raise _known_later((ref,)) from None
    return value


def _are_objects(value: object) -> bool:
    return all(map(_are_objects, value)) if isinstance(value, list) else isinstance(value, Mapping)


def _known_later(refs: Sequence[Ref]) -> NodeError:
    """The reason why a value has to wait: it is a fact of files that are not made yet."""
    return NodeError(f"known once {', '.join(dict.fromkeys(r.address for r in refs))} is made", "local")


def _look_up_if_there(ref: Ref, results: Results) -> object:
    """As `look_up`, in an expression: what is not there is absent, which `default` can replace."""
    try:
        return look_up(ref, results)
    except _NoSuchPart:
        return NOTHING
