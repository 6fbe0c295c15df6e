"""Reads the inputs, outputs and description of a node from a typed function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import annotation
from callsheet.plugin import Work
from callsheet.spec.conform import problems
from callsheet.spec.types import NOTHING, STRING, Field, ListOf, Maybe, Media, Type

Function = Callable[..., Any]
STARRED: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
TYPES: Final = "see docs/plugins.md for the types that a node can have"


@dataclass(frozen=True, slots=True)
class Signature:
    """The inputs and outputs of a function. hints: its annotations, with `return`.

    work: the name of its parameter of type `Work`, if it has one. single: the name of its one output; ""
    when its result is an object whose fields are the outputs.
    """

    function: Function
    hints: Mapping[str, object]
    inputs: Mapping[str, Field]
    outputs: Mapping[str, Type]
    work: str
    single: str

    @property
    def summary(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())


def read_signature(uses: str, function: Function) -> Signature:
    """The signature of the node `uses`. Raises PlugInError, naming the parameter that is wrong."""
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise PlugInError(
            f"`{uses}` is asynchronous or a generator", "write a plain function; it gets a thread"
        )
    try:
        hints = get_type_hints(function, include_extras=True)
    except Exception as error:
        raise PlugInError(f"the annotations of `{uses}` cannot be read: {error}", TYPES) from error
    parameters = inspect.signature(function).parameters
    work = [name for name in parameters if hints.get(name) is Work]
    inputs = {
        name: _input(uses, parameter, hints) for name, parameter in parameters.items() if name not in work
    }
    outputs, single = _outputs(uses, hints)
    return Signature(function, hints, inputs, outputs, work[0] if work else "", single)


def _input(uses: str, parameter: inspect.Parameter, hints: Mapping[str, object]) -> Field:
    name = parameter.name
    if parameter.kind in STARRED or parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise PlugInError(
            f"the parameter `{name}` of `{uses}` has no name in a pipeline",
            "name each parameter, without `*`",
        )
    if name not in hints:
        raise PlugInError(f"the parameter `{name}` of `{uses}` has no type", f"annotate it: `{name}: str`")
    default = NOTHING if parameter.default is inspect.Parameter.empty else parameter.default
    try:
        field = annotation.read_field(hints[name], default)
    except annotation.Unchecked as error:
        raise PlugInError(
            f"the parameter `{name}` of `{uses}` has a bound that nothing checks: {error}",
            f"use {annotation.CHECKED}",
        ) from None
    except annotation.Unreadable as error:
        raise PlugInError(
            f"the parameter `{name}` of `{uses}` is of no type that a node has: {error}", TYPES
        ) from None
    if field.default is not NOTHING and any(problems(field, field.default)):
        raise PlugInError(f"the default of `{name}` of `{uses}` is not of its own type", TYPES)
    return field


def _outputs(uses: str, hints: Mapping[str, object]) -> tuple[Mapping[str, Type], str]:
    result = hints.get("return", type(None))
    if result is type(None):
        raise PlugInError(f"`{uses}` does not say what it gives", "annotate its result: `-> Video`")
    try:
        if annotation.has_fields(result):
            return {name: _output(field) for name, field in annotation.fields(result)}, ""
        t = annotation.read(result)
    except annotation.Unreadable as error:
        raise PlugInError(f"the result of `{uses}` is of no type that a node has: {error}", TYPES) from None
    single = output_name(t)
    return {single: t}, single


def _output(field: Field) -> Type:
    return field.type if field.required or isinstance(field.type, Maybe) else Maybe(field.type)


def output_name(t: Type) -> str:
    """The name of a single output: its kind of media, `text`, or `value`; of a list the plural."""
    match t:
        case Maybe(inner):
            return output_name(inner)
        case ListOf(item):
            return f"{output_name(item)}s"
        case Media(kind):
            return kind
    return "text" if t == STRING else "value"
