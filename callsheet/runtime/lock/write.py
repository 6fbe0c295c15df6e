"""Writes a lock as text: sorted, the same bytes for the same lock, made for line-wise merging.

The content of an entry is one line, so that a merge cannot mix two of them. Its name on the line before and a
blank line after it do not change with it, so that two branches can change neighbouring entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callsheet.dsl.yaml.writer import scalar
from callsheet.runtime.lock.model import Block, Lock, Made, Recipe
from callsheet.runtime.store import atomic as disk

VERSION: Final = 1
HEAD: Final = "# Written by callsheet, to be committed. After a merge: callsheet lock FILE\n"

NUMBER: Final = re.compile("[0-9]+(e[0-9]+)?")


def write(lock: Lock, path: Path) -> bool:
    """Write `lock` to `path`. Returns whether the file changed; a file with the same content is not touched.

    Raises StoreError.
    """
    new = text(lock).encode("utf-8", "replace")
    try:
        if path.read_bytes() == new:
            return False
    except FileNotFoundError:
        if lock == Lock():
            return False
    except OSError as error:
        raise disk.explained(error, path) from error
    disk.replace(path, [new])
    return True


def text(lock: Lock) -> str:
    """The whole file."""
    sections = {
        "recipes": [_recipe(*entry) for entry in sorted(lock.recipes.items())],
        "endpoints": [
            f"  {scalar(uses)}:\n    {_hex(digest)}\n" for uses, digest in sorted(lock.endpoints.items())
        ],
        "instances": [_block(*entry) for entry in sorted(lock.instances.items())],
    }
    parts = [f"{name}:\n" + "\n".join(entries) for name, entries in sections.items() if entries]
    return "\n".join([f"{HEAD}lock: {VERSION}\n", *parts])


def _recipe(uses: str, recipe: Recipe) -> str:
    return f"  {scalar(uses)}:\n    {{commit: {_hex(recipe.commit)}, tree: {_hex(recipe.tree)}}}\n"


def _block(address: str, block: Block) -> str:
    return f"  {scalar(address)}:\n    {{{', '.join(_fields(block))}}}\n"


def _fields(block: Block) -> Iterator[str]:
    if block.takes is not None:
        yield f"takes: {block.takes}"
    if block.pick is not None:
        yield f"pick: {block.pick}"
    if block.approved:
        yield f"approved: {_hex(block.approved)}"
    if block.made:
        yield from _made(block.made)


def _made(made: Made) -> Iterator[str]:
    outputs = (f"{scalar(place, True)}: {_hex(digest)}" for place, digest in sorted(made.outputs.items()))
    yield f"key: {_hex(made.key)}"
    yield f"uses: {scalar(made.uses, True)}"
    yield f"usd: {_usd(made.usd)}"
    yield f"outputs: {{{', '.join(outputs)}}}"
    if made.refused:
        yield f"refused: [{', '.join(map(_hex, made.refused))}]"


def _hex(digits: str) -> str:
    """The digits; in quotes where YAML would take them for a number."""
    return f'"{digits}"' if NUMBER.fullmatch(digits) else digits


def _usd(usd: float | None) -> str:
    """USD with the six digits that the ledger counts; null where nobody knows."""
    if usd is None:
        return "null"
    return f"{usd:.6f}".rstrip("0").rstrip(".")
