"""The request of an instance as a value that can be compared before anything is made.

What is not known before a run is replaced: an output by the name of its instance and its place, text that a
model will write by its place in brackets. Two requests are the same if they have the same key then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.runtime import keys
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.types import Choice, ListOf, Maybe, Media, MediaKind, OneOf, Record, Scalar, Type
from callsheet.spec.values import Deferred, LocalFile, Ref, leaves, map_leaves

Name = Callable[[str], str]
"""Address → its name in a comparison."""
Files = Mapping[Path, str]
"""The user's own files: path → digest."""

TRIES: Final = (7.37, 7.0, 5.0, 8.0, 4.0, 1.0, 30.0)
"""Numbers that replace an output that is a number; an expression is tried with each of them."""


@dataclass(frozen=True, slots=True)
class Output:
    """An output of another instance, as a value. text: `card["a"].images[0]`."""

    text: str

    @property
    def tagged(self) -> list[object]:
        return ["output", self.text]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class File:
    """A file of the user's, as a value. digest: sha256, hex; "" for one that cannot be read."""

    kind: MediaKind
    path: str
    digest: str

    @property
    def tagged(self) -> list[object]:
        return ["media", self.kind, self.digest]

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression over outputs that cannot be evaluated before a run. text: as it is written."""

    text: str
    over: tuple[Output, ...]

    @property
    def tagged(self) -> list[object]:
        return ["formula", self.text, [output.text for output in self.over]]

    def __str__(self) -> str:
        return self.text


class Requests:
    """The requests of a graph's instances."""

    def __init__(self, instances: Mapping[str, Instance], files: Files) -> None:
        self.instances, self.files = instances, files

    def parameters(self, address: str, name: Name = str) -> dict[str, object]:
        """The parameters of an instance: JSON values, `Output`, `File`, `Formula` and `SecretName`."""
        return self.of(self.instances[address], name)

    def of(self, instance: Instance, name: Name = str) -> dict[str, object]:
        """As `parameters`, of an instance that may be an alternative of one of these."""
        return {n: self.value(v, name) for n, v in instance.params.items()}

    def value(self, value: object, name: Name = str) -> object:
        """A value of `Instance.params` or `Graph.outputs` in the same form."""

        def same_form(leaf: object) -> object:
            match leaf:
                case Ref():
                    return _output(leaf, name)
                case Deferred():
                    return self._late(leaf, name)
                case LocalFile(kind, path):
                    return File(kind, path.as_posix(), self.files.get(path, ""))
                case Artifact(digest=text):
                    return Output(text)
            return leaf

        return map_leaves(value, same_form)

    def key(self, address: str, name: Name) -> str:
        """The key of a request; `name` says which instances count as the same."""
        return keys.key(keys.request(self.instances[address], self.parameters(address, name)))

    def _late(self, late: Deferred, name: Name) -> object:
        """What the expression gives with stand-ins for the outputs; itself, where it takes none of them."""
        for number in TRIES:
            try:
                return self.value(late.compute(lambda ref, n=number: self._stand_in(ref, n, name)), name)  # type: ignore[misc]
            except (NodeError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
                continue
        return Formula(late.text, tuple(_output(ref, name) for ref in late.refs))

    def _stand_in(self, ref: Ref, number: float, name: Name) -> object:
        if ref.address not in self.instances:
            raise LookupError(ref.address)
        outputs = self.instances[ref.address].spec.outputs
        found: Type = Record()
        for i, step in enumerate(ref.path):
            found = outputs[str(step)] if i == 0 else _inside(found, step)
        return _stand_in(found, _output(ref, name).text, number)


def _output(ref: Ref, name: Name) -> Output:
    return Output(name(ref.address) + place(ref.path))


def place(path: tuple[str | int, ...]) -> str:
    """`.images[0]`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _inside(t: Type, step: str | int) -> Type:
    """The type at one step into a value of type `t`; json where that is not known."""
    match t, step:
        case Maybe(inner), _:
            return _inside(inner, step)
        case ListOf(item), int():
            return item
        case Record(fields), str() if step in fields:
            return fields[step].type
        case Media(), "width" | "height":
            return Scalar("integer")
        case Media(), "seconds" | "fps":
            return Scalar("number")
        case Media(), "audio":
            return Scalar("boolean")
    return Scalar("json")


def _stand_in(t: Type, text: str, number: float) -> object:
    """A value of type `t` that holds `text`. Raises LookupError where there is none."""
    match t:
        case Scalar("string"):
            return f"⟨{text}⟩"
        case Scalar("integer"):
            return int(number)
        case Scalar("number"):
            return number
        case Scalar("boolean"):
            return True
        case Media(kind):
            return Artifact(kind, Path(text), text, Facts(number, 1920, 1080, 24.0, True))
        case Choice(values):
            return values[0]
        case Maybe(inner) | OneOf((inner, *_)):
            return _stand_in(inner, text, number)
        case ListOf(item):
            return [_stand_in(item, f"{text}[{i}]", number) for i in range(2)]
        case Record(fields):
            return {n: _stand_in(f.type, f"{text}.{n}", number) for n, f in fields.items()}
    raise LookupError(text)


def outputs_in(value: object) -> Iterator[Output]:
    """Every output inside a value."""
    for leaf in leaves(value, object):
        match leaf:
            case Output():
                yield leaf
            case Formula(over=over):
                yield from over
