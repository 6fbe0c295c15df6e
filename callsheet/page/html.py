"""The page as one HTML file: text, style and script inside, and the document as JSON.

Nothing of the document is ever parsed as HTML: it is JSON in a data block, with every `<` escaped, and the
script sets texts alone. The policy in the page lets nothing run but this script, by its digest, and lets
nothing be loaded from elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

from callsheet.page.bundle import bundle

ASSETS: Final = "callsheet.page"
MEDIA: Final = "data: blob: 'self' file:"
"""Where pictures and films may come from: inside the page, or beside it."""


@cache
def assets() -> Mapping[str, str]:
    """Name → text, of everything in `assets/`: the template, the styles, and the modules."""
    folder = files(ASSETS) / "assets"
    return {one.name: one.read_text(encoding="utf-8") for one in folder.iterdir() if one.is_file()}


def page(
    document: Mapping[str, object],
    title: str,
    entry: str = "report.js",
    more: Mapping[str, str] | None = None,
    connect: str = "'none'",
    parts: Mapping[str, bytes] | None = None,
) -> str:
    """The HTML of a page that shows `document`, JSON values as `Document.to_json` gives them.

    entry: the module that is run; it reads the document from the element `document`. more: name → text of
    modules and styles beside those of `assets()`; every style sheet is used. connect: the sources that the
    script may open connections to, as in a Content-Security-Policy. parts: id → bytes of media inside the
    page.
    """
    every = {**assets(), **(more or {})}
    style = "\n".join(text for name, text in sorted(every.items()) if name.endswith(".css"))
    script = bundle(entry, every)
    policy = _policy(script, style, connect)
    blocks = {
        "{policy}": escape(policy, quote=True),
        "{title}": escape(_encodable(title)),
        "{style}": style,
        "{document}": in_script(document),
        "{parts}": "\n".join(_part(name, content) for name, content in (parts or {}).items()),
        "{script}": script,
    }
    return _filled(every["page.html"], blocks)


def in_script(value: object) -> str:
    """A value as JSON that ends no script block, whatever its texts are."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
    return _encodable(text.replace("<", "\\u003c"))


def _encodable(text: str) -> str:
    """A text that can be written as UTF-8: a model may write half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _filled(template: str, blocks: Mapping[str, str]) -> str:
    """The template with each block in place of its mark; marks in what is filled in stay as they are."""
    found: list[str] = []
    rest = template
    for mark, text in blocks.items():
        before, _, rest = rest.partition(mark)
        found += [before, text]
    return "".join([*found, rest])


def _policy(script: str, style: str, connect: str) -> str:
    sources: Sequence[str] = (
        "default-src 'none'",
        f"script-src {_digest(script)}",
        f"style-src {_digest(style)}",
        f"img-src {MEDIA}",
        f"media-src {MEDIA}",
        f"connect-src {connect}",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return "; ".join(sources)


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _part(name: str, content: bytes) -> str:
    text = base64.b64encode(content).decode()
    return f'<script type="text/plain" id="part-{escape(name, quote=True)}">{text}</script>'
