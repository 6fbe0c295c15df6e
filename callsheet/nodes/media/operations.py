"""The table of local operations: one module each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import (
    concat,
    concat_audio,
    contact_sheet,
    crossfade,
    extract_audio,
    facts,
    fit,
    fit_image,
    frame,
    grid,
    image_to_video,
    mux,
    speed,
    trim,
    trim_audio,
)
from callsheet.nodes.media.operation import Operation

ALL: Final[tuple[Operation, ...]] = (
    concat,
    concat_audio,
    contact_sheet,
    crossfade,
    extract_audio,
    fit,
    fit_image,
    frame,
    grid,
    image_to_video,
    mux,
    facts,
    speed,
    trim,
    trim_audio,
)
OPERATIONS: Final[Mapping[str, Operation]] = {operation.SPEC.uses: operation for operation in ALL}
