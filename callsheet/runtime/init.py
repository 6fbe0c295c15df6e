"""Creates a new project: a first pipeline, its editor schema, and what git should know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.schema import schema
from callsheet.spec.document import Document

TEMPLATE: Final = ("film.yaml", "shots.csv")
SCHEMA: Final = "callsheet.schema.json"
LINES: Final = {
    ".gitignore": (".callsheet/", "out/"),
    ".gitattributes": (
        "*.lock.yaml merge=union",
        "*.notes.jsonl merge=union",
        *(f"*.{ending} text eol=lf" for ending in ("yaml", "yml", "csv", "tsv", "json", "jsonl", "py", "md")),
    ),
}


@dataclass(frozen=True, slots=True)
class NewProject(Document):
    """A project that was created. written: its new files. pipeline: the one of them to run."""

    ALSO = ("pipeline",)

    folder: Path
    written: tuple[Path, ...]

    @property
    def pipeline(self) -> Path:
        return self.folder / TEMPLATE[0]


def init(folder: Path) -> NewProject:
    """Write a first pipeline, its shot list and the editor schema into `folder`, which is created if needed.

    Raises InputError when one of the files exists, or the folder cannot be written.
    """
    taken = [name for name in TEMPLATE if (folder / name).exists()]
    if taken:
        raise InputError(
            f"{folder / taken[0]} exists already", "choose an empty folder: callsheet init my-film"
        )
    try:
        _write(folder)
    except OSError as error:
        raise InputError(
            f"cannot write into {folder}: {error.strerror}", "choose a folder that you can write to"
        ) from None
    return NewProject(folder, tuple(folder / name for name in (*TEMPLATE, SCHEMA)))


def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in TEMPLATE:
        text = (files("callsheet.runtime") / "template" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    (folder / SCHEMA).write_text(json.dumps(schema(root=folder), ensure_ascii=False) + "\n", encoding="utf-8")
    for name, lines in LINES.items():
        add_lines(folder / name, lines)


def add_lines(path: Path, wanted: Sequence[str]) -> bool:
    """Add the lines that a file does not have yet. Returns whether there were some."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = [line for line in wanted if line not in lines]
    if missing:
        path.write_text("\n".join([*lines, *missing]) + "\n", encoding="utf-8")
    return bool(missing)
