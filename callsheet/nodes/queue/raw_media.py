"""A reply that is the medium itself: its bytes are the result, written as JSON with a data URI."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Final

from callsheet.nodes.http import data_uri
from callsheet.nodes.http.message import Reply
from callsheet.nodes.media.content_type import type_of
from callsheet.nodes.media.sniff import sniff_in

MOST: Final = data_uri.MAX
"""Bytes of a medium in a reply, at most."""


def result_in(reply: Reply) -> str | None:
    """`{"video": "data:video/mp4;base64,…"}` for a good reply whose bytes are a whole medium, else None.

    The bytes say what it is; the reply's own content type is not believed, since it may be missing or wrong.
    """
    if reply.flaw or not 200 <= reply.status < 300:
        return None
    container = sniff_in(BytesIO(reply.body))
    if container is None:
        return None
    return json.dumps({container.kind: data_uri.of_bytes(reply.body, type_of(container))})
