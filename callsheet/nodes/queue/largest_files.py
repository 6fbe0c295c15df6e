"""The largest files that are downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.http.body import MEGABYTE

CAPS: Final[Mapping[str, int]] = {"image": 64 * MEGABYTE, "audio": 256 * MEGABYTE, "video": 2048 * MEGABYTE}
"""Kind of a medium → bytes of a file at most."""
