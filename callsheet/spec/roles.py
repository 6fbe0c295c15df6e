"""Guesses the roles of media parameters, and what an endpoint makes, from parameter names.

Hand-written knowledge in the catalogue overrides these guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from callsheet.spec.types import Field, MediaKind, Type, media_in

DURATIONS: Final = ("duration", "duration_seconds", "seconds", "video_length", "seconds_total", "num_seconds")
MILLISECONDS: Final = ("music_length_ms", "duration_ms")
FRAMES: Final = ("num_frames", "max_frames", "number_of_frames")
RATES: Final = ("fps", "frames_per_second", "frame_rate", "target_fps")
SIZES: Final = ("image_size", "video_size", "size", "output_size")
SOUND: Final = ("generate_audio", "enable_audio", "with_audio", "generate_audio_switch", "audio")
SCALES: Final = ("upscale_factor", "scale_factor", "upscaling_factor", "scale")
TEXTS: Final = ("text", "script", "input_text", "gen_text", "prompt")
FIRST: Final = ("first_frame", "first_image", "start_image", "start_frame", "initial_image")
LAST: Final = ("last_frame", "last_image", "end_image", "end_frame", "tail_image")

SOURCES: Final = ("image", "video", "input_image", "source_video", "video_file")

Inputs = Mapping[str, Field]
Data = dict[str, Any]
SECRET: Final = re.compile(r"(?:^|_)(?:api_?key|access_key|secret_key|token|secret|password)\Z")
RESERVED_VARIABLES: Final = ("FAL_", "HF_", "HUGGING", "CALLSHEET_")
"""How the variables begin that go to their own provider and to nobody else."""


def kind_in(t: Type) -> MediaKind | None:
    """The first media kind inside a type."""
    return next((m.kind for m in media_in(t)), None)


def role_of(name: str, kind: MediaKind, task: str) -> str:
    """The role of a media parameter: first_frame, last_frame, reference, mask, source, voice, …"""
    plain = name.removesuffix("_url").removesuffix("_urls")
    if plain in FIRST:
        return "first_frame"
    if plain in LAST:
        return "last_frame"
    if "mask" in plain:
        return "mask"
    if name.endswith("s") or any(word in plain for word in ("reference", "ref", "style", "face", "garment")):
        return "reference"
    if kind == "audio":
        return "voice"
    if kind == "image" and task == "image-to-video":
        return "first_frame" if plain == "image" else "reference"
    return "source" if plain in SOURCES else "reference"


def infer_roles(inputs: Inputs, task: str) -> dict[str, str]:
    """Parameter → role, for every media parameter."""
    kinds = ((name, kind_in(field.type)) for name, field in inputs.items())
    return {name: role_of(name, kind, task) for name, kind in kinds if kind}


def infer_shape(endpoint: str, task: str, inputs: Inputs, outputs: Mapping[str, Type]) -> Data:
    """The data for `prediction.Shape` that parameter names suggest."""
    made = {kind for t in outputs.values() if (kind := kind_in(t))}
    video, image, audio = (_first(inputs, kind) for kind in ("video", "image", "audio"))
    like = video if "video" in made and video else image or video
    data: Data = {
        "seconds": _seconds(endpoint, task, inputs, video, audio, made),
        "size": _size(inputs, like),
        "fps": _named(inputs, RATES) or ({"like": video} if video else None),
        "audio": _audio(inputs, video, audio),
    }
    return {key: value for key, value in data.items() if value is not None}


def _first(inputs: Inputs, kind: MediaKind) -> str | None:
    """The main input of a kind: a required one before the others, a mask never."""
    names = [n for n, f in inputs.items() if kind_in(f.type) == kind and "mask" not in n]
    return min(names, key=lambda n: not inputs[n].required, default=None)


def _named(inputs: Inputs, names: Iterable[str]) -> str | None:
    return next((name for name in names if name in inputs), None)


def _seconds(
    endpoint: str, task: str, inputs: Inputs, video: str | None, audio: str | None, made: set[MediaKind]
) -> object:
    duration = _named(inputs, DURATIONS) or _named(inputs, MILLISECONDS)
    frames, text = _named(inputs, FRAMES), _named(inputs, TEXTS)
    if video and inputs[video].required and "audio" not in made:
        return {"like": video, "plus": duration or 5} if "extend" in endpoint else {"like": video}
    if audio and inputs[audio].required:
        return {"like": audio}
    if duration:
        return duration
    if frames and "video" in made:
        return {"frames": frames, "per": _named(inputs, RATES) or 24}
    if video:
        return {"like": video}
    return {"speech": text} if text and task == "text-to-speech" else None


def _size(inputs: Inputs, like: str | None) -> Data | None:
    if "width" in inputs and "height" in inputs:
        return {"width": "width", "height": "height"}
    parts = {
        "named": _named(inputs, SIZES),
        "resolution": _named(inputs, ("resolution", "video_resolution", "output_resolution")),
        "aspect": _named(inputs, ("aspect_ratio", "video_aspect_ratio")),
        "like": like,
        "times": _named(inputs, SCALES),
    }
    return {key: value for key, value in parts.items() if value} or None


def _audio(inputs: Inputs, video: str | None, audio: str | None) -> object:
    if (name := _named(inputs, SOUND)) and kind_in(inputs[name].type) is None:
        return name
    if audio:
        return True
    return {"like": video} if video else None


def is_secret(parameter: str) -> bool:
    """Whether a parameter takes a secret, to go by its name: no schema of the providers marks them."""
    return SECRET.search(parameter) is not None
