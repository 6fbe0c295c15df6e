"""One instance, from its place in the graph to its files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Instance, SecretName
from callsheet.errors import CallsheetError
from callsheet.nodes.artifact import Artifact
from callsheet.nodes.job import Job, Made, Provider
from callsheet.runtime import disk, keys
from callsheet.runtime.bought import Buys
from callsheet.runtime.bug import Bug
from callsheet.runtime.index import Index
from callsheet.runtime.outputs import OutFolder
from callsheet.runtime.promise import delivered
from callsheet.runtime.resolve import LocalFiles, Results, parameters
from callsheet.runtime.stop import Stop
from callsheet.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Done:
    """An instance that was made. outputs: by name, media as `Artifact`. files: under out/. usd: spent."""

    outputs: Mapping[str, object]
    files: tuple[Path, ...]
    reused: bool
    usd: float = 0.0


class Workshop:
    """Where the instances of one run are made."""

    def __init__(self, store: Store, out: OutFolder, stop: Stop) -> None:
        self.store = store
        self.index = Index(store)
        self.out = out
        self.stop = stop
        self.files = LocalFiles(store.inspector)

    async def make(
        self,
        instance: Instance,
        provider: Provider | Buys,
        results: Results,
        progress: Callable[[float], None],
    ) -> Done:
        """Make `instance`, or take it from the store if the same was made before.

        Raises NodeError when it cannot be made (*bug* for anything unexpected), StoreError when the disk
        cannot take it.
        """
        try:
            return await self._make(instance, provider, results, progress)
        except CallsheetError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in disk.FULL:
                raise disk.explained(error, self.store.root / "…") from error
            raise Bug(error, instance, secrets_of(instance.params)) from error

    async def _make(
        self,
        instance: Instance,
        provider: Provider | Buys,
        results: Results,
        progress: Callable[[float], None],
    ) -> Done:
        if isinstance(provider, Buys):
            return await self._buy(instance, provider, results)
        params = await asyncio.to_thread(parameters, instance, results, self.files)
        key = keys.key(_components(instance, provider, params))
        outputs = await asyncio.to_thread(self.index.find, key)
        reused = outputs is not None
        if outputs is None:
            with self.store.workdir() as workdir:
                job = Job(
                    instance.address, instance.spec, params, workdir, progress, lambda: self.stop.requested
                )
                made = await provider.perform(job)
                outputs = await asyncio.to_thread(self._keep, instance, key, made)
        files = await asyncio.to_thread(self.out.place, instance.address, outputs)
        return Done(outputs, files, reused)

    async def _buy(self, instance: Instance, buyer: Buys, results: Results) -> Done:
        """What reaches the provider is what the pipeline gives, without the defaults of its page."""
        params = await asyncio.to_thread(parameters, instance, results, self.files, with_defaults=False)
        key = keys.key(keys.call(instance.spec.provider, instance.spec.uses, params))
        bought = await buyer.buy(instance, params, key, self.stop)
        files = await asyncio.to_thread(self.out.place, instance.address, bought.outputs)
        return Done(bought.outputs, files, bought.reused, bought.usd)

    def _keep(self, instance: Instance, key: str, made: Mapping[str, object]) -> Mapping[str, object]:
        local = instance.spec.provider == "local"

        def keep(file: Made, place: str) -> Artifact:
            return self.store.ingest(file, keys.key({"recipe": key, "output": place}) if local else "")

        outputs = delivered(instance.spec.outputs, made, keep)
        self.index.record(key, outputs)
        return outputs


def _components(instance: Instance, provider: Provider, params: Mapping[str, object]) -> keys.Components:
    version = str(getattr(provider, "version", ""))
    if instance.spec.provider == "local":
        return keys.recipe(instance.spec.uses, version, params)
    return keys.preview(instance.address, instance.spec.uses, f"{provider.name} {version}", params)


def secrets_of(value: object) -> Iterator[str]:
    """The environment variables that a value tree names as secrets."""
    match value:
        case SecretName(variable):
            yield variable
        case Mapping():
            for v in value.values():
                yield from secrets_of(v)
        case list() | tuple():
            for v in value:
                yield from secrets_of(v)
