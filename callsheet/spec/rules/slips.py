"""Slips: texts that look like something else, and what was probably meant."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

BRACES: Final = Rule(
    "stray-braces",
    "`{{ … }}`, `${…}` and a reference without braces are text; an expression is `${{ … }}`.",
)

TYPE_NAME: Final = Rule(
    "type-as-text",
    "A plain value of an input is its default. The name of a type stands under `type`.",
)


@BRACES.warning
def stray_braces(text: str, inner: str) -> Text:
    return f"`{text}` is text, and goes to the model as it stands", as_an_expression(inner)


@BRACES.warning
def expression_in_input(text: str) -> Text:
    return (
        f"`{text}` is text here, and goes to the model as it stands",
        "an input is a plain value: write the expression where the input is used",
    )


@TYPE_NAME.warning
def type_as_text(name: str, text: str) -> Text:
    return (
        f"the input `{name}` is the text `{text}`",
        f'the type is `{name}: {{type: {text}}}`; quote it if the text is meant: `{name}: "{text}"`',
    )


def as_an_expression(inner: str) -> str:
    """The next step for a text that was meant as an expression."""
    return f"an expression is `${{{{ {inner} }}}}`"


def quote_the_text(owner: str, text: str) -> str:
    """The next step for a text that YAML took apart at a comma. owner: its key. text: all of it."""
    return f'quote the text: `{owner}: "{text}"`'
