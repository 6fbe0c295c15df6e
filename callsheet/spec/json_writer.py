"""Writes many small values as JSON in one form: `json.dumps` sets itself up anew for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def json_writer(default: Callable[[Any], Any] | None = None, **form: Any) -> Callable[[object], str]:
    """What writes values as `json.dumps` with these arguments does, `indent` aside. Values must not contain
    themselves.

    Raises TypeError for what JSON has no form for, ValueError for NaN where `allow_nan` is False.
    """
    encoder = json.JSONEncoder(default=default, **form)
    try:
        write = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
            None,
            encoder.default,
            json.encoder.encode_basestring_ascii if encoder.ensure_ascii else json.encoder.encode_basestring,
            None,
            encoder.key_separator,
            encoder.item_separator,
            encoder.sort_keys,
            encoder.skipkeys,
            encoder.allow_nan,
        )
        write([], 0)
    except (AttributeError, TypeError):  # a Python that has it in another way, or not at all
        return encoder.encode
    return lambda value: "".join(write(value, 0))
