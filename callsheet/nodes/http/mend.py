"""Corrects URLs as providers write them, so that they can be requested."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

KEPT: Final = "!#$%&'()*+,/:;=?@[]~"
"""What is not quoted, beside letters, digits and `-._`; a percent sign begins what is quoted already."""
LOOSE: Final = re.compile(r"[\t\r\n]")
STRAY: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


def mended(url: str) -> str:
    """`url` without blanks around it, its other characters quoted, its host in ASCII, over https.

    What is no URL of the web stays as it is. Whether the URL may be used is not checked here.
    """
    text = LOOSE.sub("", url.strip())
    try:
        parts = urlsplit(f"https:{text}" if text.startswith("//") else text)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        usual = parts.port in (None, 80)
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme == "http" and usual:
        scheme, host = "https", host.removesuffix(":80")
    if scheme not in ("http", "https"):
        return url
    path, query = (STRAY.sub("%25", quote(part, safe=KEPT)) for part in (parts.path, parts.query))
    return urlunsplit((scheme, host, path, query, ""))
