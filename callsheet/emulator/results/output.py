"""Makes the output of a request: the preview's media or tiny ones, with the fields that the catalogue
names."""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
import tempfile
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callsheet.emulator.faults.outcome import Outcome
from callsheet.emulator.job import Generation
from callsheet.emulator.results import language
from callsheet.emulator.results.inputs import parameters
from callsheet.emulator.results.media import Media as Store
from callsheet.emulator.results.media import Origin, cdn
from callsheet.emulator.results.tiny import NAMES, tiny
from callsheet.errors import NodeError
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import (
    BOOLEAN,
    INTEGER,
    JSON,
    NUMBER,
    VIDEO,
    Choice,
    ListOf,
    Maybe,
    Media,
    OneOf,
    Record,
    Type,
)
from callsheet.spec.values import map_leaves

if TYPE_CHECKING:
    from callsheet.nodes.preview.provider import Preview

UNKNOWN: Final[Mapping[str, Type]] = {"video": VIDEO}


class Maker:
    """Makes outputs. The preview draws in its own threads, so that the queue is not slowed down."""

    def __init__(self, store: Store, small: bool) -> None:
        self.store, self.small = store, small
        self._stopped = False

    async def make(self, generation: Generation, spec: NodeSpec | None) -> object:
        """Output name → JSON, media as objects with a URL; or an outcome when the output cannot be made."""
        if generation.outcome.body is not None or not generation.outcome.ends:
            return None
        if language.speaks(generation.endpoint):
            return language.output(generation.body, generation.outcome.answer)
        if self.small or spec is None:
            return self._tiny(generation, spec)
        try:
            return await self._preview(generation, spec)
        except NodeError as error:
            return Outcome(422, {"detail": [{"loc": ["body"], "msg": error.message, "type": "value_error"}]})
        except Exception as error:
            return Outcome(
                500, {"detail": f"the preview failed: {error!r}"}, error_type="runner_server_error"
            )

    def stop(self) -> None:
        """Stop drawing at the next frame."""
        self._stopped = True

    async def _preview(self, generation: Generation, spec: NodeSpec) -> object:
        with tempfile.TemporaryDirectory(dir=self.store.folder, ignore_cleanup_errors=True) as folder:
            inputs, work = Path(folder) / "inputs", Path(folder) / "work"
            inputs.mkdir()
            work.mkdir()
            params = await asyncio.to_thread(parameters, spec, generation.body, self.store, inputs)
            job = Job(generation.endpoint, spec, params, work, cancelled=lambda: self._stopped)
            outputs = await self._renderer.perform(job)
            return {name: self._published(value, generation) for name, value in outputs.items()}

    @cached_property
    def _renderer(self) -> Preview:
        from callsheet.nodes.preview.provider import Preview

        return Preview()

    def _published(self, value: object, generation: Generation) -> object:
        def publish(leaf: object) -> object:
            if not isinstance(leaf, Made):
                return leaf
            return self._file(leaf.path.read_bytes(), leaf.path.name, generation)

        return map_leaves(value, publish)

    def _tiny(self, generation: Generation, spec: NodeSpec | None) -> object:
        outputs = spec.outputs if spec else UNKNOWN
        text = json.dumps([generation.endpoint, generation.body], sort_keys=True)
        digest = hashlib.sha256(text.encode()).digest()
        return {name: self._stand_in(t, digest, generation) for name, t in outputs.items()}

    def _stand_in(self, t: Type, digest: bytes, generation: Generation) -> object:
        match t:
            case Media(kind):
                return self._file(tiny(kind, digest), NAMES[kind], generation)
            case ListOf(item):
                count = generation.body.get("num_images", 1) if isinstance(item, Media) else 1
                each = [hashlib.sha256(digest + bytes([i])).digest() for i in range(_count(count))]
                return [self._stand_in(item, part, generation) for part in each]
            case Maybe(inner):
                return self._stand_in(inner, digest, generation)
            case OneOf(options):
                return self._stand_in(options[0], digest, generation)
            case Record(fields):
                return {name: self._stand_in(f.type, digest, generation) for name, f in fields.items()}
        return _scalar(t, generation.body.get("seed", int.from_bytes(digest[:3])))

    def _file(self, data: bytes, name: str, generation: Generation) -> dict[str, Any]:
        origin = Origin(generation.id, generation.endpoint)
        path = self.store.add(data, name, origin=origin)
        return {
            "url": cdn(generation.origin) + path,
            "content_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "file_name": name,
            "file_size": len(data),
        }


def _count(value: object) -> int:
    return min(max(value, 1), 16) if isinstance(value, int) else 1


def _scalar(t: Type, seed: object) -> object:
    match t:
        case Choice(values):
            return values[0]
        case _ if t in (INTEGER, NUMBER):
            return seed
        case _ if t == BOOLEAN:
            return False
        case _ if t == JSON:
            return {}
    return "text"
