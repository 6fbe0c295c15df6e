"""What a run has made so far, and from what. All notes are written from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Final

from callsheet._version import __version__
from callsheet.dsl.graph import Graph, Instance
from callsheet.runtime.graph.arguments import LocalFiles, Results, parameters
from callsheet.runtime.output.provenance.record import (
    FromFile,
    FromInstance,
    Making,
    Path,
    Provenance,
    sources,
)
from callsheet.spec.media import Artifact
from callsheet.spec.price.quote import quote
from callsheet.spec.values import leaves, map_leaves, placed_leaves

MOST_BEFORE: Final = 5_000
"""Earlier instances in a note at most; more would not fit."""

Outputs = Mapping[str, object]
Origin = tuple[str, Path]
"""The address of an instance, and a place in its outputs."""


def _unknown(_: str) -> None:
    return None


class History:
    """The results of the instances of `graph`; `files` are the user's. Only one thread at a time may use
    it."""

    def __init__(
        self, graph: Graph, files: LocalFiles, preview: bool, drawn: Callable[[str], int | None] = _unknown
    ) -> None:
        """drawn: gives the seed that was drawn for the call with a key, or None."""
        self.graph = graph
        self.preview = preview
        self.keys: dict[str, str] = {}
        self._drawn = drawn
        self._files = files
        self._root = project_of(graph)
        self._outputs: dict[str, Outputs] = {}
        self._results: dict[str, Results] = {}
        self._origins: dict[str, list[Origin]] = {}
        self._known: dict[str, Making] = {}
        self._instances: dict[str, Instance] = {}

    def made(
        self, instance: Instance, outputs: Outputs, key: str, results: Results
    ) -> list[tuple[Path, Artifact]]:
        """Record the result of an instance, its key and its inputs. Returns its media, each with its place.

        Instances must be recorded after those that they need.
        """
        address = instance.address
        self._instances[address] = instance
        self.keys[address] = key
        self._outputs[address] = outputs
        self._results[address] = results
        found = list(placed_leaves(outputs, Artifact))
        for path, artifact in found:
            self._origins.setdefault(artifact.identity, []).append((address, path))
        return found

    def origin(self, artifact: Artifact) -> Origin | None:
        """The instance that made a media value first, and the place in its outputs; None for a file of the
        user's."""
        return next(iter(self._origins.get(artifact.identity, ())), None)

    def instance(self, address: str) -> Instance:
        """The instance at `address`, which was recorded."""
        return self._instances[address]

    def making(self, address: str) -> Making:
        """How the instance at `address` was made."""
        return self._making(address)

    def artifact(self, address: str, path: Path) -> Artifact | None:
        """The media value at a place in the outputs of an instance; None where there is none."""
        found = placed_leaves(self._outputs.get(address, {}), Artifact)
        return next((one for place, one in found if place == path), None)

    def maker(self, digest: str) -> tuple[str, Artifact] | None:
        """The instance that made the file with this digest first, and the media value."""
        for address, outputs in self._outputs.items():
            for one in leaves(outputs, Artifact):
                if one.digest == digest:
                    return address, one
        return None

    def provenance(self, address: str, path: Path, artifact: Artifact) -> Provenance:
        """The provenance of `artifact`, which is at `path` in the outputs of the instance at `address`."""
        before, cut = self._before(address)
        return Provenance(
            version=__version__,
            pipeline=self.graph.name,
            preview=self.preview,
            address=address,
            path=path,
            kind=artifact.kind,
            sha256=artifact.digest,
            making=self._making(address),
            usd=self._usd(self._instances[address]),
            before=before,
            cut=cut,
        )

    def _before(self, address: str) -> tuple[dict[str, Making], bool]:
        """The instances that its media come from, directly or not, nearest first; and whether some are left
        out."""
        found: dict[str, Making] = {}
        waiting = [address]
        for current in waiting:
            for need in sources(self._making(current)):
                if need in found or need not in self._outputs:
                    continue
                if len(found) == MOST_BEFORE:
                    return found, True
                found[need] = self._making(need)
                waiting.append(need)
        return found, False

    def _making(self, address: str) -> Making:
        if address not in self._known:
            self._known[address] = self._remembered(self._instances[address])
        return self._known[address]

    def _remembered(self, instance: Instance) -> Making:
        given = self._given(instance)

        def source(leaf: object) -> object:
            return self._source(leaf, instance) if isinstance(leaf, Artifact) else leaf

        whole = {name: map_leaves(value, source) for name, value in given.items()}
        seed = None if "seed" in given else self._seed(instance)
        return Making(self._uses(instance.spec.uses), whole, seed, instance.take.repeat)

    def _uses(self, uses: str) -> str:
        """The endpoint or operation; for code beside the pipeline its path in the project."""
        file, mark, function = uses.partition("#")
        if not mark or not uses.startswith("."):
            return uses
        return f"./{self._name(self.graph.path.parent / file)}#{function}"

    def _seed(self, instance: Instance) -> int | None:
        """The random seed of the call: from the outputs, or from the request."""
        told = self._outputs[instance.address].get("seed")
        is_bought = not self.preview and instance.spec.provider != "local"
        seed = told if told is not None or not is_bought else self._drawn(self.keys[instance.address])
        return seed if type(seed) is int else None

    def _source(self, artifact: Artifact, instance: Instance) -> FromInstance | FromFile:
        """The instance or file that a media value among the parameters of `instance` comes from."""
        for address, path in self._origins.get(artifact.identity, ()):
            if address in instance.needs:
                return FromInstance(artifact.kind, address, path, artifact.digest)
        for address, path in self._stand_ins(artifact, instance):
            return FromInstance(artifact.kind, address, path, artifact.digest)
        return FromFile(artifact.kind, self._name(artifact.path), artifact.digest)

    def _stand_ins(self, artifact: Artifact, instance: Instance) -> Iterator[Origin]:
        """The missing instances in whose place `instance` got this media value."""
        results = self._results[instance.address]
        for address in instance.needs:
            if address not in self._outputs:
                media = placed_leaves(results.get(address), Artifact)
                yield from ((address, path) for path, one in media if one.identity == artifact.identity)

    def _name(self, path: FilePath) -> str:
        """Its path in the project, or the name alone of a file outside of it."""
        whole = path.resolve()
        return whole.relative_to(self._root).as_posix() if whole.is_relative_to(self._root) else whole.name

    def _usd(self, instance: Instance) -> float | None:
        price = instance.spec.price
        if self.preview or price is None:
            return None
        given = self._given(instance)
        return quote(instance.spec, given).high

    def _given(self, instance: Instance) -> dict[str, object]:
        return parameters(instance, self._results[instance.address], self._files, with_defaults=False)


def project_of(graph: Graph) -> FilePath:
    """The folder that file names are relative to: the current one, or that of the pipeline if it is
    outside."""
    here, beside = FilePath.cwd().resolve(), graph.path.resolve().parent
    return here if beside.is_relative_to(here) else beside
