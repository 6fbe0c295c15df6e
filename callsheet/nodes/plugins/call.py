"""Calls a plug-in's function: converts its parameters and its result."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

from callsheet.errors import NodeError
from callsheet.nodes.plugins import annotation, secrets
from callsheet.nodes.plugins.failure import PlugInFailed
from callsheet.nodes.plugins.signature import Signature
from callsheet.plugin import Audio, File, Image, Media, Video, Work
from callsheet.spec.conform import problems
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, Outputs
from callsheet.spec.values import SecretName, map_leaves, place_name

T = TypeVar("T")


async def in_own_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own. If the caller is cancelled, the thread goes on, but does not keep
    the process alive."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = outcome(work)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, daemon=True, name="plug-in").start()
    return await done


def within(seconds: float, work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own. Raises what it raises, and TimeoutError after `seconds`."""
    found: list[tuple[T | None, BaseException | None]] = []
    thread = threading.Thread(target=lambda: found.append(outcome(work)), daemon=True, name="plug-in")
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError
    result, error = found[0]
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def outcome(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    """(result, None) or (None, error)."""
    try:
        return work(), None
    except BaseException as error:
        return None, error


CLASSES: Final = {"image": Image, "video": Video, "audio": Audio, "file": File}


def call(signature: Signature, root: Path, job: Job) -> Outputs:
    """Call the function with the parameters of `job`, and return its outputs.

    root: the plug-in's folder or file, whose lines are shown of a traceback. Raises NodeError (*local*) with
    what the function raised, and for a parameter outside of its bounds; neither shows a key of the node.
    """
    keys = {} if job.preview else secrets.values(job)
    hide = tuple(keys.values())
    try:
        return secrets.hidden(_called(signature, root, job, keys), hide)  # type: ignore[return-value]
    except NodeError as error:
        secrets.hide(error, hide)
        raise


def _called(signature: Signature, root: Path, job: Job, keys: Mapping[str, str]) -> Outputs:
    require_bounds(signature, job)
    given = {name: _revealed(value, keys) for name, value in job.params.items()}
    arguments = {name: _given(signature.hints[name], value, job) for name, value in given.items()}
    if signature.work:
        declared = {name: value for name, value in keys.items() if name in job.spec.keys}
        arguments[signature.work] = Work(
            job.address, job.workdir, job.progress, job.cancelled, job.preview, declared
        )
    try:
        result = signature.function(**arguments)
    except NodeError:
        raise
    except BaseException as error:
        raise PlugInFailed(job.spec.uses, error, root) from error
    made = _made(result, job)
    if signature.single:
        return {signature.single: made}
    if not isinstance(made, Mapping):
        raise NodeError(
            f"{job.spec.uses} gave {type(result).__name__}, not an object with its outputs", "local"
        )
    return made


def require_bounds(signature: Signature, job: Job) -> None:
    """Raises NodeError (*local*) for a parameter outside of its bounds: one that only the run knew."""
    for name, value in job.params.items():
        for problem in problems(signature.inputs[name], value, (name,)):
            message = f"the parameter {place_name(problem.path)} of {job.spec.uses}: {problem.message}"
            raise NodeError(message, "local", problem.help or "change what it is made from")


def _revealed(value: object, keys: Mapping[str, str]) -> object:
    """A parameter with the values of the secrets that it names."""
    return map_leaves(
        value, lambda leaf: keys.get(leaf.variable, "") if isinstance(leaf, SecretName) else leaf
    )


def _given(hint: object, value: object, job: Job) -> object:
    """Convert a value to the type of the annotation: media and objects to their classes."""
    hint = _inner(hint, value)
    if value is None:
        return None
    if isinstance(value, Artifact):
        kind = File if hint is File else CLASSES[value.kind]
        return kind(value.path, value.facts)
    if isinstance(hint, type) and issubclass(hint, Media):
        raise NodeError(
            f"{job.spec.uses} takes media files of this machine, not {str(value)[:80]!r}", "local"
        )
    if isinstance(value, list):
        item = next(iter(get_args(hint)), object)
        return [_given(item, element, job) for element in value]
    if isinstance(value, Mapping) and annotation.has_fields(hint):
        return _object(hint, value, job)
    return value


def _object(hint: Any, value: Mapping[str, object], job: Job) -> object:
    hints = get_type_hints(hint, include_extras=True)
    fields = {name: _given(hints.get(name, object), part, job) for name, part in value.items()}
    return fields if is_typeddict(hint) else hint(**fields)


def _inner(hint: object, value: object) -> object:
    """The part of an annotation that fits `value`: without Annotated, and one member of a union."""
    if get_origin(hint) is None or get_origin(hint) in annotation.LISTS:
        return hint
    options = [_inner(option, value) for option in get_args(hint)]
    if type(value) in options:
        return type(value)
    fitting: Callable[[object], bool] = _wanted(value)
    return next((option for option in options if fitting(option)), hint)


def _wanted(value: object) -> Callable[[object], bool]:
    match value:
        case Mapping():
            return annotation.has_fields
        case list():
            return lambda option: get_origin(option) in annotation.LISTS
    return lambda option: isinstance(option, type) and issubclass(option, Media)


def _made(value: object, job: Job) -> Any:
    """Convert a result to outputs: media to files in the work folder, objects to mappings."""
    match value:
        case Media():
            return Made(value.kind, _in_workdir(Path(value.path), job))
        case Mapping():
            return {str(name): _made(part, job) for name, part in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return _made(value._asdict(), job)
        case list() | tuple():
            return [_made(part, job) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _made(getattr(value, f.name), job) for f in dataclasses.fields(value)}
    return value


def _in_workdir(path: Path, job: Job) -> Path:
    """`path` if it is in the work folder, else a copy there, so that no other file is taken over."""
    if path.resolve().is_relative_to(job.workdir.resolve()) and not path.is_symlink():
        return path
    try:
        folder = job.workdir / "results" / str(sum(1 for _ in job.workdir.glob("results/*")))
        folder.mkdir(parents=True)
        return Path(shutil.copyfile(path, folder / path.name))
    except OSError as error:
        raise NodeError(
            f"{job.spec.uses} gave the file {path.name}, which cannot be read: {error.strerror}", "local"
        ) from error
