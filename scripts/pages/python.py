"""docs/python.md: the public Python API, from `callsheet.__all__` and `callsheet.plugin.__all__`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Final

from pages._parts import escaped, filled

PAGE: Final = "docs/python.md"
MODULES: Final = ("callsheet", "callsheet.plugin")
TOO_LONG: Final = 88


def files() -> Mapping[str, str]:
    """The page, by its path."""
    parts = {name: "\n".join(_module(import_module(name))) for name in MODULES}
    return {PAGE: filled(PAGE, parts)}


def _module(module: ModuleType) -> Iterator[str]:
    for name in sorted(module.__all__, key=lambda name: (name[0].isupper(), name)):
        if not name.startswith("_"):
            yield from _public(name, getattr(module, name))


def _public(name: str, thing: object) -> Iterator[str]:
    yield f"### {name}\n"
    if inspect.isclass(thing) and not issubclass(thing, BaseException):
        yield from _class(name, thing)
    elif callable(thing):
        yield f"```python\n{_signature(name, thing)}\n```\n"
        yield _prose(thing)
    else:
        yield f"```python\n{name} = {_written(thing)}\n```\n"


def _class(name: str, thing: type) -> Iterator[str]:
    if is_dataclass(thing):
        lines = [
            f"    {field.name}: {field.type}" for field in fields(thing) if not field.name.startswith("_")
        ]
        yield "```python\n" + "\n".join([f"class {name}:", *(lines or ["    ..."])]) + "\n```\n"
    yield _prose(thing)
    for attribute, value in vars(thing).items():
        if attribute.startswith("_") or not getattr(value, "__doc__", None):
            continue
        if isinstance(value, property):
            yield f"- `{attribute}`: {_first_paragraph(value)}"
        elif inspect.isfunction(value) or isinstance(value, classmethod | staticmethod):
            function = getattr(value, "__func__", value)
            yield f"- `{_signature(attribute, function)}`: {_first_paragraph(function)}"
    yield ""


def _signature(name: str, thing: object) -> str:
    parameters, result = _parameters(thing), _result(thing)
    line = f"{name}({', '.join(parameters)}){result}"
    return (
        line
        if len(line) <= TOO_LONG
        else "\n".join([f"{name}(", *(f"    {p}," for p in parameters), f"){result}"])
    )


def _parameters(thing: object) -> list[str]:
    found = inspect.signature(thing).parameters.values()
    return [_parameter(p) for p in found if p.name not in ("self", "cls")]


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    default = "" if p.default is p.empty else f" = {_written(repr(p.default))}"
    return f"{stars}{p.name}{_annotation(p.annotation, ': ')}{default}"


def _result(thing: object) -> str:
    return _annotation(inspect.signature(thing).return_annotation, " -> ")


def _annotation(annotation: object, before: str) -> str:
    return "" if annotation is inspect.Parameter.empty else before + _written(annotation)


def _prose(thing: object) -> str:
    paragraphs = inspect.cleandoc(thing.__doc__ or "").split("\n\n")
    return "\n\n".join(p if p.startswith("    ") else escaped(p) for p in paragraphs) + "\n"


def _first_paragraph(thing: object) -> str:
    return escaped(inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].replace("\n", " "))


def _written(thing: object) -> str:
    """As a person would write it: a type by its own name, whether or not annotations are texts."""
    text = thing.__name__ if inspect.isclass(thing) else str(thing)
    return re.sub(r"\b(?:typing|pathlib|collections\.abc|callsheet(?:\.\w+)*)\.(?=[A-Z])", "", text)
