"""Inputs: values, list files and media files that a person gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from callsheet.spec.rules.rule import Problem, Rule, Text
from callsheet.spec.rules.values import LOCAL_FILE
from callsheet.spec.suggest import nearest, suggest
from callsheet.spec.types import Media, MediaKind, Type
from callsheet.spec.wording import a_type, paths_start

VALUE: Final = Rule("input-value", "A value given for an input does not fit its type.")
MISSING: Final = Rule("input-missing", "An input without a default was not given.")
UNKNOWN: Final = Rule(
    "input-unknown", "`--set` or `--inputs` names an input that the pipeline does not have."
)
LIST_FILE: Final = Rule("list-file", "A list file cannot be read as CSV, TSV, JSON, YAML or Storyboarder.")
COLUMN: Final = Rule("list-column", "A list file lacks a column that the items need.")
BOARDS: Final = Rule("storyboard", "Something of a Storyboarder project is not in the list.")
MEDIA: Final = Rule("local-media", "A local file is not the type of media that is needed here.")
DEPRECATED: Final = Rule(
    "input-deprecated", "The recipe, or the pipeline, wants another input to be used instead."
)
UNUSED: Final = Rule("unused-input", "No expression uses this input.")


@VALUE.error
def value_does_not_fit(name: str, problem: Problem) -> Text:
    """name: of the field that the problem is about; "" for the whole value."""
    return (f"`{name}`: " if name else "") + problem.message, problem.help


@VALUE.error
def no_value(name: str, problem: Problem) -> Text:
    """name: as for `value_does_not_fit`."""
    message = (f"`{name}`: " if name else "") + problem.message
    return message, problem.help or "a field that may be empty has a `?`, as in `string?`, or a default"


@VALUE.error
def empty_cell(name: str, wanted: Type, more: int) -> Text:
    """more: the number of other empty cells in this column."""
    others = f", as in {more} more line{'s' if more > 1 else ''}" if more else ""
    return (
        f"`{name}`: the cell is empty{others}",
        f"write `{name}: {wanted}?` if it may be empty, or give it a default",
    )


@LIST_FILE.warning
def windows_lines_in_cell() -> Text:
    return (
        "lines inside this cell end as on Windows: on other systems it is another text, and another request",
        "save the file with LF, and let git keep it so: `*.csv text eol=lf` in .gitattributes",
    )


@LIST_FILE.error
def no_list_of_objects() -> Text:
    return "this is no list of objects", "write one object for each row: `- {id: dawn, title: Dawn}`"


@LIST_FILE.error
def no_boards() -> Text:
    return "there is no list of `boards` in it", "give the .storyboarder file of a project that has boards"


@LIST_FILE.error
def no_board() -> Text:
    return "this board is no object", "save the project again in Storyboarder"


@BOARDS.warning
def left_out_of_boards(left: Mapping[str, Sequence[int]]) -> Text:
    """left: what is left out, in words → the boards that have it."""
    named = "; ".join(f"{what} of board {_some(boards)}" for what, boards in left.items())
    return f"left out: {named}", "`items` may have description, dialogue, notes and drawing"


@BOARDS.warning
def no_drawings(boards: Sequence[int], folder: str) -> Text:
    return (
        f"there is no drawing of board {_some(boards)} in {folder}/",
        "open the project in Storyboarder and save it: that writes a flattened picture of each board",
    )


def _some(boards: Sequence[int], most: int = 8) -> str:
    more = f" and {len(boards) - most} more" if len(boards) > most else ""
    return ", ".join(map(str, boards[:most])) + more


@VALUE.error
def text_for_a_list(name: str) -> Text:
    return (
        f"the input `{name}` is a list; this is text",
        "write the list in place, or name a .csv, .tsv, .json, .yaml or .storyboarder file",
    )


@VALUE.error
def long_text(length: int) -> Text:
    return f"a text of {length:,} characters; the limit is 64 Ki"


@MISSING.error
def input_not_given(name: str) -> Text:
    return f"the input `{name}` has no default and was not given", f"add `--set {name}=…` or a `default:`"


@UNKNOWN.error
def unknown_input(name: str, known: Iterable[str]) -> Text:
    return (
        f"the pipeline has no input `{name}`",
        suggest(name, known, "inputs") or "the pipeline has no inputs",
    )


@UNKNOWN.warning
def misspelt_input(name: str, meant: str) -> Text:
    return f"this film has no input `{name}`, so the value is not used", f"did you mean `{meant}`?"


@UNUSED.warning
def unused_input(name: str) -> Text:
    return f"no expression uses the input `{name}`", "remove it"


@LIST_FILE.error
def not_json(why: object) -> Text:
    return f"not JSON: {why}"


@LIST_FILE.error
def not_a_table(why: object) -> Text:
    return f"not a table: {why}", "save it as CSV with a header line"


@LIST_FILE.error
def long_table(rows: int, most: int) -> Text:
    return (
        f"the table has {rows:,} rows; the limit is {most:,}",
        "split it, or allow more with --max-instances",
    )


@LIST_FILE.error
def empty_table() -> Text:
    return "the table is empty", "the first line names the columns"


@LIST_FILE.error
def long_row(cells: int, columns: int) -> Text:
    return (
        f"this line has {cells} cells, the header {columns}",
        "put text with commas in double quotes",
    )


@COLUMN.error
def column_twice(name: str) -> Text:
    return f"the column `{name}` is there twice"


@COLUMN.error
def missing_column(name: str, columns: Sequence[str]) -> Text:
    guess = nearest(name, columns)
    return (
        f"the column `{name}` is missing; the table has {', '.join(columns)}",
        f"rename the column `{guess}` to `{name}`"
        if guess
        else f"add the column `{name}`, or give the field a default",
    )


@LOCAL_FILE.error
def no_file(path: object, folder: object, guess: str = "") -> Text:
    """folder: where relative paths start. guess: a file there of a similar name."""
    return f"there is no file {path}", f"did you mean `{guess}`?" if guess else paths_start(folder)


@LOCAL_FILE.error
def file_not_seen(path: object, why: str | None) -> Text:
    return f"cannot look at {path}: {why}"


@LOCAL_FILE.error
def list_file_not_seen(path: object, why: str | None, folder: object) -> Text:
    return f"cannot look at {path}: {why}", paths_start(folder)


@LOCAL_FILE.error
def list_file_outside(path: str) -> Text:
    return f"{path} lies outside the project", "copy it into the project, or give it with --set"


@LOCAL_FILE.error
def file_outside(path: str) -> Text:
    return (
        f"{path} lies outside the project",
        "copy it into the project, or give it on the command line with --set",
    )


@LOCAL_FILE.error
def hidden_file(path: str) -> Text:
    return (
        f"{path} begins with a dot, or lies in such a folder, so it may hold keys or settings",
        "if it is meant, give it on the command line with --set, or copy it under another name",
    )


@LOCAL_FILE.error
def no_file_name() -> Text:
    return (
        "this is neither a URL nor a local file",
        "write `./name` for a file beside the pipeline, or `https://…`",
    )


@MEDIA.error
def unreadable_format(name: str, format_name: str) -> Text:
    """format_name: a format that is known, and that nothing here reads, such as HEIC."""
    return f"{name}: {format_name} is not read here", "export it as JPEG or PNG"


@MEDIA.error
def unreadable_medium(name: str, wanted: MediaKind) -> Text:
    return (
        f"{name} is not {a_type(Media(wanted))} that callsheet can read",
        "open it in a viewer; its first bytes are of no known format",
    )


@DEPRECATED.warning
def deprecated_input(name: str, instead: str) -> Text:
    """instead: what its author says about it."""
    return f"the input `{name}` is deprecated", instead
