"""The contract tests that authors of plug-ins run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from callsheet.errors import NodeError, PlugInError
from callsheet.nodes.plugins.node import node_spec
from callsheet.spec.conform import delivered, problems
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import NOTHING
from callsheet.testing.contract import asking, crashing, submitting
from callsheet.testing.contract.service import Answer, Submits, is_post
from callsheet.testing.contract.subject import MakeQueue, Subject, with_files


def check_queue(
    queue: MakeQueue,
    spec: NodeSpec,
    params: Mapping[str, object],
    service: Callable[[], Answer],
    submits: Submits = is_post,
) -> list[str]:
    """Put a provider's queue through lost replies, refusals, broken results and crashes.

    queue: makes a queue that talks to the service at a URL of this machine. spec: the endpoint; params: what
    a node gives it, media as paths. service: makes a fake of the service: a function, or an object with
    `__call__`, that takes a `Request` and returns a `Response`; each test asks a new one. submits: whether a
    request costs money; by default each POST does.

    Returns one sentence for everything that is wrong; an empty list for a queue that keeps the contract. It
    takes a few seconds, and no network.
    """
    subject = Subject(queue, spec, with_files(spec, params), service, submits)
    found = asyncio.run(_all(submitting.problems(subject), asking.problems(subject)))
    # A queue whose single steps are wrong would only say the same again in whole calls.
    return found or list(crashing.problems(subject))


def run_node(
    function: Callable[..., Any], params: Mapping[str, object], folder: Path, *, preview: bool = False
) -> dict[str, object]:
    """Call a node as callsheet does: its signature and its parameters are checked, and so are its results.

    params: as a pipeline gives them, media as paths. folder: an empty folder for what it makes. preview: call
    what takes its place in a preview, if it declares something. Returns the outputs by name, media as paths.

    Raises PlugInError for a function that cannot be a node, InputError for a parameter that it does not take,
    NodeError for what it raises and for a result that is not what it declares.
    """
    spec = node_spec(f"test/{function.__name__}", function, "", Path(function.__code__.co_filename), "")
    given = {**_defaults(spec), **with_files(spec, params)}
    if wrong := [*_wrong(spec, given)]:
        raise PlugInError("; ".join(wrong), "give it what its signature says")
    perform = spec.stand_in if preview and spec.stand_in else spec.perform
    assert perform is not None
    made = perform(Job(function.__name__, spec, given, folder, preview=preview))
    return delivered(spec.outputs, made, _path)


async def _all(*several: AsyncIterator[str]) -> list[str]:
    return [said for one in several async for said in one]


def _defaults(spec: NodeSpec) -> dict[str, object]:
    return {name: field.default for name, field in spec.inputs.items() if field.default is not NOTHING}


def _wrong(spec: NodeSpec, params: Mapping[str, object]) -> Iterator[str]:
    """Why the node does not take these parameters."""
    for name, value in params.items():
        if name not in spec.inputs:
            yield f"there is no parameter `{name}`"
            continue
        yield from (f"`{name}`: {problem.message}" for problem in problems(spec.inputs[name], value))
    for name, field in spec.inputs.items():
        if field.required and name not in params:
            yield f"`{name}` is missing"


def _path(file: Made, place: str) -> Path:
    if not file.path.is_file():
        raise NodeError(f"the output {place} was not written", "failed")
    return file.path
