"""The golden plan of a recipe: a text file with what each of its examples asks for.

It has no prices, no dates and nothing of the catalogue, so that it changes only when the recipe does, or what
it is made of.

    two_shots
      keyframe["dawn"]
        uses: fal-ai/hunyuan-image/v3/text-to-image
        prompt: "at the window, charcoal"
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph, Instance, Options
from callsheet.errors import InputError
from callsheet.runtime.diff.request import File, Formula, Output, Requests
from callsheet.spec.regular_file import read_regular
from callsheet.spec.values import SecretName

Lines = tuple[str, ...]
Blocks = Mapping[str, Lines]
"""Address → what is asked for there. `outputs` and `skipped` stand beside the addresses; a node with such a
name shares its block with them."""

OUTPUTS, SKIPPED = "outputs", "skipped"
ENDING: Final = ".plan.txt"
HEAD: Final = "# What the examples of {name} ask for. `callsheet test --update` writes this file.\n"
LARGEST: Final = 8 << 20
"""Bytes of a golden plan at most."""
HOW: Final = ("attempts", "retried", "pause", "cache", "timeout", "provider", "missing", "approve")
"""The options that are in it; takes are instances of their own."""


def golden_path(recipe: Path) -> Path:
    """`board.plan.txt` beside `board.yaml`."""
    return recipe.with_name(recipe.stem + ENDING)


def blocks_of(graph: Graph, folder: Path) -> Blocks:
    """What a graph asks for. folder: of the recipe; files are named from there."""
    requests = Requests(graph.instances, {})
    found = {address: tuple(_instance(i, requests, folder)) for address, i in graph.instances.items()}
    for unknown in graph.dynamic.unknown() if graph.dynamic else ():
        lines = tuple(_instance(unknown.sample, requests, folder))
        found[f"{unknown.node} (at most {unknown.most})"] = lines
    if graph.skipped:
        found[SKIPPED] = (*found.get(SKIPPED, ()), *graph.skipped)
    named = {name: requests.value(value) for name, value in graph.outputs.items()}
    if graph.dynamic:
        named |= {name: f"from {', '.join(nodes)}" for name, nodes in graph.dynamic.unknown_outputs.items()}
    found[OUTPUTS] = (*found.get(OUTPUTS, ()), *_lines(named, folder))
    return found


def _instance(instance: Instance, requests: Requests, folder: Path) -> Iterator[str]:
    yield f"uses: {instance.spec.uses}"
    yield from _lines(requests.of(instance), folder)
    for option in fields(Options):
        value = getattr(instance.options, option.name)
        if option.name in HOW and value != option.default:
            yield f"({option.name}: {value})"
    for number in range(1, len(instance.alternatives) + 1):
        other = instance.as_alternative(number)
        yield f"or uses: {other.spec.uses}"
        yield from (f"or {line}" for line in _lines(requests.of(other), folder))


def _lines(values: Mapping[str, object], folder: Path) -> Iterator[str]:
    """One line for each value; a list of objects has one for each element."""
    for name, value in sorted(values.items()):
        if isinstance(value, list) and any(isinstance(part, dict | list) for part in value):
            yield from (f"{name}[{i}]: {_shown(part, folder)}" for i, part in enumerate(value))
        else:
            yield f"{name}: {_shown(value, folder)}"


def _shown(value: object, folder: Path) -> str:
    """A value in one line: texts in quotes, outputs and files by their names."""
    match value:
        case File(path=path):
            return Path(os.path.relpath(path, folder)).as_posix()
        case Output() | Formula() | SecretName():
            return " ".join(str(value).split())
        case list():
            return f"[{', '.join(_shown(part, folder) for part in value)}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_shown(part, folder)}' for key, part in sorted(value.items()))}}}"
    return json.dumps(value, ensure_ascii=False, default=str)


def read_golden(path: Path) -> Mapping[str, Blocks] | None:
    """Example → what it asked for when the file was written; None without a file. Raises InputError."""
    try:
        text = read_regular(path, LARGEST).decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} cannot be read: {error}", "callsheet test --update writes it anew"
        ) from None
    examples: dict[str, dict[str, list[str]]] = {}
    blocks: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        own = line.strip()
        if not own or line.startswith("#"):
            continue
        if not line.startswith(" "):
            blocks = examples.setdefault(own, {})
        elif not line.startswith("    "):
            lines = blocks.setdefault(own, [])
        else:
            lines.append(own)
    return {name: {a: tuple(found) for a, found in parts.items()} for name, parts in examples.items()}


def written(recipe: Path, examples: Mapping[str, Blocks]) -> str:
    """The text of a golden plan."""
    parts = [HEAD.format(name=recipe.name)]
    for name, blocks in examples.items():
        parts.append(f"\n{name}\n")
        for address, lines in blocks.items():
            parts.append(f"  {address}\n")
            parts += [f"    {line}\n" for line in lines]
    return "".join(parts)


def differences(old: Blocks, new: Blocks) -> Iterator[str]:
    """How two plans of an example differ, in lines that a person reads: `-` was there, `+` is there now."""
    for address in dict.fromkeys([*old, *new]):
        before, after = old.get(address), new.get(address)
        if before == after:
            continue
        if before is None or after is None:
            mark, lines = ("+", after) if before is None else ("-", before)
            yield f"{mark} {address}"
            yield from (f"{mark}   {line}" for line in lines or ())
            continue
        yield f"  {address}"
        yield from (f"-   {line}" for line in before if line not in after)
        yield from (f"+   {line}" for line in after if line not in before)
