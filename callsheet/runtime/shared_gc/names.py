"""Names of files in a shared store: which are callsheet's, what they are about, in which order they go."""

from __future__ import annotations

import re
from typing import Final

from callsheet.runtime.remote_store.backend import SharedFile
from callsheet.runtime.remote_store.blob_names import BLOBS

SAYING: Final = ("keys/", "records/")
"""Files that name others."""
ORDER: Final = ("keys", "records", "models", "recipes", "engine", "previews", BLOBS)
"""The folders of a store as they are cleared: nothing that is left names a file that is gone."""
DIGEST: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
OURS: Final = re.compile(
    r"(?:keys|records|models|recipes|blobs|previews/blobs)/[0-9a-f]{2}/(?:[0-9a-f]{62}|[0-9a-f]{38})(?![0-9a-f]).*"
    r"|(?:previews/)?engine/.+"
)


def is_ours(entry: SharedFile) -> bool:
    """Whether it has a name that callsheet gives. Others are left alone."""
    return OURS.fullmatch(entry.name) is not None


def about(name: str) -> str:
    """What a file is about: the key, digest or commit in its name."""
    found = DIGEST.match(name.removeprefix("previews/").partition("/")[2].replace("/", ""))
    return found[0] if found else ""


def folder_of(name: str) -> str:
    """The folder of the store that a file is in."""
    return name.partition("/")[0]


def turn(entry: SharedFile) -> tuple[int, str]:
    """When it goes, among others."""
    return ORDER.index(folder_of(entry.name)), entry.name
