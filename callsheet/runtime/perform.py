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
from callsheet.runtime.attempt import bought, performed, tried
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
        except asyncio.CancelledError as error:
            if _let_go():
                raise
            raise Bug(error, instance, secrets_of(instance.params)) from error
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
        found = await asyncio.to_thread(self.index.find, key) if instance.options.cache == "auto" else None
        outputs = found
        if outputs is None:
            outputs = await self._produced(instance, provider, params, key, progress)
        files = await asyncio.to_thread(self.out.place, instance.address, outputs)
        return Done(outputs, files, reused=found is not None)

    async def _produced(
        self,
        instance: Instance,
        provider: Provider,
        params: Mapping[str, object],
        key: str,
        progress: Callable[[float], None],
    ) -> Mapping[str, object]:
        """What `provider` makes, in the store; each attempt has a work folder and a timeout of its own."""
        address, spec = instance.address, instance.spec

        async def once() -> Mapping[str, object]:
            with self.store.workdir() as workdir:
                job = Job(address, spec, params, workdir, progress, lambda: self.stop.requested)
                made = await performed(provider, job, instance.options.timeout)
                return await asyncio.to_thread(self._keep, instance, key, made)

        return await tried(instance.options.attempts or 1, once, self.stop)

    async def _buy(self, instance: Instance, buyer: Buys, results: Results) -> Done:
        """What reaches the provider is what the pipeline gives, without the defaults of its page."""
        params = await asyncio.to_thread(parameters, instance, results, self.files, with_defaults=False)
        key = keys.key(keys.call(instance.spec.provider, instance.spec.uses, params))
        what = await bought(buyer.buy(instance, params, key, self.stop), instance)
        files = await asyncio.to_thread(self.out.place, instance.address, what.outputs)
        return Done(what.outputs, files, what.reused, what.usd)

    def _keep(self, instance: Instance, key: str, made: Mapping[str, object]) -> Mapping[str, object]:
        local = instance.spec.provider == "local"

        def keep(file: Made, place: str) -> Artifact:
            return self.store.ingest(file, keys.key({"recipe": key, "output": place}) if local else "")

        outputs = delivered(instance.spec.outputs, made, keep)
        if instance.options.cache != "off":
            self.index.record(key, outputs)
        return outputs


def _let_go() -> bool:
    """Whether the task that runs this was cancelled, and not something inside it that passed this on."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


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
