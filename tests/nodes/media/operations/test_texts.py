"""media/title, media/text and media/overlay, by what is seen."""

from __future__ import annotations

from typing import Any

import av
import pytest
from PIL import Image, ImageChops

from callsheet import check
from callsheet.errors import NodeError
from callsheet.nodes.media.codec.place import safe_area
from callsheet.nodes.media.operations.index import OPERATIONS

GREY, RED = (120, 120, 120), (220, 30, 30)
WIDE, PHONE = (320, 180), (180, 320)
Box = tuple[int, int, int, int]


def pictures(film: Any) -> list[Image.Image]:
    with av.open(str(film.path)) as file:
        return [frame.to_image() for frame in file.decode(video=0)]


def ink(picture: Image.Image, under: tuple[int, int, int] = GREY) -> Box | None:
    """The box around what differs from the colour of the film."""
    plain = Image.new("RGB", picture.size, under)
    return ImageChops.difference(picture, plain).convert("L").point([0] * 40 + [255] * 216).getbbox()


def is_inside(box: Box | None, size: tuple[int, int]) -> bool:
    left, top, right, bottom = safe_area(size)
    assert box is not None
    return box[0] >= left - 3 and box[1] >= top - 3 and box[2] <= right + 3 and box[3] <= bottom + 3


def told(uses: str, **params: object) -> list[str]:
    """What the check says."""
    return [rule.said(params) for rule in OPERATIONS[uses].SPEC.rules if rule.broken(params)]


def test_a_card_has_its_title_in_the_middle_and_fades(bench: Any) -> None:
    film = bench.made(
        "media/title", text="Home", detail="A film", seconds=1, width=321, height=180, fade=0.25
    )
    found = pictures(film)
    box = ink(found[12], (0, 0, 0))
    assert len(found) == 24 and found[0].size == (320, 180)
    assert box and abs(box[0] + box[2] - 320) < 8 and is_inside(box, WIDE)
    brightest = [picture.convert("L").getextrema()[1] for picture in found]
    assert brightest[0] < 60 < brightest[3] < 230 < brightest[12] and brightest[23] < 60


def test_a_card_on_a_colour_or_an_image_and_the_same_bytes(bench: Any) -> None:
    given = {"text": "Ελλάδα", "width": 320, "height": 180, "seconds": 0.5}
    blue = bench.made("media/title", background="#0000ff", color="yellow", **given)
    assert pictures(blue)[6].getpixel((5, 5))[2] > 200
    again = bench.made("media/title", background="#0000ff", color="yellow", **given)
    assert again.path.read_bytes() == blue.path.read_bytes()
    image = bench.made("media/title", image=bench.image((64, 64), RED), **given)
    assert pictures(image)[6].getpixel((5, 5))[0] > 180


def test_credits_stand_in_two_columns_and_roll(bench: Any) -> None:
    credits = [{"role": "Written by", "names": ["Maria Lind", "Ada Berg"]}, {"names": ["Thanks to all"]}]
    card = bench.made("media/title", credits=credits, width=320, height=180, seconds=1)
    assert is_inside(ink(pictures(card)[12], (0, 0, 0)), WIDE)
    rolled = pictures(bench.made("media/title", credits=credits, roll=True, width=320, height=180, seconds=2))
    tops = [box[1] for picture in rolled[4:20] if (box := ink(picture, (0, 0, 0)))]
    assert tops == sorted(tops, reverse=True) and tops[0] > tops[-1] + 40
    assert ink(rolled[-1], (0, 0, 0)) is None
    with pytest.raises(NodeError, match="the picture has room for"):
        bench.run("media/title", credits=credits * 12, width=320, height=180)


def test_a_lower_third_comes_and_goes_in_its_corner(bench: Any) -> None:
    video = bench.clip([GREY] * 48, size=WIDE, sound=(48_000, "stereo", 440))
    text = {
        "text": "Maria Lind",
        "detail": "Biologist",
        "style": "lower_third",
        "at": 0.5,
        "end": 1.5,
        "fade": 0,
    }
    film = bench.made("media/text", video=video, texts=[text])
    found = pictures(film)
    assert [i for i, picture in enumerate(found) if ink(picture)] == list(range(12, 36))
    box = ink(found[20])
    assert box and is_inside(box, WIDE) and box[0] < 30 and box[1] > 100 and box[2] < 200
    assert bench.heard(film) == bench.heard(video)


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize("style", ["caption", "legal", "title", "lower_third"])
def test_long_texts_are_wrapped_into_the_safe_area(bench: Any, size: tuple[int, int], style: str) -> None:
    video = bench.clip([GREY] * 3, size=size)
    text = {"text": "This is where the old road ended, long before the sea", "style": style, "fade": 0}
    assert is_inside(ink(pictures(bench.made("media/text", video=video, texts=[text]))[1]), size)


def test_a_text_at_every_place(bench: Any) -> None:
    video = bench.clip([GREY] * 2, size=WIDE)
    texts = [{"text": "A", "place": place} for place in ("top_left", "bottom_right")]
    one, two = (ink(pictures(bench.made("media/text", video=video, texts=[text]))[0]) for text in texts)
    assert one and two and one[2] < 60 and one[3] < 60 and two[0] > 260 and two[1] > 120


def test_what_cannot_be_shown(bench: Any) -> None:
    video = bench.clip([GREY] * 24, size=WIDE)
    for text, message in (
        ({"text": "word " * 300}, "longer than the picture has room for"),
        ({"text": "Home", "at": 2}, "text 1 would begin at 2 s, and the film is 1 s long"),
        ({"text": "Home", "at": 0.5, "end": 0.5}, "would begin at 0.5 s, and end at 0.5 s"),
        ({"text": "a\U0010fffdb"}, "no font has"),
    ):
        with pytest.raises(NodeError, match=message):
            bench.run("media/text", video=video, texts=[text])


def test_the_check_tells_of_glyphs_colours_and_fonts(bench: Any, tmp_path: Any) -> None:
    assert told("media/text", texts=[{"text": "Größe, Ж, Ω", "box": ""}]) == []
    assert told("media/title", text="ok \U0010fffd") == ["no font has \U0010fffd (U+10FFFD)"]
    assert told("media/text", texts=[{"text": "a", "color": "blurple"}]) == ['"blurple" is no colour']
    assert told("media/title", text="a", background="") == ['"" is no colour']
    assert told("media/text", texts=[{"text": "a", "color": ""}]) == ['"" is no colour']
    font = bench.given(bench.image((4, 4), RED).path)
    (found,) = told("media/title", text="a", font=font)
    assert "is no font that can be drawn" in found
    assert told("media/title") == ["a card has a `text` or `credits`"]
    assert told("media/title", text="a", credits=[]) == ["a card has a `text` or `credits`"]


def test_a_colour_that_is_known_late_is_an_error_with_a_next_step(bench: Any) -> None:
    with pytest.raises(NodeError, match='"blurple" is no colour') as found:
        bench.made("media/title", text="a", color="blurple", width=320, height=180, seconds=0.2)
    assert "as CSS does" in found.value.next_step


@pytest.mark.parametrize("name", ["style", "place"])
def test_a_choice_that_is_known_late_is_an_error_with_a_next_step(bench: Any, name: str) -> None:
    film = bench.made("media/title", text="a", width=320, height=180, seconds=0.2)
    with pytest.raises(NodeError, match=f'`{name}` is "blurple"') as found:
        bench.made("media/text", video=film, texts=[{"text": "a", name: "blurple"}])
    assert found.value.next_step.startswith("it has to be one of ")
    with pytest.raises(NodeError, match=f'`{name}` is "blurple"'):
        bench.made("media/subtitles", video=film, lines=[], **{name: "blurple"})


def test_the_check_tells_of_what_is_never_seen(bench: Any, tmp_path: Any) -> None:
    (tmp_path / "film.yaml").write_text("""
callsheet: 1
nodes:
  card: {uses: media/title, with: {text: Home, seconds: 2}}
  late: {uses: media/text, with: {video: "${{ card.video }}", texts: [{text: A}, {text: B, at: 2}]}}
  short: {uses: media/overlay, with: {video: "${{ card.video }}", over: "${{ card.video }}", at: 1, end: 0.5}}
""")
    found = [one.message for one in check(tmp_path / "film.yaml").diagnostics if one.severity == "error"]
    assert found == [
        "text 2 would begin at 2 s, and the film is 2 s long",
        "it would begin at 1 s and end at 0.5 s",
    ]


def ring(bench: Any) -> Any:
    """A red square with a hole."""
    path = bench.folder / "ring.png"
    image = Image.new("RGBA", (90, 90), (*RED, 255))
    image.paste((0, 0, 0, 0), (30, 30, 60, 60))
    image.save(path)
    return bench.given(path)


def test_a_logo_stands_in_its_corner_with_its_hole(bench: Any) -> None:
    video = bench.clip([GREY] * 24, size=WIDE)
    film = bench.made(
        "media/overlay", video=video, over=ring(bench), size=20, at=0.25, end=0.75, place="top_left"
    )
    found = pictures(film)
    assert [i for i, picture in enumerate(found) if ink(picture)] == list(range(6, 18))
    left, top, right, bottom = box = ink(found[10]) or (0, 0, 0, 0)
    assert (
        right - left == pytest.approx(64, abs=3) and left == pytest.approx(16, abs=3) and is_inside(box, WIDE)
    )
    hole = found[10].getpixel(((left + right) // 2, (top + bottom) // 2))
    assert max(abs(a - b) for a, b in zip(hole, GREY, strict=True)) < 12
    pale = bench.made("media/overlay", video=video, over=ring(bench), size=20, opacity=0.5, place="top_left")
    solid, half = (picture.getpixel((left + 6, top + 6))[0] for picture in (found[10], pictures(pale)[10]))
    assert half == pytest.approx((solid + GREY[0]) / 2, abs=8)


def test_a_logo_that_is_larger_than_the_film_is_made_to_fit(bench: Any) -> None:
    video = bench.clip([GREY] * 2, size=WIDE)
    film = bench.made("media/overlay", video=video, over=bench.image((100, 900), RED), size=100)
    assert ink(pictures(film)[0]) is not None
    film = bench.made("media/overlay", video=video, over=bench.image((900, 90), RED, "wide.png"), size=100)
    assert (ink(pictures(film)[0]) or (9, 0, 0, 0))[0] == 0


def test_a_video_runs_over_the_film_and_holds_its_last_picture(bench: Any) -> None:
    video = bench.clip([GREY] * 48, size=WIDE)
    over = bench.clip([RED] * 12 + [(30, 40, 210)] * 6, name="over.mp4")
    film = bench.made("media/overlay", video=video, over=over, at=0.5, place="middle", size=30)
    middle = [picture.getpixel((160, 90)) for picture in pictures(film)]
    colors = ["red" if red > 180 else "blue" if blue > 180 else "grey" for red, _, blue in middle]
    assert colors == ["grey"] * 12 + ["red"] * 12 + ["blue"] * 24


def test_pictures_with_nothing_over_them_are_copied(bench: Any) -> None:
    """Of a film that callsheet made, only the stretch under the text is encoded; its sound stays."""
    reel = bench.clip([GREY, RED] * 120, size=WIDE, sound=(48_000, "stereo", 440))
    film = bench.made("media/trim", video=reel, start=0.5, seconds=9)
    text = {"text": "Home", "at": 4.5, "end": 5, "fade": 0}
    made = bench.made("media/text", video=film, texts=[text])
    before, after = ([picture.tobytes() for picture in pictures(one)] for one in (film, made))
    assert len(after) == 216
    changed = [i for i, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert set(range(108, 120)) <= set(changed) and min(changed) >= 96 and max(changed) < 144
    assert bench.heard(made) == bench.heard(film)
    assert bench.made("media/text", video=film, texts=[text]).path.read_bytes() == made.path.read_bytes()
