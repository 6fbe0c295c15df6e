"""Holds what is printed as JSON against its schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from jsonschema import Draft202012Validator

from callsheet.api.documents import ANSWERS, EVENTS, document_schema


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = document_schema(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _misfits(name: str, document: object) -> list[str]:
    """What does not fit the schema; of several shapes, the ones that fit the most."""
    found = []
    for error in _validator(name).iter_errors(document):
        deepest = sorted(error.context or [error], key=lambda e: -len(e.absolute_path))[:2]
        found += [f"{'/'.join(map(str, e.absolute_path))}: {e.message[-200:]}" for e in deepest]
    return found


def name_of(arguments: Sequence[str]) -> str:
    """The document that a command prints: `cache ls --json` prints `cache-ls`; "" for none with a schema."""
    words = [word for word in arguments if not word.startswith("-")]
    two = "-".join(words[:2])
    return two if two in ANSWERS else words[0] if words and words[0] in ANSWERS else ""


def require_valid(name: str, text: str) -> None:
    """Raises AssertionError for a document that does not fit its schema."""
    document = json.loads(text)
    assert (found := _misfits(name, document)) == [], f"{name}: {found}\n{text[:2000]}"
    assert document["version"] == 1


def require_events(lines: Sequence[str]) -> None:
    """Raises AssertionError for a line that is no event."""
    for line in lines:
        assert (found := _misfits(EVENTS, json.loads(line))) == [], f"{found}\n{line[:2000]}"
