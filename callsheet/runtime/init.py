"""Creates a new project: a first pipeline, its editor schema, and what git should know."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.examples import PIPELINE, files_of
from callsheet.runtime.schema import schema
from callsheet.spec import shell
from callsheet.spec.document import Document

TEMPLATE: Final = (PIPELINE, "shots.csv")
SCHEMA: Final = "callsheet.schema.json"
LINES: Final = {
    ".gitignore": (".callsheet/", "out/"),
    ".gitattributes": (
        "*.lock.yaml merge=union",
        "*.notes.jsonl merge=union",
        *(f"*.{ending} text eol=lf" for ending in ("yaml", "yml", "csv", "tsv", "json", "jsonl", "py", "md")),
        *(f"*.{ending} -text" for ending in ("cube", "fountain", "srt", "storyboarder", "txt")),
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
        return next((path for path in self.written if path.name == PIPELINE), self.folder / PIPELINE)


def init(folder: Path, example: str = "") -> NewProject:
    """Write a first pipeline, its shot list and the editor schema into `folder`, which is created if needed.

    example: the name of an example whose files are written instead. Raises InputError when there is no such
    example, one of the files exists, or the folder cannot be written.
    """
    sources: Mapping[Path, Traversable] = files_of(example) if example else _template()
    taken = [name for name in sources if (folder / name).exists()]
    if taken:
        words = ["--from", example, example] if example else ["my-film"]
        again = shell.command(["callsheet", "init", *words])
        raise InputError(f"{folder / taken[0]} exists already", f"choose an empty folder: {again}")
    try:
        _write(folder, sources)
    except OSError as error:
        raise InputError(
            f"cannot write into {folder}: {error.strerror}", "choose a folder that you can write to"
        ) from None
    return NewProject(folder, tuple(folder / name for name in (*sources, Path(SCHEMA))))


def _template() -> Mapping[Path, Traversable]:
    return {Path(name): files("callsheet.runtime") / "template" / name for name in TEMPLATE}


def _write(folder: Path, sources: Mapping[Path, Traversable]) -> None:
    for inside, source in sources.items():
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        (folder / inside).write_bytes(source.read_bytes())
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
