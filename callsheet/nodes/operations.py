"""Everything that this machine carries out itself, by its `uses`; each loads when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final, cast

from callsheet.nodes.media.operation import Operation

MODULES: Final[Mapping[str, str]] = {
    "media/concat": "media.concat",
    "media/concat_audio": "media.concat_audio",
    "media/contact_sheet": "media.contact_sheet",
    "media/crossfade": "media.crossfade",
    "media/extract_audio": "media.extract_audio",
    "media/fit": "media.fit",
    "media/fit_image": "media.fit_image",
    "media/frame": "media.frame",
    "media/grid": "media.grid",
    "media/image_to_video": "media.image_to_video",
    "media/mux": "media.mux",
    "media/probe": "media.facts",
    "media/speed": "media.speed",
    "media/trim": "media.trim",
    "media/trim_audio": "media.trim_audio",
    "text/shots": "text.shots",
    "text/split": "text.split",
}


class Operations(Mapping[str, Operation]):
    """The operations; looking at one loads its module and no other."""

    def __getitem__(self, uses: str) -> Operation:
        return cast(Operation, import_module(f"callsheet.nodes.{MODULES[uses]}"))

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


OPERATIONS: Final = Operations()
