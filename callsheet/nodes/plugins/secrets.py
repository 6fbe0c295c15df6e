"""The keys of a node: read when it is called, and hidden in everything that it says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from callsheet.errors import NodeError
from callsheet.nodes.redact import hide_secrets
from callsheet.spec.node import Job, NodeSpec
from callsheet.spec.values import SecretName, leaves


def variables(spec: NodeSpec, params: object) -> tuple[str, ...]:
    """The environment variables that a node needs: those it declares, and those its parameters name."""
    named = (secret.variable for secret in leaves(params, SecretName))
    return tuple(dict.fromkeys((*spec.keys, *named)))


def values(job: Job, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variable → its value. Raises NodeError (*rejected*) for one that is not set."""
    names = variables(job.spec, job.params)
    lacking = [name for name in names if not environ.get(name, "").strip()]
    if lacking:
        raise NodeError(
            f"{' and '.join(lacking)} is not set, so {job.spec.uses} was not called",
            "rejected",
            f"set {' and '.join(lacking)}, then run again",
        )
    return {name: environ[name].strip() for name in names}


def hidden(value: object, secrets: tuple[str, ...]) -> object:
    """A result with no secret in its texts."""
    match value:
        case str():
            return hide_secrets(value, secrets)
        case Mapping():
            return {hide_secrets(str(name), secrets): hidden(part, secrets) for name, part in value.items()}
        case list():
            return [hidden(part, secrets) for part in value]
    return value


def hide(error: NodeError, secrets: tuple[str, ...]) -> None:
    """Hide secrets in everything that an error says, and in the errors that it came from."""
    error.message = hide_secrets(error.message, secrets)
    error.next_step = hide_secrets(error.next_step, secrets)
    error.report = hide_secrets(error.report, secrets)
    for one in _with_causes(error):
        one.args = tuple(hide_secrets(a, secrets) if isinstance(a, str) else a for a in one.args)


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__
