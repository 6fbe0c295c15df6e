"""Instances: which there are, what each is given, and what it waits for."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

WHEN: Final = Rule("when-boolean", "`when` is true or false; there is no truthiness.")


@WHEN.error
def when_not_an_expression(found: str) -> Text:
    return f"`when` is true, false or one expression, not {found}", "write `when: ${{ … }}`"
