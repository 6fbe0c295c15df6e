"""docs/json.md and docs/schemas/: what each verb prints as JSON, from the types of the answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pages._parts import cell, escaped, leads_on

from callsheet.api.documents import ANSWERS, EVENTS, document_schema

PAGE: Final = "docs/json.md"
NEXT: Final = leads_on(
    ("Events", "events.md", "what a run prints, one event a line"),
    ("Python", "python.md", "the same answers as typed values"),
)
FOLDER: Final = "docs/schemas"
HEAD: Final = """\
# JSON

Every command that answers something prints its answer with `--json`: one document, in UTF-8, on standard
output. In Python, the function of the same name returns the same answer, and `to_json()` gives the document.
Commands that run something (`run`, `resume`) print [events](events.md) instead, one a line, with
`--output json`.

```sh
callsheet plan film.yaml --json
callsheet schema plan            # the JSON Schema of what it prints
```

## What you can rely on

- Each document has a `version`. New fields may be added within a version: ignore what you do not know. The
  version is raised where a field goes, or means something else.
- Where a command cannot answer, the document has an `error`: its `kind` (such as `PipelineError` or
  `InputError`), `message`, `next_step`, and for a pipeline file the `diagnostics` with line, column and rule.
  Standard error has the same for people, and the exit code is that of the command without `--json`. A
  command line that cannot be read (exit code 2) has no document.
- `null` stands for what is not known or does not apply. Money is in USD, lengths are in seconds, moments are
  seconds since 1970 in UTC. Lines and columns start at 1.

The schemas are files, too: [events](schemas/events.json), and one for each command below.

## The commands
"""


def files() -> Mapping[str, str]:
    """The page and the schemas, by their paths."""
    schemas = {name: document_schema(name) for name in (EVENTS, *ANSWERS)}
    page = "\n".join([HEAD, *(line for name in ANSWERS for line in _section(name, schemas[name]))])
    made = {f"{FOLDER}/{name}.json": _text(schema) for name, schema in schemas.items()}
    return {PAGE: page.rstrip() + "\n\n" + NEXT, **made}


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _section(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """A command: each form that its answer may have, with its fields."""
    verb = name.replace("cache-", "cache ")
    yield f"### {verb}\n\n[The schema](schemas/{name}.json).\n"
    for form in schema["anyOf"]:
        title = form["$ref"].rpartition("/")[2]
        if title == "Unanswered":
            continue
        kind = schema["$defs"][title]
        yield f"{escaped(kind.get('description', title))}\n"
        yield "| field | type | |\n|---|---|---|"
        for field, hint in kind["properties"].items():
            if field == "version":
                continue
            rare = "" if field in kind["required"] else ", may be left out"
            yield f"| `{field}` | {cell(_type(hint) + rare)} | {cell(hint.get('description', ''))} |"
        yield ""


def _type(hint: Mapping[str, Any]) -> str:
    """A type in words."""
    if "$ref" in hint:
        return hint["$ref"].rpartition("/")[2]
    if "anyOf" in hint:
        return " or ".join(map(_type, hint["anyOf"]))
    if "enum" in hint or "const" in hint:
        return ", ".join(f"`{json.dumps(value)}`" for value in hint.get("enum", [hint.get("const")]))
    if hint.get("type") == "array":
        return f"list of {_type(hint['items'])}" if hint.get("items") else "list"
    if hint.get("type") == "object" and hint.get("additionalProperties"):
        return f"object of {_type(hint['additionalProperties'])}"
    return str(hint.get("type", "any value"))
