"""Hides secrets in texts that people see or files keep. Everything that does so uses these functions."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

SECRET_NAMES: Final = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL)", re.IGNORECASE)
"""Environment variables whose values are secrets, to go by their names."""

SHORTEST: Final = 6
HIDDEN: Final = "***"
URL: Final = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,20}://)(?P<user>[^\s/?#@]*@)?"
    r"(?P<rest>[^\s?#\"'<>]*)(?P<query>[?#][^\s\"'<>]*)?",
    re.IGNORECASE,
)
DATA: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+[^\s\"',]*,[^\s\"']*")


def redacted(text: str, secrets: Iterable[str]) -> str:
    """`text` without these values, and without what makes a URL a credential: its user, its query."""
    return hide_credentials(hide_secrets(text, secrets))


def secrets_in_environment(names: Iterable[str] = (), environ: Mapping[str, str] = os.environ) -> list[str]:
    """The values of the variables in `names`, and of every variable that is a secret to go by its name."""
    every = {*names, *filter(SECRET_NAMES.search, environ)}
    return [environ[name].strip() for name in sorted(every) if name in environ]


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """`text` without these values: as they are, in JSON, URL-encoded or in base64. JSON stays JSON."""
    for form in _forms(tuple(secrets)):
        text = text.replace(form, HIDDEN)
    return text


def hide_credentials(text: str) -> str:
    """`text` with the user and the query of every URL, and the content of every data URI, left out."""
    return URL.sub(_shown_url, DATA.sub("data:…", text))


def _shown_url(match: re.Match[str]) -> str:
    return match["scheme"] + match["rest"] + ("?…" if match["query"] else "")


@lru_cache(64)
def _forms(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """What is hidden, the longest first. A key of the form id:secret is hidden whole and in its halves."""
    whole = {part for secret in secrets for part in (secret, *secret.split(":"))}
    long_enough = {part for part in whole if len(part) >= SHORTEST}
    return tuple(sorted({form for part in long_enough for form in _written(part)}, key=len, reverse=True))


def _written(part: str) -> tuple[str, ...]:
    in_json = (json.dumps(part, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return part, *in_json, quote(part), quote(part, safe=""), quote_plus(part), _b64(part)


def _b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode().rstrip("=")
