"""The pictures of docs/text.md, from real runs: python scripts/make_text_pictures.py

Needs the fonts of `callsheet[fonts]`. Each picture is a frame of a small film with text, on a backdrop of the
preview.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Final

from PIL import Image

import callsheet
from callsheet.nodes.preview.drawing.scenery import plate

IMAGES: Final = Path(__file__).parents[1] / "docs/images"
WIDE, PHONE = (640, 360), (360, 640)
Node = Mapping[str, object]
HELD: Final = {"video": "${{ held.video }}"}
CREDITS: Final = [
    {"role": "Written and directed by", "names": ["Maria Lind"]},
    {"role": "Cast", "names": ["Ada Berg", "Jonas Øster"]},
    {"names": ["Thanks to everybody in Bergen"]},
]
LINE: Final = "I never thought that the road would end here, so far away from the sea."
SPOKEN: Final = {
    "text": "Where does this road end?",
    "start": 0,
    "end": 1,
    "words": [
        {"text": word, "start": i / 5, "end": i / 5 + 0.2}
        for i, word in enumerate(["Where", "does", "this", "road", "end?"])
    ],
}


def text(**given: object) -> Node:
    """A node that lays a text over the film."""
    return {"uses": "media/text", "with": {**HELD, "texts": [{"fade": 0, **given}]}}


def subtitle(style: str, language: str = "", **line: object) -> Node:
    """A node that burns a line in."""
    given = {**HELD, "style": style, "lines": [{"start": 0, "end": 1, **line}]}
    return {"uses": "media/subtitles", "with": {**given, **({"language": language} if language else {})}}


def title(size: tuple[int, int], **given: object) -> Node:
    """A node that makes a card."""
    return {
        "uses": "media/title",
        "with": {"width": size[0], "height": size[1], "seconds": 1, "fade": 0, **given},
    }


def picture(prompt: str, hue: float, size: tuple[int, int], node: Node) -> Image.Image:
    """The frame in the middle of a film of one second."""
    plate(prompt, size).save("back.png")
    held = {"image": "./back.png", "seconds": 1, "width": size[0], "height": size[1]}
    film = {
        "callsheet": 1,
        "nodes": {
            "held": {"uses": "media/image_to_video", "with": held},
            "film": node,
            "frame": {"uses": "media/frame", "with": {"video": "${{ film.video }}", "at": 0.5}},
        },
        "outputs": {"frame": "${{ frame.image }}"},
    }
    Path("film.yaml").write_text(json.dumps(film, ensure_ascii=False), encoding="utf-8")
    result = callsheet.run("film.yaml", preview=True)
    assert result.status == "done", result.failures
    with Image.open(Path(str(result.outputs["frame"]))) as image:
        return image.convert("RGB")


def sheet(name: str, pictures: Sequence[Image.Image], columns: int) -> None:
    """Pictures side by side, as a JPEG."""
    gap, (width, height) = 8, pictures[0].size
    rows = -(-len(pictures) // columns)
    whole = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for i, image in enumerate(pictures):
        whole.paste(image, (i % columns * (width + gap), i // columns * (height + gap)))
    whole.save(IMAGES / name, quality=84, optimize=True)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        titles = [
            picture(
                "hills",
                0.3,
                WIDE,
                title(WIDE, text="The Long Way Home", detail="A film by Maria Lind", image="./back.png"),
            ),
            picture("hills", 0.3, WIDE, title(WIDE, credits=CREDITS)),
            picture(
                "sea", 0.6, WIDE, text(text="Maria Lind", detail="Marine biologist", style="lower_third")
            ),
            picture(
                "city",
                0.75,
                WIDE,
                text(text="Filmed without a camera. All persons are invented.", style="legal"),
            ),
        ]
        sheet("titles.jpg", titles, 2)
        styles = [("outlined", {"text": LINE}), ("boxed", {"text": LINE}), ("karaoke", SPOKEN)]
        sheet(
            "subtitles.jpg",
            [picture("road", 0.12, PHONE, subtitle(name, **line)) for name, line in styles],
            3,
        )
        scripts = [
            ("sea", "ja", "この道はどこまで続くのだろう。海のほとりで終わるのかもしれない、と彼女は言った。"),
            ("city", "zh-Hans", "我从来没有想到这条路会在这里结束，离大海和所有人都这么远。"),
            ("hills", "", "لم أكن أظن أن الطريق سينتهي هنا، بعيدا عن البحر (2026) وعن London."),
            ("forest", "", "איפה נגמרת הדרך הזאת? ליד הים, אמרה מרים."),
            ("room", "", "यह सड़क कहाँ समाप्त होती है? समुद्र के पास।"),
            ("space", "", "Wir sind da! 🎉 Спасибо, ευχαριστώ ❤️"),
        ]
        found = [
            picture(prompt, 0.16 * i, WIDE, subtitle("outlined", language, text=words))
            for i, (prompt, language, words) in enumerate(scripts)
        ]
        sheet("scripts.jpg", found, 2)


if __name__ == "__main__":
    main()
