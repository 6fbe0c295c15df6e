"""text/shots: reads a shot list from a file as a list of shots."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import local
from callsheet.nodes.text.formats import duration, fountain, markdown, storyboarder, table
from callsheet.nodes.text.formats.table import ALIASES, Row, ShotListError, Tell, column
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.separator import declared
from callsheet.spec.types import BOOLEAN, FILE, NUMBER, STRING, Choice, Field, ListOf, Maybe, Record

MOST: Final = 10_000
LARGEST: Final = 4 * 1024 * 1024

Reader = Callable[[str, Tell], Iterator[Row]]
READERS: Final[Mapping[str, Reader]] = {
    "csv": lambda text, tell: table.delimited(text, "", tell),
    "tsv": lambda text, tell: table.delimited(text, "\t", tell),
    "markdown": markdown.tables,
    "fountain": fountain.screenplay,
    "storyboarder": storyboarder.boards,
}
SCREENPLAY: Final = ("lines", "camera", "guess")
"""Parameters that only a screenplay knows."""
ENDINGS: Final = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".fountain": "fountain",
    ".spmd": "fountain",
    ".storyboarder": "storyboarder",
    ".json": "storyboarder",
}
LINE: Final = Record(
    {
        "who": Field(STRING, required=True),
        "text": Field(STRING, required=True),
        "parenthetical": Field(Maybe(STRING)),
        "extension": Field(Maybe(STRING)),
    }
)
SHOT: Final = Record(
    {
        "id": Field(STRING, required=True),
        "lines": Field(Maybe(ListOf(LINE))),
        **{name: Field(Maybe(NUMBER if name == "duration" else STRING)) for name in ALIASES if name != "id"},
    }
)


def _facts(_: Parameters) -> Mapping[str, Facts]:
    return {}


SPEC: Final = local(
    "text/shots",
    "A shot list from a spreadsheet, a Markdown table, a screenplay or a storyboard.",
    {
        "file": Field(FILE),
        "text": Field(STRING),
        "format": Field(Choice(("auto", *READERS)), default="auto"),
        "lines": Field(BOOLEAN),
        "camera": Field(BOOLEAN),
        "guess": Field(BOOLEAN),
    },
    {"shots": ListOf(SHOT)},
    _facts,
    rules=(
        Rule(
            ("file", "text"),
            "a shot list comes from `file` or from `text`",
            "give one of the two",
            lambda params: ("file" in params) == ("text" in params),
        ),
    ),
    task="text",
)
DOC: Final = {
    "file": "A local file, in UTF-8 (or UTF-16, as spreadsheets write it), at most 4 MiB.",
    "text": "The list itself, such as the answer of a `text/chat`.",
    "format": "`auto` goes by the ending of the file, or else by the text.",
    "lines": "Of a screenplay: each shot also has `lines`, what is said in it, in order. `parenthetical` is "
    "how (`softly`), `extension` what stands behind the name (`V.O.`).",
    "camera": "Of a screenplay: a line such as `CLOSE ON THE LAMP`, alone and in capitals, begins a shot of "
    "its scene.",
    "guess": "Of a screenplay: a shot without a `duration` gets one from its words, at 2.5 spoken words or "
    "3.5 words of action a second, and at least 2 s.",
    "shots": "One for each row, scene, shot note or board, in order; at most 10,000. `id` is distinct and "
    "always there; `duration` is in seconds; `prompt` is the description where there is no prompt.",
}
EXAMPLE: Final = {
    "file": "${{ inputs.screenplay }}",
}


def run(job: Job) -> Outputs:
    path = next(iter(asked.files(job, "file")), None)
    text = _read(path) if path else asked.text(job, "text")
    name = asked.text(job, "format")
    try:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        form = name if name != "auto" else ENDINGS.get(path.suffix.lower() if path else "") or detect(text)
        return {"shots": shots(_rows(job, form, text))}
    except ShotListError as error:
        raise NodeError(_placed(path, error), "local", error.help) from None


def _rows(job: Job, form: str, text: str) -> Iterator[Row]:
    wanted = {name: True for name in SCREENPLAY if job.params.get(name) is True}
    if form == "fountain":
        return fountain.screenplay(text, job.tell, fountain.Wanted(**wanted))
    if wanted:
        job.tell(f"this is no screenplay, so {' and '.join(f'`{name}`' for name in wanted)} changes nothing")
    return READERS[form](text, job.tell)


def detect(text: str) -> str:
    """The format that a text is in. Raises ShotListError."""
    lines = [line for line in text.split("\n") if line.strip()]
    first = lines[0] if lines else ""
    if declared(text)[0]:
        return "csv"
    if first.lstrip().startswith("{"):
        return "storyboarder"
    if any(map(markdown.is_rule, lines)):
        return "markdown"
    headers = re.split(r"[,;\t]", first)
    if len(headers) > 1 and any(map(column, headers)):
        return "csv"
    if any(fountain.HEADING.match(line.strip()[: fountain.LONGEST]) for line in lines):
        return "fountain"
    raise ShotListError(
        0, "this is no shot list in a format that is known", f"say which `format` it is: {', '.join(READERS)}"
    )


def shots(rows: Iterable[Row]) -> list[dict[str, object]]:
    """The shots of `rows`, each with an id of its own. Raises ShotListError."""
    found: list[dict[str, object]] = []
    lines: dict[str, int] = {}
    for row in rows:
        shot = _shot(row, len(found) + 1)
        key = str(shot["id"])
        if key in lines:
            message = f"the shot `{key[:60]}` is there already (line {lines[key]})"
            raise ShotListError(row.line, message, "give each shot an id of its own")
        lines[key] = row.line
        found.append(shot)
        if len(found) > MOST:
            raise ShotListError(row.line, f"there are more than {MOST:,} shots", "split the list")
    if not found:
        raise ShotListError(0, "there is no shot in it", "add a line for each shot below the header")
    return found


def _shot(row: Row, number: int) -> dict[str, object]:
    cells = dict(row.cells)
    length = cells.pop("duration", None)
    prompt = cells.get("prompt") or cells.get("description")
    known = {"id": _id(cells, number), **({"prompt": prompt} if prompt else {})}
    shot: dict[str, object] = {**cells, **known}
    if row.lines:
        shot["lines"] = [dict(line) for line in row.lines if line["text"]]
    if length is not None:
        shot["duration"] = _seconds(row.line, length)
    return shot


def _id(cells: Mapping[str, str], number: int) -> str:
    """The id of a shot: as written; else scene and shot (`3-12`, or `3A` when that names its scene); else its
    number in the list."""
    scene, shot = cells.get("scene", ""), cells.get("shot", "")
    if "id" in cells:
        return cells["id"]
    if scene and shot and (shot.isdecimal() or not shot.startswith(scene)):
        return f"{scene}-{shot}"
    return shot or str(number)


def _seconds(line: int, text: str) -> float:
    found = duration.seconds(text)
    if found is None or not 0 < found <= 24 * 3600:
        raise ShotListError(
            line, f"`{text[:40]}` is no duration", "write seconds (`6`, `6.5`), `6s` or `0:06`"
        )
    return found


def _read(path: Path) -> str:
    """The text of a file. Raises NodeError (*local*)."""
    if path.stat().st_size > LARGEST:
        raise NodeError(f"{path.name} is larger than {LARGEST >> 20} MiB", "local", "split the list")
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NodeError(
            f"{path.name}, line {line}: this is not UTF-8 text",
            "local",
            "save it as UTF-8 (CSV UTF-8 in a spreadsheet)",
        ) from None
    if "\0" in text:
        raise NodeError(f"{path.name} is no text file", "local", "export it as CSV, Markdown or Fountain")
    return text


def _placed(path: Path | None, error: ShotListError) -> str:
    name = path.name if path else "the shot list"
    return f"{name}{f', line {error.line}' if error.line else ''}: {error.message}"
