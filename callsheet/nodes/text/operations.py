"""The table of text operations that this machine carries out: one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media.operation import Operation
from callsheet.nodes.text import shots, split

ALL: Final[tuple[Operation, ...]] = (shots, split)
OPERATIONS: Final[Mapping[str, Operation]] = {operation.SPEC.uses: operation for operation in ALL}
