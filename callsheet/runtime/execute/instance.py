"""Executes one instance."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from callsheet.dsl.graph import Instance
from callsheet.errors import CallsheetError, NodeError
from callsheet.runtime import keys
from callsheet.runtime.calls.protocol import PaidProvider, PaidResult, is_paid
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.crash_report import Bug
from callsheet.runtime.execute.declined import Declined
from callsheet.runtime.execute.parts import StoredParts
from callsheet.runtime.execute.placeholder import MissingInstance, placeholders
from callsheet.runtime.execute.retry import Pauses, bought, performed, tried
from callsheet.runtime.graph.arguments import LocalFiles, Results, parameters
from callsheet.runtime.lock.named_results import NEXT, NamedResults, declined_error
from callsheet.runtime.output.out_folder import OutFolder
from callsheet.runtime.output.row_folders import RowFolders
from callsheet.runtime.output.secrets import secret_names
from callsheet.runtime.remote_store.offer import Purchase
from callsheet.runtime.store.blobs import Store
from callsheet.spec import disk_errors as disk
from callsheet.spec.conform import delivered
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, NodeSpec, Worker
from callsheet.spec.types import media_in
from callsheet.spec.values import LocalFile, leaves


@dataclass(frozen=True, slots=True)
class Done:
    """The result of one instance. outputs: name → value, media as `Artifact`. files: paths under out/. usd:
    what it cost, None when nobody knows. key: its cache key. warnings: what did not come as promised and is
    not used, and what a local operation left out. components: of the key of a bought result that may be
    reused. where: the machine and process that made it, "" for this one."""

    outputs: Mapping[str, object]
    files: tuple[Path, ...]
    reused: bool
    usd: float | None = 0.0
    key: str = ""
    warnings: tuple[str, ...] = ()
    components: keys.Components | None = None
    where: str = ""


@dataclass(slots=True)
class Account:
    """What a job tells about itself. told: sentences. where: as of `Done`. seconds: of work in another
    process."""

    told: list[str] = field(default_factory=list)
    where: str = ""
    seconds: float | None = None

    def made_by(self, where: str, seconds: float) -> None:
        """Take what an engine tells of the job."""
        self.where, self.seconds = where, seconds


def _permit(_: Instance) -> None: ...


def _publish_nothing(key: str, outputs: Mapping[str, object], purchase: Purchase | None) -> None: ...


Publish = Callable[[str, Mapping[str, object], Purchase | None], None]
"""Uploads what was made under a key, in the background; given also how it was bought."""
Pausing = Callable[[str, float, NodeError], None]
"""Told the address, the seconds, and why the attempt before failed."""


def _tell_nobody(address: str, seconds: float, error: NodeError) -> None: ...


Fetch = Callable[[str, NodeSpec], Mapping[str, object] | None]
"""Downloads what others made under a key, if there is something. Raises NodeError, StoreError."""


class InstanceRunner:
    """Executes one instance: looks its key up in the cache, else calls the provider, then stores and
    publishes the outputs.

    publish: uploads a result to the shared store. fetch: downloads a result from it. named: which of several
    results of one request counts, and which a person rejected. pausing: is told when an instance waits
    before its next attempt. permit: raises NodeError for a request that nobody has granted.
    """

    def __init__(
        self,
        store: Store,
        named: NamedResults,
        out: OutFolder | RowFolders,
        stop: Stop,
        files: LocalFiles,
        publish: Publish = _publish_nothing,
        fetch: Fetch | None = None,
    ) -> None:
        self.store = store
        self.cache = named.cache
        self.out = out
        self.stop = stop
        self.files = files
        self.publish = publish
        self.fetch = fetch
        self.named = named
        self.pausing: Pausing = _tell_nobody
        self.permit: Callable[[Instance], None] = _permit
        self._locks: dict[str, asyncio.Lock] = {}

    async def make(
        self,
        instance: Instance,
        provider: Worker | PaidProvider,
        results: Results,
        progress: Callable[[float], None],
    ) -> Done:
        """Make `instance`, or reuse a result with the same key.

        Raises NodeError when it cannot be made (kind *bug* for an unexpected exception), StoreError when the
        disk cannot take it.
        """
        try:
            if isinstance(provider, Declined):
                raise NodeError(provider.reasons[instance.address], "declined", NEXT)
            if is_paid(provider):
                return await self._buy(instance, provider, results)
            return await self._make(instance, cast("Worker", provider), results, progress)
        except CallsheetError:
            raise
        except asyncio.CancelledError as error:
            if _let_go():
                raise
            raise Bug(error, instance, _secrets(instance)) from error
        except Exception as error:
            if isinstance(error, OSError) and error.errno in disk.FULL:
                raise disk.explained(error, self.store.root / "…") from error
            raise Bug(error, instance, _secrets(instance)) from error

    async def placeholders(self, lost: MissingInstance) -> Mapping[str, object]:
        """Placeholder outputs for an instance that could not be made. Raises NodeError, StoreError."""
        return await asyncio.to_thread(placeholders, lost, self.store)

    async def _make(
        self,
        instance: Instance,
        provider: Worker,
        results: Results,
        progress: Callable[[float], None],
    ) -> Done:
        if instance.spec.perform is not None:
            self.permit(instance)
        params = await self._parameters(instance, results, with_defaults=True)
        instance = await self._as_kept(instance, provider, params)
        made_of = keys.canonical(keys.components(instance, provider, params))
        key = keys.hashed(made_of)
        async with self._locks.setdefault(key, asyncio.Lock()):
            found = await self._found(instance, key)
            outputs, account = found, Account()
            if outputs is None:
                outputs, account = await self._produced(instance, provider, params, key, progress)
        outputs = keys.with_origin(outputs, instance.spec, key, keys.origin(instance.spec, params, key))
        if instance.spec.provider == "local":
            self.cache.made_of(self.out.graph.name, instance.address, made_of.decode("utf-8", "replace"))
        files = await self._shown(instance, outputs, key, results)
        told, where = tuple(account.told), account.where
        return Done(outputs, files, reused=found is not None, key=key, warnings=told, where=where)

    async def _as_kept(self, instance: Instance, provider: Worker, params: Mapping[str, object]) -> Instance:
        """The instance under whose key a result is here; see `keys.with_crlf`."""
        other = keys.with_crlf(instance)
        if other is None:
            return instance
        key = keys.key(keys.components(other, provider, params))
        return instance if await self._found(other, key) is None else other

    async def _found(self, instance: Instance, key: str) -> Mapping[str, object] | None:
        """The result under `key` in the cache or the shared store, unless the node says `cache: refresh` or
        `cache: off`. Raises NodeError (*declined*) when a person rejected it."""
        if instance.options.cache != "auto":
            found = None
        else:
            found = self.named.find(key)
            if found is None and self.fetch is not None:
                found = await asyncio.to_thread(self.fetch, key, instance.spec)
            if found is None and self.named.names(key):
                found = self.cache.find(key)
        if (decision := self.named.declined(key, found)) is not None:
            raise declined_error(decision)
        return found

    async def _parameters(
        self, instance: Instance, results: Results, with_defaults: bool
    ) -> dict[str, object]:
        """The parameters of an instance. A thread is used only where files of the user have to be read."""
        if all(map(self.files.knows, leaves(instance.params, LocalFile))):
            return parameters(instance, results, self.files, with_defaults)
        return await asyncio.to_thread(parameters, instance, results, self.files, with_defaults)

    def show(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> tuple[Path, ...]:
        """Publish the outputs of an instance under out/. Values that a local operation computed get no file.

        Raises StoreError.
        """
        if instance.spec.provider == "local" and not any(leaves(outputs, Artifact)):
            return ()
        return self.out.place(instance, outputs, key, results)

    async def publish_again(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> Done:
        """Publish the result of an earlier run, when what it was made from is there. Raises StoreError."""
        return Done(outputs, await self._shown(instance, outputs, key, results), reused=True, key=key)

    async def _shown(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> tuple[Path, ...]:
        if any(leaves(outputs, Artifact)):
            return await asyncio.to_thread(self.show, instance, outputs, key, results)
        return self.show(instance, outputs, key, results)

    async def _produced(
        self,
        instance: Instance,
        provider: Worker,
        params: Mapping[str, object],
        key: str,
        progress: Callable[[float], None],
    ) -> tuple[Mapping[str, object], Account]:
        """What `provider` makes, stored, and what the last attempt tells. Each attempt has a work folder and
        a timeout of its own."""
        address, spec = instance.address, instance.spec

        async def once() -> tuple[Mapping[str, object], Account]:
            began, account = time.monotonic(), Account()
            with self.store.lazy_workdir() as folder:
                parts = StoredParts(self.store, self.cache, fresh=instance.options.cache != "auto")
                stop = self.stop
                job = Job(
                    address,
                    spec,
                    params,
                    folder,
                    progress,
                    lambda: stop.requested,
                    account.told.append,
                    parts,
                    made_by=account.made_by,
                )
                made = await performed(provider, job, instance.options.timeout)
                outputs = await self._kept(instance, key, made)
            if instance.options.cache != "off":
                seconds = time.monotonic() - began if account.seconds is None else account.seconds
                if account.where:
                    self.cache.made_at(key, account.where)
                self.cache.record(key, outputs, spec.uses, seconds)
            return outputs, account

        return await tried(instance.options, once, self._pauses(instance))

    def _pauses(self, instance: Instance) -> Pauses:
        return Pauses(self.stop, lambda seconds, error: self.pausing(instance.address, seconds, error))

    async def _buy(self, instance: Instance, buyer: PaidProvider, results: Results) -> Done:
        """Buy the result of an instance. The request has the pipeline's parameters only, without the model's
        defaults."""
        params = await self._parameters(instance, results, with_defaults=False)
        components = keys.components(instance, None, params)
        key = keys.key(components)
        found = await self._found(instance, key)

        async def once() -> PaidResult:
            return await self._bought(instance, buyer, params, key)

        if found is not None:
            what = PaidResult(found, True, 0.0)
        else:
            what = await tried(instance.options, once, self._pauses(instance))
        if (decision := self.named.declined(key, what.outputs)) is not None:
            raise declined_error(decision)
        files = await self._shown(instance, what.outputs, key, results)
        offered = components if instance.options.cache == "auto" else None
        return Done(what.outputs, files, what.reused, what.usd, key, what.warnings, offered)

    async def _bought(
        self, instance: Instance, buyer: PaidProvider, params: Mapping[str, object], key: str
    ) -> PaidResult:
        self.permit(instance)
        what = await bought(buyer.buy(instance, params, key, self.stop), instance)
        if instance.options.cache != "off":
            self.cache.record(key, what.outputs, instance.spec.uses)
        return what

    async def _kept(self, instance: Instance, key: str, made: Mapping[str, object]) -> Mapping[str, object]:
        def keep(file: Made, place: str) -> Artifact:
            return self.store.ingest(file, keys.recipe(instance.spec, key, place))

        if any(any(media_in(t)) for t in instance.spec.outputs.values()):
            return await asyncio.to_thread(delivered, instance.spec.outputs, made, keep)
        return delivered(instance.spec.outputs, made, keep)


def _secrets(instance: Instance) -> tuple[str, ...]:
    """The environment variables of the secrets that an instance is made with."""
    return (*secret_names(instance.params), *instance.spec.keys)


def _let_go() -> bool:
    """Whether this task itself was cancelled, and not something that it awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
