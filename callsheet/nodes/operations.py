"""Everything that this machine carries out itself, by its `uses`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import operations as media
from callsheet.nodes.media.operation import Operation
from callsheet.nodes.text import operations as text

OPERATIONS: Final[Mapping[str, Operation]] = {**media.OPERATIONS, **text.OPERATIONS}
