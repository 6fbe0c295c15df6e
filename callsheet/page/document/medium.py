"""A media file that a page may show."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Medium:
    """A media file that the page may show. kind: image, video, audio or file. name: of the file. preview: a
    stand-in that no model made. poster: where its still picture is, src: where it plays from; a URL
    relative to the page, or `#` and the id of a part of the page; "" for none. note: why it cannot be
    shown, "" where it can.
    """

    kind: str
    name: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    audio: bool | None = None
    preview: bool = False
    poster: str = ""
    src: str = ""
    note: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return kept(
            kind=self.kind,
            name=self.name,
            seconds=self.seconds,
            width=self.width,
            height=self.height,
            fps=self.fps,
            audio=self.audio or None,
            preview=self.preview or None,
            poster=self.poster,
            src=self.src,
            note=self.note,
        )
