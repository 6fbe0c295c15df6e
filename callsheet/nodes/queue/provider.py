"""The protocol of a provider: the keys that it needs, its endpoints, a queue for its requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.protocol import ProviderQueue

Variables = Sequence[str] | Sequence[tuple[str, ...]]
"""Names of environment variables that must all be set; or several such tuples, one of which is enough."""


@runtime_checkable
class Provider(Protocol):
    """A paid service. The built-in ones and those of plug-ins implement the same protocol.

    variables: the environment variables that hold its key. Their values are hidden in every text.
    """

    @property
    def variables(self) -> Variables: ...

    def find(self, uses: str, /) -> NodeSpec | None:
        """Return the endpoint that a node names, or None when this provider has none of that name."""
        ...

    def queue(self) -> ProviderQueue:
        """Create a queue for one run. Its `name` is the provider's name."""
        ...


@runtime_checkable
class ListsEndpoints(Protocol):
    """A provider that can say which endpoints it has; then `callsheet models` and editors list them."""

    def endpoints(self) -> Iterable[str]:
        """The names that `find` knows: `studio/picture`."""
        ...


def alternatives(provider: Provider) -> tuple[tuple[str, ...], ...]:
    """The sets of variables of which one is enough, the usual one first."""
    named = tuple(name for name in provider.variables if isinstance(name, str))
    sets = tuple(tuple(names) for names in provider.variables if not isinstance(names, str))
    return sets or (named,)
