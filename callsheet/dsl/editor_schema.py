"""The language as JSON Schema (draft-07) for editors that speak yaml-language-server.

`uses` is `anyOf` of constants, each with its own hover text (an `enum` shows all of them at once), and a
node's parameters follow by `if/then` per endpoint. Equal sets of parameters share one `$defs/with_N`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from callsheet.dsl.syntax.node_parser import (
    LONGEST_DELAY,
    MOST_ALTERNATIVES,
    MOST_ATTEMPTS,
    MOST_TAKES,
    OVERRIDE_OPTIONS,
)
from callsheet.dsl.syntax.parser import FILE_NAME, NAME
from callsheet.spec.describe import type_name
from callsheet.spec.json_schema import Dialect, bounds
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, Field, Record

Data = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
EXPRESSION = {"$ref": "#/$defs/expression"}
IDENTIFIER = "^" + NAME.pattern.replace(r"\Z", "$")
FILE = "^" + FILE_NAME.pattern.replace(r"\Z", "$")
PLAIN_TYPES = "string|integer|number|boolean|json|image|video|audio|file"
TYPE_NAME = rf"^((list\[)*({PLAIN_TYPES})[\]?]*|list\??|object\??)$"
TEXT = ["string", "number", "boolean"]
"""What YAML makes of a text without quotes: `name: 2049` is one."""
SECTION = ["object", "null"]
SECRET = {"type": "object", "properties": {"secret": {"type": "string"}}, "required": ["secret"]}
LONGEST_PRICE = 240
"""Characters of a price in a hover text; `callsheet models show` has all of it."""
SECRETS = ("_key", "_token", "_secret")
OTHER_USES = (
    (r"^hf/[\w.-]+/[\w.-]+@[\w-]+$", "A task of a Hugging Face model: `hf/<repo>@<task>`."),
    (r"^\.{1,2}/.+\.py#\w+$", "A function of a code file beside the pipeline; run only with `--trust`."),
    (r"^\.{1,2}/.+\.ya?ml$", "A recipe: another pipeline file, put in as one node."),
    (r"^recipe/[a-z][a-z0-9_]*$", "A recipe that ships with callsheet."),
    (r"^recipe/[a-z][a-z0-9_-]*/.+\.ya?ml$", "A recipe of a place that callsheet.toml has a name for."),
    (
        r"^git\+(https|ssh)://.+@.+#.+\.ya?ml$",
        "A recipe in a git repository: `git+https://…@<ref>#path/board.yaml`.",
    ),
    (r"^[\w.-]+/[\w./-]+$", "An endpoint that this schema does not list."),
)


def schema(specs: Sequence[NodeSpec]) -> Data:
    """The schema of a pipeline file that uses these models, operations and recipes."""
    shared = Parameters()
    choices = [shared.choice(spec) for spec in specs]
    return {
        "$schema": DRAFT,
        "title": "callsheet pipeline, language version 1",
        "type": "object",
        "required": ["callsheet", "nodes"],
        "additionalProperties": False,
        "properties": top_level(),
        "$defs": {
            "expression": {"type": "string", "pattern": r"\$\{\{[\s\S]*\}\}"},
            "names": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "declaration": declaration(),
            "fields": fields(),
            "axis": axis(),
            "node": node(specs, choices),
            "model": model(specs),
            "alternative": alternative(),
            "override": override(),
            **shared.definitions,
        },
    }


def top_level() -> Data:
    identifiers = {"pattern": IDENTIFIER}
    return {
        "callsheet": documented("The language version.", const=1),
        "name": documented("The name of the film and of its folder in `out/`.", type=TEXT, pattern=FILE),
        "description": documented("What the film is.", type=TEXT),
        "budget": documented("What a run may spend at most, in USD.", type="number", exclusiveMinimum=0),
        "version": documented("The version of this recipe, such as `1.2.0`.", type=["string", "number"]),
        "requires": documented("The versions of callsheet that it works with: `>=0.1, <2`.", type="string"),
        "examples": documented(
            "Sample inputs by name; `callsheet test` tries each.",
            type="object",
            additionalProperties={"type": ["object", "null"]},
        ),
        "override": documented(
            "The nodes that users of this recipe may override; without it, every node.",
            type="array",
            items={"type": "string"},
        ),
        "inputs": documented(
            "Typed values that `--set` and `--inputs` can override.",
            type=SECTION,
            propertyNames=identifiers,
            additionalProperties={"$ref": "#/$defs/declaration"},
        ),
        "axes": documented(
            "Named dimensions to fan out over.",
            type=SECTION,
            propertyNames=identifiers,
            additionalProperties={"$ref": "#/$defs/axis"},
        ),
        "nodes": documented(
            "The model calls and media operations of the film.",
            type="object",
            propertyNames=identifiers,
            minProperties=1,
            additionalProperties={"$ref": "#/$defs/node"},
        ),
        "outputs": documented(
            "The results, by the name a person would give.", type=SECTION, propertyNames={"pattern": FILE}
        ),
    }


def axis() -> Data:
    """A dimension: what it ranges over and how its elements are named, or only the former."""
    own = {
        "over": documented("An expression, or a list.", anyOf=[EXPRESSION, {"type": "array"}]),
        "key": documented("Names each element, so that inserting one renames nothing.", **EXPRESSION),
        "max": documented("How many elements there are at most.", type="integer", minimum=1),
    }
    full = {"type": "object", "required": ["over"], "properties": own, "additionalProperties": False}
    return {"anyOf": [full, EXPRESSION, {"type": "array"}]}


def declaration() -> Data:
    """An input: its declaration, or its value; a mapping without the keys of a declaration is a value."""
    own = {
        "type": documented("`string`, `image`, `list[video]`, …", type="string", pattern=TYPE_NAME),
        "items": {"description": "The type of a list's elements."},
        "fields": {"type": "object"},
        "enum": {"type": "array", "minItems": 1},
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "default": {},
        "description": {"type": TEXT},
        "deprecated": documented("What to use instead.", type="string"),
    }
    one_of = [{"required": [name]} for name in ("type", "enum", "items", "fields")]
    declared = {"type": "object", "anyOf": one_of, "properties": own, "additionalProperties": False}
    untyped = {
        "type": "object",
        "required": ["default"],
        "properties": {name: own[name] for name in ("default", "description", "deprecated")},
        "additionalProperties": False,
    }
    keys = [name for name in own if name != "deprecated"]
    mapping = {"type": "object", "minProperties": 1, "not": {"anyOf": [{"required": [n]} for n in keys]}}
    plain = {"type": ["string", "number", "boolean", "array", "null"]}
    return {"anyOf": [declared, untyped, mapping, plain]}


def fields() -> Data:
    """What a language model is asked for: names, each with its type or its declaration."""
    own = declaration()["anyOf"][0]["properties"]
    own = {name: schema for name, schema in own.items() if name != "deprecated"}
    declared = {"type": "object", "properties": own, "additionalProperties": False}
    named = {"type": "string", "pattern": TYPE_NAME}
    return documented(
        "The fields of the answer, declared as those of an input. They become the node's outputs.",
        type="object",
        propertyNames={"pattern": IDENTIFIER},
        minProperties=1,
        additionalProperties={"anyOf": [named, declared]},
    )


def model(specs: Iterable[NodeSpec]) -> Data:
    """The name of what runs instead of something else."""
    names = [{"const": spec.uses, "markdownDescription": hover(spec)} for spec in specs]
    patterns = [{"pattern": pattern, "markdownDescription": text} for pattern, text in OTHER_USES]
    return documented("What runs instead.", type="string", anyOf=names + patterns)


def alternative() -> Data:
    """One entry of `fallback`; it inherits parameters, so none of its own is required."""
    kinds = {"enum": ["rejected", "unavailable", "failed", "declined"]}
    return {
        "type": "object",
        "required": ["uses"],
        "additionalProperties": False,
        "properties": {
            "uses": {"$ref": "#/$defs/model"},
            "with": documented("Its own parameters; the others are inherited.", type=["object", "null"]),
            "on": documented(
                "The kinds of failure after which it is tried.",
                anyOf=[kinds, {"type": "array", "items": kinds}],
            ),
        },
    }


def override() -> Data:
    """What is set for one node inside of a recipe."""
    options = {name: option for name, option in node_options().items() if name in OVERRIDE_OPTIONS}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "uses": {"$ref": "#/$defs/model"},
            "with": documented("Plain values for its parameters.", type=["object", "null"]),
            **options,
        },
    }


def retry() -> Data:
    """How often, and after which kinds of failure."""
    kinds = {"enum": ["unavailable", "failed", "local"]}
    return {
        "type": "object",
        "required": ["attempts"],
        "additionalProperties": False,
        "properties": {
            "attempts": documented("How often at most.", type="integer", minimum=1, maximum=MOST_ATTEMPTS),
            "on": documented("The kinds of failure.", anyOf=[kinds, {"type": "array", "items": kinds}]),
            "delay": documented(
                "Seconds before the second attempt.", type="number", minimum=0, maximum=LONGEST_DELAY
            ),
            "backoff": documented(
                "How many times longer each wait is than the one before.",
                type="number",
                minimum=1,
                maximum=10,
            ),
            "within": documented(
                "Seconds after which no other attempt begins.", type="number", exclusiveMinimum=0
            ),
        },
    }


def node_options() -> Data:
    """The options of a node that the user of a recipe can override, too."""
    attempts = {"type": "integer", "minimum": 1, "maximum": MOST_ATTEMPTS}
    return {
        "takes": documented("How many variations to make.", type="integer", minimum=1, maximum=MOST_TAKES),
        "retry": documented("Attempts.", anyOf=[attempts, retry()]),
        "approve": documented("Stop here until a person says yes.", type="boolean"),
        "cache": documented("Whether earlier results count.", enum=["auto", "off", "refresh"]),
    }


def node(specs: Iterable[NodeSpec], choices: list[Data]) -> Data:
    constants = [{"const": spec.uses, "markdownDescription": hover(spec)} for spec in specs]
    chosen = (r"^\$\{\{", "A model for each instance, chosen among names that the file declares.")
    patterns = [{"pattern": pattern, "markdownDescription": text} for pattern, text in (*OTHER_USES, chosen)]
    names = {"$ref": "#/$defs/names"}
    return {
        "type": "object",
        "required": ["uses"],
        "additionalProperties": False,
        "properties": {
            "uses": documented("What runs.", type="string", anyOf=constants + patterns),
            "with": documented("Its parameters.", type=["object", "null"]),
            "each": documented("An axis, or a list of axes: one instance for each combination.", **names),
            "when": documented("Run this instance only if true.", anyOf=[{"type": "boolean"}, EXPRESSION]),
            "needs": documented("Nodes that must be done first though nothing flows from them.", **names),
            "fallback": documented(
                "What to try in turn when the provider refuses, or fails for good.",
                type="array",
                maxItems=MOST_ALTERNATIVES,
                items={"$ref": "#/$defs/alternative"},
            ),
            "timeout": documented("Seconds.", type="number", exclusiveMinimum=0),
            "missing": documented("When an element failed.", enum=["fail", "skip", "placeholder"]),
            **node_options(),
            "override": documented(
                "What is set for nodes inside of the recipe: `keyframe`, or `sheet/picture`.",
                type="object",
                additionalProperties={"$ref": "#/$defs/override"},
            ),
            "provider": documented("Where it is served from.", type="string"),
            "description": documented("A sentence for people.", type=TEXT),
        },
        "allOf": choices,
    }


class Parameters:
    """The `$defs` of parameters; specs with equal parameters share one."""

    def __init__(self) -> None:
        self.definitions: dict[str, Data] = {}
        self._names: dict[str, str] = {}

    def choice(self, spec: NodeSpec) -> Data:
        """`if uses is this, then with is that`."""
        parameters = {"$ref": f"#/$defs/{self._name(with_schema(spec))}"}
        then: Data = {"properties": {"with": parameters}}
        if any(field.required for field in spec.inputs.values()):
            then["required"] = ["with"]
        return {"if": {"properties": {"uses": {"const": spec.uses}}, "required": ["uses"]}, "then": then}

    def _name(self, definition: Data) -> str:
        text = json.dumps(definition, sort_keys=True)
        if text not in self._names:
            self._names[text] = f"with_{len(self._names) + 1}"
            self.definitions[self._names[text]] = definition
        return self._names[text]


def with_schema(spec: NodeSpec) -> Data:
    """The parameters of one spec; an alias may stand for a required one."""
    properties = {n: field_schema(f, secret=n.endswith(SECRETS)) for n, f in spec.inputs.items()}
    if spec.declares:
        properties[spec.declares.parameter] = {"$ref": "#/$defs/fields"}
    aliased = {alias: properties[name] for alias, name in spec.aliases.items() if name in properties}
    required = [n for n, f in spec.inputs.items() if f.required and n not in spec.aliases.values()]
    return {
        "type": "object",
        "properties": properties | aliased,
        "required": required,
        "additionalProperties": spec.unlisted is not None,
    }


def field_schema(field: Field, secret: bool = False) -> Data:
    """One parameter: a value of its type, or an expression; a secret may also name its variable."""
    own = VALUE.schema(field.type) | bounds(field)
    schema: Data = {"anyOf": [own, EXPRESSION, SECRET] if secret else [own, EXPRESSION]}
    if field.default is not NOTHING:
        schema["default"] = field.default
    text = type_name(field.type) + (", required" if field.required else "")
    return documented(text, **schema)


def record_schema(record: Record) -> Data:
    """An object; each of its fields may be an expression."""
    return {
        "type": "object",
        "properties": {name: field_schema(f) for name, f in record.fields.items()},
        "required": [name for name, f in record.fields.items() if f.required],
        "additionalProperties": record.open,
    }


VALUE = Dialect(record=record_schema, element=lambda schema: {"anyOf": [schema, EXPRESSION]})
"""Values as they are written: those inside of lists and objects may be expressions."""


def hover(spec: NodeSpec) -> str:
    """A few lines of markdown: task, what comes out, price, lifecycle."""
    made = ", ".join(f"`{name}`: {type_name(t)}" for name, t in spec.outputs.items())
    lines = [f"**{spec.task}** → {made}"]
    if spec.summary:
        lines.append(spec.summary)
    if spec.price:
        formula = spec.price.formula
        lines.append(f"Price: {formula if len(formula) <= LONGEST_PRICE else formula[:LONGEST_PRICE] + '…'}")
    if spec.status == "retired":
        lines.append("Retired." + (f" Use `{spec.replaced_by}`." if spec.replaced_by else ""))
    return "\n\n".join(lines)


def documented(text: str, **schema: Any) -> Data:
    return {"markdownDescription": text, **schema}
