"""docs/python.md: the public Python API, from what its three modules list."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import PurePath
from types import ModuleType
from typing import Final, get_args, get_origin, get_type_hints, is_typeddict

from pages._parts import escaped, filled

from callsheet import Event

PAGE: Final = "docs/python.md"
MODULES: Final = ("callsheet", "callsheet.plugin", "callsheet.testing", "callsheet.webhook")
TOO_LONG: Final = 88
EVENTS: Final = get_args(Event)
"""They have a page of their own."""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    parts = {name: re.sub(r"\n{3,}", "\n\n", "\n".join(_module(import_module(name)))) for name in MODULES}
    return {PAGE: filled(PAGE, parts)}


def _module(module: ModuleType) -> Iterator[str]:
    for name in sorted(_names(module), key=lambda name: (name[0].isupper(), name.isupper(), name)):
        yield _public(name, getattr(module, name))


def _names(module: ModuleType) -> list[str]:
    """What the module offers, also what it loads when it is first used."""
    names = dir(module) if "__dir__" in vars(module) else module.__all__
    shown = {name: getattr(module, name) for name in names if not name.startswith("_")}
    return [name for name, thing in shown.items() if not inspect.ismodule(thing) and thing not in EVENTS]


def _public(name: str, thing: object) -> str:
    if inspect.isclass(thing):
        return "\n".join([f"### {name}\n", *_class(name, thing)])
    if inspect.isroutine(thing):
        return f"### {name}\n\n```python\n{_signature(name, thing)}\n```\n{_prose(thing)}"
    what = f"{name} = {_written(thing)}" if get_origin(thing) else f"{name}: {_written(type(thing))}"
    return f"### {name}\n\n```python\n{what}\n```\n"


def _class(name: str, thing: type) -> Iterator[str]:
    if issubclass(thing, BaseException):
        bases = ", ".join(base.__name__ for base in thing.__bases__)
        yield f"```python\nclass {name}({bases})\n```\n"
    elif is_typeddict(thing):
        lines = [f"    {field}: {_written(hint)}" for field, hint in get_type_hints(thing).items()]
        yield "```python\n" + "\n".join([f"class {name}(TypedDict, total=False):", *lines]) + "\n```\n"
    elif is_dataclass(thing):
        shown = [field for field in fields(thing) if not field.name.startswith("_")]
        lines = [f"    {field.name}: {field.type}" for field in shown]
        yield "```python\n" + "\n".join([f"class {name}:", *(lines or ["    ..."])]) + "\n```\n"
    yield _prose(thing)
    for attribute, value in vars(thing).items():
        if attribute.startswith("_") or not getattr(value, "__doc__", None):
            continue
        if isinstance(value, property):
            yield f"- `{attribute}`: {_first_paragraph(value)}"
        elif inspect.isfunction(value) or isinstance(value, classmethod | staticmethod):
            function = getattr(value, "__func__", value)
            yield f"- `{_line(attribute, function)}`: {_first_paragraph(function)}"
    yield ""


def _signature(name: str, thing: object) -> str:
    line = _line(name, thing)
    if len(line) <= TOO_LONG:
        return line
    return "\n".join([f"{name}(", *(f"    {p}," for p in _parameters(thing)), f"){_result(thing)}"])


def _line(name: str, thing: object) -> str:
    return f"{name}({', '.join(_parameters(thing))}){_result(thing)}"


def _parameters(thing: object) -> list[str]:
    found = inspect.signature(thing).parameters.values()
    return [_parameter(p) for p in found if p.name not in ("self", "cls")]


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    default = "" if p.default is p.empty else f" = {_default(p.default)}"
    return f"{stars}{p.name}{_annotation(p.annotation, ': ')}{default}"


def _default(value: object) -> str:
    """A default as it is written; a value of this machine, such as the environment, is never shown."""
    if value is None or isinstance(value, str | int | float | tuple):
        return repr(value)
    if isinstance(value, PurePath):
        return f"Path({str(value)!r})"
    return "os.environ" if value is os.environ else getattr(value, "__name__", "…")


def _result(thing: object) -> str:
    return _annotation(inspect.signature(thing).return_annotation, " -> ")


def _annotation(annotation: object, before: str) -> str:
    return "" if annotation is inspect.Parameter.empty else before + _written(annotation)


def _prose(thing: object) -> str:
    paragraphs = inspect.cleandoc(thing.__doc__ or "").split("\n\n")
    return "\n\n".join(["", *(p if p.startswith("    ") else escaped(p) for p in paragraphs)]) + "\n"


def _first_paragraph(thing: object) -> str:
    return escaped(inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].replace("\n", " "))


def _written(thing: object) -> str:
    """As a person would write it: a type by its own name, whether or not annotations are texts."""
    text = thing.__name__ if inspect.isclass(thing) else str(thing)
    return re.sub(r"\b(?:typing|pathlib|collections\.abc|callsheet(?:\.\w+)*)\.(?=[A-Z])", "", text)
