"""The OpenAPI document of an endpoint, in the shape that fal publishes, its quirks included.

Parameters are in no useful order (`x-fal-order-properties` has it), media parameters are plain strings, and
the paths keep the whole id although the real routes do not.
"""

from __future__ import annotations

import re
from typing import Any, Final

from callsheet.spec.json_schema import Dialect, bounds
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, Choice, Field, Maybe, Record, bare

Data = dict[str, Any]

FILES: Final = {"image": "Image", "video": "VideoFile", "audio": "AudioFile", "file": "File"}
STATUS: Final = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string"},
        "logs": {"type": "object", "additionalProperties": True},
    },
    "required": ["status", "request_id"],
}


def document(spec: NodeSpec) -> Data:
    """What `callsheet models add` gets for `spec`."""
    name = "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", spec.uses))
    schemas = {f"{name}Input": _object(spec.inputs), f"{name}Output": _outputs(spec), "QueueStatus": STATUS}
    schemas |= {FILES[kind]: _file(FILES[kind]) for kind in FILES}
    about = {
        "endpointId": spec.uses,
        "category": spec.task,
        "documentationUrl": f"https://fal.ai/models/{spec.uses}",
    }
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {spec.uses}",
            "version": "1.0.0",
            "description": f"The OpenAPI schema for the {spec.uses} queue.",
            "x-fal-metadata": about,
        },
        "components": {
            "securitySchemes": {"apiKeyAuth": {"type": "apiKey", "in": "header", "name": "Authorization"}},
            "schemas": schemas,
        },
        "paths": _paths(spec.uses, name),
        "servers": [{"url": "https://queue.fal.run"}],
        "security": [{"apiKeyAuth": []}],
    }


def _paths(endpoint: str, name: str) -> Data:
    request = f"/{endpoint}/requests/{{request_id}}"
    body = {"required": True, "content": _content(f"{name}Input")}
    return {
        request: {"get": {"responses": {"200": {"content": _content(f"{name}Output")}}}},
        f"{request}/status": {"get": {"responses": {"200": {"content": _content("QueueStatus")}}}},
        f"{request}/cancel": {"put": {"responses": {"200": {"description": "The request was cancelled."}}}},
        f"/{endpoint}": {
            "post": {"requestBody": body, "responses": {"200": {"content": _content("QueueStatus")}}}
        },
    }


def _content(name: str) -> Data:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _object(fields: Any) -> Data:
    return {
        "type": "object",
        "properties": {name: _field(fields[name]) for name in sorted(fields)},
        "x-fal-order-properties": list(fields),
        "required": [name for name, field in fields.items() if field.required],
    }


def _field(field: Field) -> Data:
    schema = GIVEN.schema(field.type) | bounds(field)
    return schema if field.default is NOTHING else {**schema, "default": field.default}


def _choice(choice: Choice) -> Data:
    values = choice.values
    number = "integer" if all(isinstance(v, int) for v in values) else "number"
    return {"type": "string" if isinstance(values[0], str) else number, "enum": list(values)}


def _made_record(record: Record) -> Data:
    return {"type": "object", "properties": {n: MADE.schema(f.type) for n, f in record.fields.items()}}


GIVEN: Final = Dialect(record=lambda record: _object(record.fields), choice=_choice)
MADE: Final = Dialect(
    record=_made_record, choice=_choice, media=lambda kind: {"$ref": f"#/components/schemas/{FILES[kind]}"}
)
"""Media are strings among the parameters, objects among the outputs."""


def _outputs(spec: NodeSpec) -> Data:
    made = {name: MADE.schema(bare(t)) for name, t in spec.outputs.items()}
    needed = [name for name, t in spec.outputs.items() if not isinstance(t, Maybe)]
    return {"type": "object", "properties": made, "x-fal-order-properties": list(made), "required": needed}


def _file(title: str) -> Data:
    return {
        "title": title,
        "type": "object",
        "properties": {
            "url": {"type": "string", "description": "The URL where the file can be downloaded from."},
            "content_type": {"type": "string"},
            "file_name": {"type": "string"},
            "file_size": {"type": "integer"},
        },
        "required": ["url"],
    }
