"""What `callsheet.plugin` offers to authors of providers; imported when one of these names is first used."""

from __future__ import annotations

from callsheet.errors import InputError, NodeError
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.credential import Credential, configured_origin, sendable
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.queue.base import BaseQueue
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.http_queue import HttpQueue
from callsheet.nodes.queue.progress import error_in
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Ambiguous,
    BeforeSend,
    Found,
    ModelFailed,
    NotSent,
    Outcome,
    Outgoing,
    ProviderQueue,
    QueueError,
    QueueResult,
    Recovery,
    Refused,
    Remote,
    State,
    Status,
)
from callsheet.nodes.queue.provider import ListsEndpoints, Provider
from callsheet.nodes.queue.replies import refusal_in
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.nodes.queue.request_queue import RequestQueue
from callsheet.nodes.queue.route import Route
from callsheet.nodes.queue.secret import revealed
from callsheet.spec.media import Artifact
from callsheet.spec.node import Limits, NodeSpec, Rule
from callsheet.spec.price.rule import Factor
from callsheet.spec.types import (
    AUDIO,
    BOOLEAN,
    FILE,
    IMAGE,
    INTEGER,
    JSON,
    NOTHING,
    NUMBER,
    STRING,
    VIDEO,
    Choice,
    Field,
    ListOf,
    Maybe,
    OneOf,
    Record,
)
from callsheet.spec.web_origin import Origin, UrlError, origin_of

__all__ = [
    "AUDIO",
    "BOOLEAN",
    "FILE",
    "IMAGE",
    "INTEGER",
    "IN_REPLY",
    "JSON",
    "NOTHING",
    "NUMBER",
    "STRING",
    "VIDEO",
    "Accepted",
    "Ambiguous",
    "Artifact",
    "BaseQueue",
    "BeforeSend",
    "BodyError",
    "Call",
    "Choice",
    "Client",
    "Credential",
    "Factor",
    "Field",
    "Files",
    "Found",
    "HttpQueue",
    "InputError",
    "Limits",
    "ListOf",
    "ListsEndpoints",
    "Lost",
    "Maybe",
    "MediaUrls",
    "ModelFailed",
    "NodeError",
    "NodeSpec",
    "NotSent",
    "OneOf",
    "Origin",
    "Outcome",
    "Outgoing",
    "Provider",
    "ProviderQueue",
    "QueueError",
    "QueueResult",
    "Record",
    "Recovery",
    "Refused",
    "Remote",
    "Reply",
    "RequestQueue",
    "Route",
    "Rule",
    "State",
    "Status",
    "Unsent",
    "UrlError",
    "configured_origin",
    "error_in",
    "origin_of",
    "refusal_in",
    "revealed",
    "sendable",
]
