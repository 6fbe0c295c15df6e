"""Grids and contact sheets: their sizes, what stands where, and that every cell holds to the end."""

import av
import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.layout import layout
from callsheet.nodes.media.operations.contact_sheet import SPEC

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (30, 40, 210)


def near(one, other, by=40):
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def pictures(artifact):
    with av.open(str(artifact.path)) as file:
        return [frame.to_image() for frame in file.decode(video=0)]


def middle(plan, i):
    left, top = plan.corners[i]
    return left + plan.cell[0] // 2, top + plan.cell[1] // 2


def test_a_shorter_cell_holds_its_last_picture(bench):
    clips = [
        bench.clip([RED] * 12 + [BLUE] * 12),
        bench.clip([GREEN] * 6 + [RED] * 6, fps=24),
        bench.image((64, 36), GREEN),
    ]
    grid = bench.made("media/grid", videos=clips, width=320, columns=2, labels=["one", "two", "three"])
    shown = pictures(grid)
    plan = layout(3, 320, (64, 36), 2, labels=True, title=False)
    assert len(shown) == 24
    assert shown[0].size == plan.size == (grid.facts.width, grid.facts.height)
    assert near(shown[2].getpixel(middle(plan, 0)), RED) and near(shown[2].getpixel(middle(plan, 1)), GREEN)
    assert near(shown[23].getpixel(middle(plan, 0)), BLUE) and near(shown[23].getpixel(middle(plan, 1)), RED)
    assert near(shown[23].getpixel(middle(plan, 2)), GREEN)


def test_one_of_a_grid_is_heard(bench):
    clips = [bench.clip(), bench.clip(sound=(44_100, "mono", 440))]
    assert bench.made("media/grid", videos=clips, width=200).facts.audio is False
    heard = bench.made("media/grid", videos=clips, width=200, sound=1)
    assert bench.level(heard, 0.1, 0.9, 440) > -25
    with pytest.raises(NodeError, match="`sound` is 2, but there are 2 videos"):
        bench.run("media/grid", videos=clips, sound=2)


def test_only_images_and_a_length(bench):
    grid = bench.made("media/grid", videos=[bench.image((30, 30), RED)], width=160, seconds=0.5)
    assert len(pictures(grid)) == 12


def test_labels_are_drawn_below_their_cells(bench):
    clips = [bench.clip([RED] * 2), bench.clip([RED] * 2)]
    grid = bench.made("media/grid", videos=clips, width=480, labels=["Kling", ""])
    plan = layout(2, 480, (64, 36), None, labels=True, title=False)
    shown = pictures(grid)[0].convert("L")
    left, top = plan.corners[0]
    strip = (
        left,
        top + plan.cell[1] + 2,
        left + plan.cell[0],
        top + plan.cell[1] + round(plan.label_size * 1.6),
    )
    assert max(shown.crop(strip).tobytes()) > 150


def test_a_sheet_shows_every_picture_at_its_place(bench):
    items = [bench.image((64, 36), RED), bench.image((36, 64), GREEN, "tall.png")]
    videos = [bench.clip([BLUE] * 24)]
    sheet = bench.made(
        "media/contact_sheet",
        images=items,
        videos=videos,
        labels=["a", "b", "c"],
        title="Ночь 夜 ليل",
        width=600,
    )
    plan = layout(3, 600, (64, 36), None, labels=True, title=True)
    with Image.open(sheet.path) as picture:
        assert picture.size == plan.size
        assert [near(picture.getpixel(middle(plan, i)), c) for i, c in enumerate((RED, GREEN, BLUE))] == [
            True
        ] * 3
        assert sum(picture.getpixel((2, plan.size[1] - 2))) < 90


def test_several_frames_of_a_video(bench):
    video = bench.clip([RED] * 8 + [GREEN] * 8 + [BLUE] * 8)
    sheet = bench.made("media/contact_sheet", videos=[video], frames=3, columns=3, width=600)
    plan = layout(3, 600, (64, 36), 3, labels=False, title=False)
    with Image.open(sheet.path) as picture:
        assert [near(picture.getpixel(middle(plan, i)), c) for i, c in enumerate((RED, GREEN, BLUE))] == [
            True
        ] * 3


def test_images_count_once_however_many_frames_of_videos_are_shown(bench):
    still, video = bench.image((16, 9), RED), bench.clip([RED] * 4)
    broken = SPEC.rules[-1].broken
    assert not broken({"images": [still] * 398, "videos": [video], "frames": 2})
    assert broken({"images": [still] * 399, "videos": [video], "frames": 2})
    sheet = bench.made("media/contact_sheet", images=[still] * 202, frames=2, width=400)
    assert sheet.facts.width == 400


def test_nothing_to_show(bench):
    with pytest.raises(NodeError, match="a sheet shows 1 to 400 pictures, not 0"):
        bench.run("media/contact_sheet", images=[])


def test_hostile_labels_do_no_harm(bench):
    labels = ["\u202e\x00\x1b[31m" + "x" * 5000, "\n\n\t"]
    still = bench.image((64, 36), RED)
    bench.made("media/contact_sheet", images=[still, still], labels=labels, title="\u200b" * 400, width=300)


def test_the_same_sheet_twice_is_the_same(bench):
    still = bench.image((64, 36), RED)
    one, two = (
        bench.made("media/contact_sheet", images=[still], title="One", labels=["é"]).path.read_bytes()
        for _ in range(2)
    )
    assert one == two


@pytest.mark.parametrize("count", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("shape", [(1280, 720), (9, 16), (65, 37)])
def test_layouts_are_even_and_do_not_overlap(count, shape):
    plan = layout(count, 1921, shape, None, labels=True, title=True)
    assert all(n % 2 == 0 for n in (*plan.size, *plan.cell, *(x for corner in plan.corners for x in corner)))
    assert len(set(plan.corners)) == count
    for left, top in plan.corners:
        assert left > 0 and left + plan.cell[0] < plan.size[0]
        assert top > 0 and top + plan.cell[1] + plan.label_size < plan.size[1]


def test_a_board_that_would_be_huge_is_refused(bench):
    with pytest.raises(NodeError, match="at most 16384 on a side"):
        bench.run("media/contact_sheet", images=[bench.image((9, 16), RED)] * 5, columns=1, width=8000)
    with pytest.raises(NodeError, match="would be 8192x"):
        bench.run("media/fit_image", image=bench.image((2, 4000), RED), width=8192)


def test_a_sliver_does_not_stretch_the_board(bench):
    sheet = bench.made("media/contact_sheet", images=[bench.image((2, 5000), RED)], width=200)
    assert sheet.facts.height < 1000
