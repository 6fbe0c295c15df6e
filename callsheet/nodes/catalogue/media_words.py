"""Guesses which kind of media a parameter takes, from its name and its comment."""

from __future__ import annotations

import re
from typing import Final

from callsheet.spec.types import MediaKind

KINDS: Final[dict[MediaKind, str]] = {
    "video": "video videos clip clips gif movie footage",
    "audio": "audio audios voice voices speech song music sound vocal vocals wav mp3 track",
    "image": (
        "image images img photo photos picture pictures mask masks frame frames face portrait garment sketch"
        " thumbnail texture logo background selfie pose"
    ),
}
OTHER = "zip archive lora model weights config embedding checkpoint mesh glb data csv pdf document object"
LAST = ("data", "archive", "lora", "model", "embedding", "config", "mesh", "object")
WORD_KIND: dict[str, MediaKind] = {word: kind for kind, words in KINDS.items() for word in words.split()}
WORD_KIND |= dict.fromkeys(OTHER.split(), "file")
STRONG = {"video", "videos", "audio"}


def kind_of_name(name: str) -> MediaKind | None:
    """The kind in a name such as `mask_video_url`; "file" for a file of another kind."""
    words = [w for w in re.split(r"[_\d]+", name.lower()) if w not in ("url", "urls", "")]
    if words and words[-1] in LAST:
        return "file"
    for word in words:
        if word in STRONG:
            return WORD_KIND[word]
    return next((WORD_KIND[w] for w in reversed(words) if w in WORD_KIND), None)


def kind_of_words(text: str) -> MediaKind | None:
    """The first kind that a comment mentions."""
    words = re.findall(r"[a-z]+", text.lower())
    return next((WORD_KIND[w] for w in words if w in WORD_KIND), None)


def media_kind(name: str, doc: str) -> MediaKind:
    """image, video, audio, or file where neither the name nor the comment tells."""
    if name.startswith("mask"):
        return "video" if "video" in name or "mask video" in doc.lower() else "image"
    return kind_of_name(name) or kind_of_words(doc) or "file"
