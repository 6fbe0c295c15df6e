"""Buys from the nodes of a plug-in that cost money: each call of the function is a paid request.

It counts as sent from the moment the function begins. What the function returns is the reply; its files are
kept beside the ledger until they are in the store. Only `NotAccepted` says that nothing was bought, and
`ModelFailed` that it was, and failed. Whatever else the function raises, nobody knows.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from callsheet.errors import NodeError, PlugInError
from callsheet.nodes.plugins.call import in_own_thread
from callsheet.nodes.plugins.installed import NODES, entry_point, find_node, package
from callsheet.nodes.plugins.node import PAID
from callsheet.nodes.queue.base import BaseQueue
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Ambiguous,
    BeforeSend,
    ModelFailed,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Refused,
    Remote,
    Status,
)
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.nodes.queue.secret import FIELD, marker
from callsheet.plugin import NotAccepted
from callsheet.spec.disk_errors import explained
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, NodeSpec, Outputs
from callsheet.spec.values import SecretName, map_leaves

MEDIA: Final = "$media"
"""The field of the object that stands for a media file, in a request and in a reply."""
FAILED: Final = "$failed"
SCHEME: Final = "received:"


class PaidNodes:
    """The provider of one plug-in's paid nodes: `aqua/nodes`. Implements `Provider`. folder: where results
    are kept until they are stored; None where nothing is bought."""

    variables: tuple[str, ...] = ()

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name, self.folder = name, folder
        if entry_point(NODES, name.removesuffix(PAID)) is None:
            raise PlugInError(
                f"the plug-in `{name.removesuffix(PAID)}` is not installed",
                "install the package that brings it",
            )

    def find(self, uses: str) -> NodeSpec | None:
        """The paid node `uses`, or None. Raises PlugInError."""
        spec = find_node(uses)
        return spec if spec is not None and spec.provider == self.name else None

    def queue(self) -> NodesQueue:
        """A new queue for one run."""
        return NodesQueue(self.name, self.find, self.folder)


def package_of_nodes(name: str) -> str:
    """The name and version of the package whose paid nodes `name` stands for; "" for none."""
    try:
        entry = entry_point(NODES, name.removesuffix(PAID))
    except PlugInError:
        return ""
    return package(entry) if entry else ""


class NodesQueue(BaseQueue):
    """Calls the functions. A call that was lost cannot be found again."""

    def __init__(self, name: str, find: Callable[[str], NodeSpec | None], folder: Path | None) -> None:
        super().__init__()
        self.name = name
        self._find, self._folder = find, folder
        self._media: dict[str, Artifact] = {}

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        """The parameters as JSON: media by their digests, secrets by their names. Raises NodeError."""
        return Outgoing(spec.uses, json.dumps(map_leaves(_checked(params), self._written), sort_keys=True))

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        """Call the function, once."""
        spec = self._find(outgoing.endpoint)
        if spec is None or spec.perform is None or self._folder is None:
            return Refused("rejected", f"{outgoing.endpoint} is no node that can be called here", 0)
        stop = threading.Event()
        request_id = uuid.uuid4().hex
        await before_send()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self._folder) as workdir:
                params = _read(json.loads(outgoing.body), self._media)
                job = Job(outgoing.address or spec.uses, spec, params, Path(workdir), cancelled=stop.is_set)
                made = await in_own_thread(lambda: _performed(spec, job))
                raw = await asyncio.to_thread(_kept, made, self._folder / request_id, request_id)
        except NotAccepted as error:
            return Refused(error.kind, error.message, 0, next_step=error.next_step)
        except ModelFailed as error:
            raw = json.dumps({FAILED: [error.message, error.kind, error.next_step]})
        except NodeError as error:
            return Ambiguous(f"{error.message}\n{error.report}".strip())
        finally:
            stop.set()
        return Accepted(request_id, "", IN_REPLY, "", raw)

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        return Status("completed")

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        failed = json.loads(accepted.raw).get(FAILED)
        if failed:
            raise ModelFailed(*failed)
        return QueueResult(accepted.raw)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        raise QueueError(
            f"{endpoint} has been called already", "local", "`callsheet resume` takes its result"
        )

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        return {name: _remote(value) for name, value in json.loads(raw).items()}

    async def download(self, url: str, to: Path) -> None:
        """Copy a file of a result. Raises QueueError: *gone* when it is not there any more."""
        if not url.startswith(SCHEME):
            return await super().download(url, to)
        name = Path(url.removeprefix(SCHEME))
        if self._folder is None or name.is_absolute() or ".." in name.parts:
            raise QueueError("the result names a file outside of its folder", "unavailable")
        try:
            await asyncio.to_thread(shutil.copyfile, self._folder / name, to)
        except FileNotFoundError:
            raise QueueError(f"the file {name} is not there any more", "unavailable", gone=True) from None
        except OSError as error:
            raise explained(error, to) from error

    async def is_there(self, url: str) -> bool:
        return False

    def _written(self, leaf: object) -> object:
        match leaf:
            case Artifact():
                self._media[leaf.digest] = leaf
                return {MEDIA: leaf.digest}
            case SecretName(variable):
                return marker(variable)
        return leaf


def _performed(spec: NodeSpec, job: Job) -> Outputs:
    assert spec.perform is not None
    return spec.perform(job)


def _checked(params: Mapping[str, object]) -> Mapping[str, object]:
    """The parameters, in which no object looks like a file or a secret. Raises NodeError."""
    stack: list[object] = [params]
    while stack:
        match stack.pop():
            case Mapping() as part:
                if taken := {MEDIA, FIELD} & part.keys():
                    name = next(iter(taken))
                    raise NodeError(f"a field is named {name}, which is reserved", "rejected", "rename it")
                stack += part.values()
            case list() as part:
                stack += part
    return params


def _read(value: Any, media: Mapping[str, Artifact]) -> Any:
    """The parameters of a request. A file that this process did not put there is a KeyError."""
    match value:
        case {"$media": str(digest)}:
            return media[digest]
        case {"$secret": str(variable)}:
            return SecretName(variable)
        case dict():
            return {name: _read(part, media) for name, part in value.items()}
        case list():
            return [_read(part, media) for part in value]
    return value


def _kept(made: Outputs, folder: Path, request_id: str) -> str:
    """The result as JSON, its files moved to `folder`."""
    count = 0

    def keep(leaf: object) -> object:
        nonlocal count
        if not isinstance(leaf, Made):
            return leaf
        folder.mkdir(exist_ok=True)
        name = f"{count}{leaf.path.suffix}"
        leaf.path.replace(folder / name)
        with (folder / name).open("rb+") as file:
            os.fsync(file.fileno())
        count += 1
        return {MEDIA: [leaf.kind, f"{request_id}/{name}"]}

    return json.dumps(map_leaves(made, keep))


def _remote(value: Any) -> Any:
    match value:
        case {"$media": [kind, str(name)]}:
            return Remote(kind, SCHEME + name)
        case dict():
            return {name: _remote(part) for name, part in value.items()}
        case list():
            return [_remote(part) for part in value]
    return value
