"""Batches: a pipeline that is made for each row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from callsheet.spec.batch import ID, ROW
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest

BATCH: Final = Rule(
    "batch", "The table of `--each`, or the pipeline, cannot be used to make one film for each row."
)


@BATCH.error
def row_is_taken() -> Text:
    return f"with --each, `{ROW}` is the name of the axis over the rows", "give this another name"


@BATCH.error
def row_is_named() -> Text:
    return (
        f"there is no `{ROW}` in a pipeline: with --each, everything in it is about one row",
        "name the input that is a column: `inputs.title`",
    )


@BATCH.error
def no_ids(columns: Sequence[str]) -> Text:
    """columns: those that there are."""
    return (
        f"there is no column `{ID}`: it names the row, and the folder of its film",
        f"add it; the columns are {', '.join(columns)}" if columns else "add it",
    )


@BATCH.error
def column_of_no_input(name: str, inputs: Iterable[str]) -> Text:
    """inputs: those of the pipeline."""
    known = list(inputs)
    fallback = f"the inputs are {', '.join(known)}" if known else "the pipeline has no inputs"
    return f"the pipeline has no input `{name}`, which is a column", suggest(name, known) or fallback


@BATCH.error
def row_is_no_object() -> Text:
    return "this row is no object", "write each row as `{id: …, title: …}`"


@BATCH.error
def row_without_id() -> Text:
    return f"the row has no `{ID}`", "give each row a name of its own"


@BATCH.error
def unusable_id(longest: int) -> Text:
    """longest: characters that it may have."""
    return (
        f"this {ID} cannot name a row",
        f"write a short text in one line: at most {longest} characters, none of them a control character",
    )


@BATCH.error
def id_twice(name: str) -> Text:
    return f"there are two rows with the {ID} {name}", "give each row a name of its own"


@BATCH.error
def cell_without_value(column: str) -> Text:
    return (
        f"the row has no value for the input `{column}`",
        f"fill the cell, or give a value for all such rows: --set {column}=…",
    )


@BATCH.error
def no_rows() -> Text:
    return "the table has no rows", "write one row for each film"


@BATCH.error
def inputs_as_a_whole() -> Text:
    return (
        "with --each, an expression cannot use all `inputs` at once",
        "name the inputs that it needs: `inputs.title`",
    )
