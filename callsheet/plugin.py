"""Everything that a plug-in is written with; docs/plugins.md shows how.

For nodes: media values for signatures, the work that a function is given, what it declares of itself, and the
errors that it raises.

    from callsheet.plugin import Image, Video, Work

    def slate(title: str, work: Work, seconds: float = 2.0, plate: Image | None = None) -> Video:
        \"""A slate with a title on it.\"""
        ...
        return Video(work.folder / "slate.mp4")

For providers: the names that `callsheet.nodes.plugins.provider_api` lists, loaded when one is first used.

    from callsheet.plugin import Accepted, BaseQueue, NodeSpec
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from callsheet.errors import Kind, NodeError
from callsheet.spec.media import Facts
from callsheet.spec.price.price import Price
from callsheet.spec.price.rule import Rate
from callsheet.spec.types import MediaKind

__all__ = [
    "Audio",
    "Facts",
    "File",
    "Image",
    "Media",
    "NodeError",
    "NotAccepted",
    "Price",
    "Rate",
    "Video",
    "Work",
    "node",
]

FOR_PROVIDERS: Final = "callsheet.nodes.plugins.provider_api"

if TYPE_CHECKING:
    from callsheet.nodes.plugins import provider_api
    from callsheet.nodes.plugins.provider_api import *  # noqa: F403

    __all__ += provider_api.__all__


@dataclass(frozen=True, slots=True)
class Media:
    """A media file of this machine. facts: what is known of one that was given; not needed to return one."""

    kind: ClassVar[MediaKind] = "file"
    path: Path
    facts: Facts = field(default_factory=Facts)


class Image(Media):
    """A picture."""

    __slots__ = ()
    kind = "image"


class Video(Media):
    """Moving pictures, with or without sound."""

    __slots__ = ()
    kind = "video"


class Audio(Media):
    """Sound alone."""

    __slots__ = ()
    kind = "audio"


class File(Media):
    """Any file."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Work:
    """One call of a node, for a function that has a parameter of this type.

    address: the instance, `slate["dawn"]`. folder: an empty folder for the files that the call makes; it is
    removed afterwards. progress takes 0 to 1. preview: the call is part of a preview. keys: the values of the
    environment variables that the node declares with `@node(keys=…)`; none in a preview.
    """

    address: str
    folder: Path
    progress: Callable[[float], None]
    is_cancelled: Callable[[], bool]
    preview: bool = False
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether the call must end: the run is being stopped, or the node's `timeout` is over."""
        return self.is_cancelled()


class NotAccepted(NodeError):
    """The service certainly did not take the request: nothing has to be paid, and it may be sent again.

    kind: *rejected* when the request itself is wrong, *unavailable* when it may work later.
    """

    def __init__(self, message: str, kind: Kind = "rejected", next_step: str = "") -> None:
        super().__init__(message, kind, next_step)


Function = TypeVar("Function", bound=Callable[..., Any])
DECLARED: Final = "__callsheet__"
"""The attribute of a function that holds its `NodeOptions`."""


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What `node` declares of a function."""

    keys: tuple[str, ...] = ()
    preview: Callable[..., Any] | None = None
    price: Price | float | None = None


def node(
    *,
    keys: Sequence[str] = (),
    preview: Callable[..., Any] | None = None,
    price: Price | float | None = None,
) -> Callable[[Function], Function]:
    """Declare what a function needs beside its parameters, if it asks a service. The function stays as it is.

    keys: the environment variables that hold its keys, as `work.keys` gives them. A missing one is told
    before anything is sent, and their values are hidden in everything that callsheet shows or writes.
    preview: a function with the same parameters and outputs that takes its place in a preview; without one,
    callsheet draws the results of a node that has keys or a price. price: USD of each call, or a `Price`. The
    call then is a paid one: it counts in the budget, is written to the ledger before it begins, and is never
    repeated unless it raises `NotAccepted`.
    """

    def declare(function: Function) -> Function:
        setattr(function, DECLARED, NodeOptions(tuple(keys), preview, price))
        return function

    return declare


def __getattr__(name: str) -> object:
    """Load what providers need when it is first used: an HTTP client costs more than a whole `check`."""
    if not name.startswith("_"):
        offered = import_module(FOR_PROVIDERS)
        if name in offered.__all__:
            return getattr(offered, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *import_module(FOR_PROVIDERS).__all__})
