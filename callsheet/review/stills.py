"""One picture of a video, for the board: made once, and kept in the state folder."""

from __future__ import annotations

from pathlib import Path

from callsheet.errors import NodeError
from callsheet.page.proxies import Proxies
from callsheet.review.film import Film
from callsheet.review.message import Refusal
from callsheet.spec.media import Artifact


def still_of(film: Film, digest: str, path: Path) -> Path:
    """The file of the picture. path: of the video. Raises Refusal where it has none, StoreError."""
    try:
        with film.open() as workspace:
            found = Proxies.of(workspace).poster(Artifact("video", path, digest))
    except NodeError as error:
        raise Refusal(404, f"there is no picture of it: {error.message}") from None
    if found is None:
        raise Refusal(404, "there is no picture of it")
    return found
