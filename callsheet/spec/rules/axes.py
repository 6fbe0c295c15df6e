"""Axes: their lists, and the keys of their elements."""

from __future__ import annotations

from typing import Final

from callsheet.spec.rules.rule import Rule, Text

KEY: Final = Rule("axis-key", "Keys of an axis are distinct, non-empty text or whole numbers.")


@KEY.error
def key_not_an_expression() -> Text:
    return "`key` is an expression over the axis variable", "for example `key: ${{ shot.id }}`"
