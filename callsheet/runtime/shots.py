"""The shots of a joined film: which instance and take is where, in frames and samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.runtime.graph.dag import needs_of, upstream
from callsheet.spec.json_documents import ShotJson
from callsheet.spec.media import Artifact, Shot
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True)
class FilmShot:
    """One shot of a film. address: of the instance that made its clip, without the take; "" for a file of
    the user's, or one that is not known any more. take: from 1. number: of the shot, from 1. shot: where
    it is."""

    address: str
    take: int
    number: int
    shot: Shot

    def to_json(self) -> ShotJson:
        """As JSON values. frame, frames, sample, samples, start and speed are those of `Shot`."""
        one = self.shot
        return {
            "number": self.number,
            "address": self.address or None,
            "take": self.take,
            "frame": one.frame,
            "frames": one.frames,
            "sample": one.sample,
            "samples": one.samples,
            "start": one.start,
            "speed": one.speed,
        }


def shots_of(graph: Graph, results: Mapping[str, Mapping[str, object]], address: str) -> list[FilmShot]:
    """The shots of the film that the instance at `address` made, in order; none where it joined nothing.

    results: address → outputs of what is made. Instances that made the same bytes stand for the
    shots in the order in which they are needed.
    """
    film = next((a for a in leaves(results.get(address), Artifact) if a.shots), None)
    if film is None:
        return []
    makers = _makers(graph, results, address)
    return [_named(graph, makers, number, shot) for number, shot in enumerate(film.shots, 1)]


def _named(graph: Graph, makers: Mapping[str, deque[str]], number: int, shot: Shot) -> FilmShot:
    waiting = makers.get(shot.source)
    if not waiting:
        return FilmShot("", 1, number, shot)
    found = graph.instances[waiting[0] if len(waiting) == 1 else waiting.popleft()]
    return FilmShot(found.base, found.take.number, number, shot)


def _makers(graph: Graph, results: Mapping[str, Mapping[str, object]], address: str) -> dict[str, deque[str]]:
    """Digest → the instances before `address` that made it, in the order of the file."""
    before = upstream(needs_of(graph), [address]) - {address}
    found: dict[str, deque[str]] = {}
    for maker, digest in _made(results):
        if maker in before and maker in graph.instances:
            found.setdefault(digest, deque()).append(maker)
    return found


def _made(results: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[str, str]]:
    for address, outputs in results.items():
        for digest in dict.fromkeys(artifact.digest for artifact in leaves(outputs, Artifact)):
            yield address, digest
