"""Answers that a person gives to a preview."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest

ANSWER: Final = Rule(
    "preview-answer", "The file of answers for a preview names what is not there, or not here."
)


@ANSWER.error
def no_such_instance(name: str, known: Iterable[str]) -> Text:
    return f"the film has no node or instance {name}", suggest(name, known, "nodes")


@ANSWER.error
def no_answers(found: str) -> Text:
    return (
        f"this file gives the preview {found}, where nodes with their outputs are taken",
        "for example `script: {title: A night}`",
    )


@ANSWER.error
def answer_of_operation(name: str) -> Text:
    return f"{name} runs on this machine, also in a preview", "give answers of models"


@ANSWER.error
def answer_elsewhere() -> Text:
    return "a preview opens no connection", "name a file of the project"
