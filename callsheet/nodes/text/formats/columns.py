"""The columns of a shot list, and the headers under which people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("shot id", "key", "slug", "name", "shot name", "clip"),
    "scene": ("scene no", "scene number", "sc", "scene heading", "slugline", "sequence"),
    "shot": ("shot no", "shot number", "no", "nr", "number", "setup", "panel", "board", "frame"),
    "size": ("shot size", "framing", "shot type", "type", "field size"),
    "angle": ("camera angle", "shot angle"),
    "move": ("movement", "camera movement", "camera move", "camera", "moves"),
    "lens": ("focal length", "lens mm"),
    "description": ("action", "shot description", "visual", "visuals", "what happens", "content", "subject"),
    "prompt": ("image prompt", "visual prompt", "ai prompt", "text prompt", "positive prompt"),
    "motion": ("motion prompt", "video prompt", "animation", "animation prompt"),
    "dialogue": ("dialog", "line", "lines", "voice over", "voiceover", "vo", "narration", "script", "speech"),
    "audio": ("sound", "sfx", "sound effects", "music", "sound design"),
    "duration": ("dur", "length", "seconds", "secs", "sec", "duration s", "duration sec", "runtime"),
    "refs": ("references", "reference", "reference images", "ref images", "continuity", "assets"),
    "image": ("still", "picture", "keyframe", "first frame", "drawing", "thumbnail"),
    "model": ("model lane", "engine", "lane"),
    "seed": (),
    "negative": ("negative prompt", "avoid", "exclude"),
    "transition": ("cut", "transitions"),
    "notes": ("note", "comment", "comments", "remarks", "risk", "status"),
}
"""Canonical column → its other headers, in the form that `plain` gives."""

CANONICAL: Final[Mapping[str, str]] = {
    header: column for column, others in ALIASES.items() for header in (column, *others)
}


def plain(header: str) -> str:
    """A header without case and marks: `**Scene #**` is `scene no`, `Duration (s)` is `duration s`."""
    text = re.sub(r"(?<=\w)\s*#", " no", header.strip().lower())
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split()) or ("no" if "#" in header else "")


def column(header: str) -> str | None:
    """The canonical column of a header, or None for one that means nothing here."""
    return CANONICAL.get(plain(header))
