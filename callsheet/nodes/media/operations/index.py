"""The list of local operations, by their `uses`; each is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Final, cast

from callsheet.nodes.media.operation import Operation

MODULES: Final[Mapping[str, str]] = {
    "media/beats": "media.operations.beats",
    "media/color": "media.operations.color",
    "media/color_image": "media.operations.color_image",
    "media/color_match": "media.operations.color_match",
    "media/color_match_image": "media.operations.color_match_image",
    "media/concat": "media.operations.concat",
    "media/concat_audio": "media.operations.concat_audio",
    "media/contact_sheet": "media.operations.contact_sheet",
    "media/crop": "media.operations.crop",
    "media/crop_image": "media.operations.crop_image",
    "media/crossfade": "media.operations.crossfade",
    "media/extract_audio": "media.operations.extract_audio",
    "media/fit": "media.operations.fit",
    "media/fit_image": "media.operations.fit_image",
    "media/frame": "media.operations.frame",
    "media/freeze": "media.operations.freeze",
    "media/grid": "media.operations.grid",
    "media/image_to_video": "media.operations.image_to_video",
    "media/loop": "media.operations.loop",
    "media/loudness": "media.operations.loudness",
    "media/loudness_audio": "media.operations.loudness_audio",
    "media/mix": "media.operations.mix",
    "media/mix_audio": "media.operations.mix_audio",
    "media/mux": "media.operations.mux",
    "media/overlay": "media.operations.overlay",
    "media/pick": "media.operations.pick",
    "media/pick_audio": "media.operations.pick_audio",
    "media/pick_image": "media.operations.pick_image",
    "media/probe": "media.operations.probe",
    "media/ramp": "media.operations.ramp",
    "media/reverse": "media.operations.reverse",
    "media/speed": "media.operations.speed",
    "media/split_image": "media.operations.split_image",
    "media/subtitles": "media.operations.subtitles",
    "media/text": "media.operations.text",
    "media/timeline": "media.operations.timeline",
    "media/title": "media.operations.title",
    "media/trim": "media.operations.trim",
    "media/trim_audio": "media.operations.trim_audio",
    "text/shots": "text.shots",
    "text/split": "text.split",
    "text/subtitles": "text.subtitles",
}


class Operations(Mapping[str, Operation]):
    """`uses` → operation. Looking one up loads its module and no other."""

    def __getitem__(self, uses: str) -> Operation:
        return cast(Operation, import_module(f"callsheet.nodes.{MODULES[uses]}"))

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


OPERATIONS: Final = Operations()
