"""The nodes of inkwell: `uses: inkwell/title_card` and `uses: inkwell/caption`."""

import json
import os
from typing import Annotated, Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from annotated_types import Ge, Le, MaxLen, MinLen
from PIL import Image as Pictures
from PIL import ImageDraw

from callsheet.plugin import Image, NotAccepted, Work, node

__all__ = ["caption", "title_card"]


def title_card(
    title: Annotated[str, MinLen(1), MaxLen(80)],
    work: Work,
    width: Annotated[int, Ge(16), Le(4096)] = 1280,
    look: Literal["black", "white"] = "black",
) -> Image:
    """A card with a title in its middle, in the shape of 16:9."""
    size, ink = (width, width * 9 // 16), "white" if look == "black" else "black"
    card = Pictures.new("RGB", size, look)
    ImageDraw.Draw(card).text((size[0] / 2, size[1] / 2), title, ink, anchor="mm", font_size=width / 16)
    path = work.folder / "card.png"
    card.save(path)
    return Image(path)


def a_caption(picture: Image, work: Work, language: str = "en") -> str:
    """Takes the place of `caption` in a preview."""
    return f"A caption in {language}."


@node(keys=("INKWELL_KEY",), price=0.01, preview=a_caption)
def caption(picture: Image, work: Work, language: str = "en") -> str:
    """One sentence about a picture, for one cent."""
    url = os.environ.get("INKWELL_URL", "https://api.inkwell.example")
    headers = {
        "Authorization": f"Bearer {work.keys['INKWELL_KEY']}",
        "Content-Type": "image/png",
        "Accept-Language": language,
    }
    try:
        with urlopen(Request(f"{url}/captions", picture.path.read_bytes(), headers), timeout=60) as reply:
            return str(json.load(reply)["caption"])
    except HTTPError as error:
        if error.code in (401, 402, 422):  # inkwell says: these are not billed
            raise NotAccepted(f"inkwell refused it with {error.code}", "rejected") from error
        if error.code == 429:
            raise NotAccepted("inkwell has no room now", "unavailable") from error
        raise
