"""What a provider is: the keys that it needs, the endpoints that it offers, a queue for its requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.protocol import ProviderQueue

Variables = Sequence[str] | Sequence[tuple[str, ...]]
"""Names of environment variables that must all be set; or several such tuples, one of which is enough."""


@runtime_checkable
class Provider(Protocol):
    """A service that makes things for money. Our own and those of other packages are the same to a run.

    variables: the environment variables that hold its key. Their values are hidden in every text.
    """

    @property
    def variables(self) -> Variables: ...

    def find(self, uses: str, /) -> NodeSpec | None:
        """The endpoint that a node names, or None when this provider does not offer it."""
        ...

    def queue(self) -> ProviderQueue:
        """A new queue, for one run. Its `name` is the provider's."""
        ...


def alternatives(provider: Provider) -> tuple[tuple[str, ...], ...]:
    """The sets of variables of which one is enough, the usual one first."""
    named = tuple(name for name in provider.variables if isinstance(name, str))
    sets = tuple(tuple(names) for names in provider.variables if not isinstance(names, str))
    return sets or (named,)
