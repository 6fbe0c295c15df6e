"""Reads the parameters of a job as the types that the operation declares."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from callsheet.errors import NodeError
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job
from callsheet.spec.types import NOTHING


def value(job: Job, name: str) -> object:
    """The parameter, or its default, or None when it has neither."""
    given = job.params.get(name, NOTHING)
    if given is NOTHING or given is None:
        given = job.spec.inputs[name].default
    return None if given is NOTHING else given


def file(job: Job, name: str) -> Path:
    """The file of a required media parameter."""
    found = files(job, name)
    if not found:
        raise _wrong(job, name, "is missing")
    return found[0]


def files(job: Job, name: str) -> list[Path]:
    """The files of a media parameter that is one value, a list, or left out."""
    return [artifact.path for artifact in artifacts(job, name)]


def artifacts(job: Job, name: str) -> list[Artifact]:
    """The values of a media parameter that is one value, a list, or left out."""
    given = value(job, name)
    several = given if isinstance(given, list | tuple) else [given]
    found = [item for item in several if item is not None]
    if not all(isinstance(item, Artifact) for item in found):
        raise _wrong(job, name, "is no media file of this machine")
    return [item for item in found if isinstance(item, Artifact)]


def some_files(job: Job, name: str) -> list[Path]:
    """Like `files`, for a list that must not be empty."""
    found = files(job, name)
    if not found:
        raise _wrong(job, name, "is an empty list; at least one element is needed")
    return found


def number(job: Job, name: str) -> float:
    """A number that has a default or is required."""
    given = maybe_number(job, name)
    if given is None:
        raise _wrong(job, name, "is missing")
    return given


def maybe_number(job: Job, name: str) -> float | None:
    """A number, or None when it is left out."""
    given = value(job, name)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _wrong(job, name, f"is {given!r}, not a number")
    return float(given)


def whole(job: Job, name: str) -> int | None:
    """A whole number, or None when it is left out."""
    given = maybe_number(job, name)
    return None if given is None else round(given)


def text(job: Job, name: str) -> str:
    """A text; "" when it is left out."""
    given = value(job, name)
    return "" if given is None else str(given)


def texts(job: Job, name: str) -> list[str]:
    """A list of texts; empty when it is left out."""
    given = value(job, name)
    return [str(item) for item in given] if isinstance(given, list | tuple) else []


def numbers(job: Job, name: str) -> list[float]:
    """A list of numbers; empty when it is left out."""
    given = value(job, name)
    return [float(item) for item in given] if isinstance(given, list | tuple) else []


def records(given: object) -> list[Mapping[str, object]]:
    """The records in a list, such as the `texts` of media/text, as far as they are known."""
    return [one for one in given if isinstance(one, Mapping)] if isinstance(given, list | tuple) else []


def one_of(options: Collection[str], given: str, name: str) -> str:
    """`given`, which is one of `options`. Raises NodeError (*local*) for another one: a value that an earlier
    node makes is not known to the check. name: of the parameter."""
    if given not in options:
        raise NodeError(f'`{name}` is "{given[:40]}"', "local", f"it has to be one of {', '.join(options)}")
    return given


def flag(job: Job, name: str) -> bool:
    """A boolean with a default."""
    return value(job, name) is True


def known(params: Mapping[str, object], name: str) -> float | None:
    """A number among parameters that may not all be known yet."""
    given = params.get(name)
    return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None


def known_numbers(params: Mapping[str, object], name: str) -> list[float]:
    """A list of numbers among parameters that may not all be known yet; empty while any is not."""
    given = params.get(name)
    found = given if isinstance(given, list | tuple) else []
    numbers = [float(n) for n in found if isinstance(n, int | float) and not isinstance(n, bool)]
    return numbers if len(numbers) == len(found) else []


def known_whole(params: Mapping[str, object], name: str) -> int | None:
    """A whole number among parameters that may not all be known yet."""
    given = known(params, name)
    return None if given is None else round(given)


def _wrong(job: Job, name: str, what: str) -> NodeError:
    return NodeError(f"`{name}` of {job.spec.uses} {what}", "local", f"see {job.spec.uses} in docs/nodes.md")
