"""The review page in a real browser: what is shown is what is named, and what is done is written."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.runtime.lock import lock_path
from tests.lock_files import read
from tests.review.conftest import FILM, Open, Visit

pytestmark = pytest.mark.needs("chromium")
DAWN = 'card["dawn"]'
FRAMES, RATE, BITS, SIDE = 60, 24, 8, 32
NUMBERS = """\
callsheet: 1
name: numbers
nodes:
  one: {uses: media/concat, with: {videos: [./numbers.mp4, ./numbers.mp4]}}
  two: {uses: media/concat, with: {videos: [./numbers.mp4, ./numbers.mp4], fps: 24}}
outputs: {film: "${{ one.video }}", other: "${{ two.video }}"}
"""
READ = f"""(index) => {{
  const video = document.querySelectorAll(".screen video")[index];
  const canvas = Object.assign(document.createElement("canvas"), {{ width: {BITS * SIDE}, height: {SIDE} }});
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit++) {{
    const [light] = context.getImageData(bit * {SIDE} + {SIDE // 2}, {SIDE // 2}, 1, 1).data;
    number = number * 2 + (light > 128 ? 1 : 0);
  }}
  return number;
}}"""
"""Reads the number that is burnt into the picture that a video shows."""


def write_numbers(path: Path) -> None:
    """A film in which each frame shows its number: a bit a square, black or white."""
    import av
    from PIL import Image

    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=RATE, options={"crf": "18", "g": "24"})
        stream.width, stream.height, stream.pix_fmt = BITS * SIDE, SIDE * 2, "yuv420p"
        for number in range(FRAMES):
            row = b"".join(bytes([255 * (number >> bit & 1)]) * SIDE for bit in reversed(range(BITS)))
            picture = Image.frombytes("L", (stream.width, stream.height), row * stream.height)
            file.mux(stream.encode(av.VideoFrame.from_image(picture.convert("RGB"))))
        file.mux(stream.encode())


@pytest.fixture
def numbers(in_folder: Path, open_page: Open, visit: Visit) -> Any:
    """The page of a film whose frames show their numbers, 0 to 59 twice."""
    Path("callsheet.toml").touch()
    write_numbers(Path("numbers.mp4"))
    Path("film.yaml").write_text(NUMBERS)
    assert callsheet.run("film.yaml").status == "done"
    tab = visit(open_page().address)
    until(tab, "app.viewer.screen.querySelector('video')?.readyState >= 2")
    return tab


def test_a_shot_without_a_picture_shows_one_of_its_video(numbers: Any) -> None:
    until(numbers, "[...document.querySelectorAll('.board img')].filter((i) => i.naturalWidth).length === 2")


def until(tab: Any, holds: str) -> None:
    """Wait until an expression holds in the page, whose policy forbids Playwright's own way."""
    for _ in range(400):
        if tab.evaluate(f"() => Boolean({holds})"):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(f"it never came: {holds}")


def stands(tab: Any) -> int:
    """The frame that the page names, once it stands."""
    until(tab, "!app.viewer.lead.rate && app.viewer.lead.wanted === null && !app.viewer.lead.video.seeking")
    tab.wait_for_timeout(60)  # the picture is presented after it is decoded
    return int(tab.locator("#frame").get_attribute("data-frame"))


def test_the_frame_that_is_shown_is_the_frame_that_is_named(numbers: Any) -> None:
    until(numbers, "document.readyState === 'complete'")  # a key that comes before the page is whole is lost
    walk = (
        ["Home"]
        + ["ArrowRight"] * 3
        + ["End", "ArrowLeft", "Home", "ArrowRight", "Shift+ArrowRight", "ArrowLeft"]
    )
    named = []
    for key in walk:
        numbers.keyboard.press(key)
        named.append(stands(numbers))
        assert numbers.evaluate(READ, 0) == named[-1] % FRAMES
    assert named == [0, 1, 2, 3, 119, 118, 0, 1, 11, 10]


def test_where_it_stops_while_it_plays_is_what_it_names(numbers: Any) -> None:
    for key in ("l", "l", "j"):
        numbers.keyboard.press(key)
        before = numbers.evaluate("app.viewer.frame")
        until(numbers, f"Math.abs(app.viewer.frame - {before}) >= 2")
        numbers.keyboard.press("k")
        assert numbers.evaluate(READ, 0) == stands(numbers) % FRAMES


def test_a_quick_hand_loses_no_step(numbers: Any) -> None:
    for _ in range(25):
        numbers.keyboard.press("ArrowRight")
    assert stands(numbers) == 25 and numbers.evaluate(READ, 0) == 25


def test_two_takes_are_on_one_frame(numbers: Any) -> None:
    """While they play, within one frame; where they stand, on the same one."""
    numbers.evaluate(
        """() => {
          const own = { take: 1, title: "a film", frames: 120 };
          const [one, two] = app.film.reels.map((reel) => ({ ...reel, ...own }));
          app.viewer.compare(one, two, false);
        }"""
    )
    until(numbers, "[...document.querySelectorAll('.screen video')].every((v) => v.readyState >= 3)")
    for count in range(1, 4):
        numbers.keyboard.press("ArrowRight")
        assert stands(numbers) == count
        assert [numbers.evaluate(READ, which) for which in (0, 1)] == [count, count]
    numbers.keyboard.press("l")
    until(numbers, "app.viewer.frame >= 20")
    apart = "Math.abs(app.viewer.player.players[0].shown - app.viewer.player.players[1].shown)"
    until(numbers, f"{apart} <= 1")
    numbers.keyboard.press("k")
    frame = stands(numbers)
    until(numbers, f"{apart} === 0")
    numbers.wait_for_timeout(60)
    assert [numbers.evaluate(READ, which) for which in (0, 1)] == [frame % FRAMES] * 2


def test_a_note_on_a_range_is_on_the_shot_that_is_seen(numbers: Any) -> None:
    """A file of the user's has no shot: the note is on the film."""
    for key in ("Shift+ArrowRight", "i", "ArrowRight", "ArrowRight", "o", "n"):
        numbers.keyboard.press(key)
        if key.endswith("Right"):
            stands(numbers)
    numbers.fill("#note-text", "too slow")
    numbers.keyboard.press("Control+Enter")
    numbers.wait_for_selector(".note")
    note = json.loads(Path("film.notes.jsonl").read_text())
    assert (note["frame"], note["frames"], note["text"]) == (10, 3, "too slow")


@pytest.fixture
def page(made: Path, open_page: Open, visit: Visit) -> Any:
    """The page of the film whose cards wait for an approval."""
    tab = visit(open_page().address)
    tab.click(f".board li[data-address='{DAWN}'] button")
    tab.click("#tab-takes")
    return tab


def block(address: str = DAWN) -> Any:
    return read(lock_path(Path("film.yaml"))).block(address)


def test_a_take_is_picked_and_approved_by_keys(page: Any) -> None:
    page.keyboard.press("2")
    page.wait_for_selector(".take.picked[data-take='2']")
    assert block().pick == 2
    page.keyboard.press("a")
    until(page, "app.shots.here.gate === 'open'")
    assert block().approved or block(f"{DAWN}#2").approved
    page.keyboard.press("x")
    page.fill("#ask-why", "a sixth finger")
    page.keyboard.press("Enter")
    page.wait_for_selector(".take .bad")
    assert "a sixth finger" in page.locator(".take .bad").inner_text()


def test_takes_of_pictures_stand_side_by_side_and_wiped(page: Any) -> None:
    page.keyboard.press("c")
    assert page.locator(".screen.side-by-side img").count() == 2
    page.keyboard.press("w")
    page.wait_for_selector(".screen.wipe")
    assert page.locator("[aria-label=Wipe]").is_visible()
    boxes = [page.locator(".screen.wipe img").nth(n).bounding_box() for n in (0, 1)]
    assert boxes[0] == boxes[1]  # one lies over the other, and nowhere else


def test_enter_closes_the_help_and_leaves_the_keys(page: Any) -> None:
    page.keyboard.press("?")
    page.wait_for_selector("dialog")
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('dialog')")
    assert page.evaluate("app.keys") is True


def test_another_take_of_two_after_its_price(page: Any) -> None:
    for address in ("dawn", "dusk"):
        page.check(f".board li[data-address='card[\"{address}\"]'] input")
    page.click("text=Do 2 again")
    page.wait_for_selector("dialog")
    price = page.evaluate("app.shots.all.find((s) => s.node === 'card').takes[0].each") * 2
    assert f"Do these 2 again: ${price:.2f}" in page.locator("dialog h2").inner_text()
    page.keyboard.press("Enter")  # a key that was meant for the page says no
    until(page, "!document.querySelector('dialog')")
    page.click("text=Do 2 again")
    page.locator("dialog input").press("Enter")
    assert page.locator("dialog").count() == 1 and block().takes is None
    page.click("dialog button.main")
    until(page, "app.run.finished?.status")
    assert page.evaluate("app.run.finished.made") == 2 and block().takes == 3


@pytest.mark.usefixtures("small_previews")
def test_a_run_is_shown_as_it_goes(page: Any) -> None:
    page.click("#tab-run")
    page.click("text=Preview (free)")
    until(page, "app.run.finished?.status === 'done'")
    assert page.locator(".lanes td.done").count() > 0
    until(page, "app.film.reels.length === 1 && app.film.reels[0].preview")


def test_a_text_is_edited_in_place(page: Any) -> None:
    page.keyboard.press("e")
    page.fill("#ask-text", "the ${{ shot }} sea")
    page.click("dialog button.main")
    page.wait_for_selector("dialog pre")
    assert "+      prompt: the ${{ shot }} sea" in page.locator("dialog pre").inner_text()
    assert "nothing is made yet" in page.locator("dialog").inner_text().lower()
    page.keyboard.press("Escape")
    assert "the ${{ shot }} sea  # what is seen" in Path("film.yaml").read_text()


def test_a_drawing_is_kept_with_its_note(page: Any) -> None:
    page.keyboard.press("n")
    page.click("text=Draw")
    box = page.locator(".screen").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 + 10, steps=4)
    page.mouse.up()
    page.fill("#note-text", "here")
    page.click("text=Save")
    page.wait_for_selector(".note")
    note = json.loads(Path("film.notes.jsonl").read_text())
    points = note["drawing"]["strokes"][0]["points"]
    assert len(points) > 2 and all(0 <= part <= 1 for point in points for part in point)


HARMFUL = (
    "<img src=x onerror=hit()>",
    "</script><script>hit()</script>",
    "\"'><svg onload=hit()>",
    "{{constructor.constructor('hit()')()}}",
    "javascript:hit()",
    "<b>bold</b>",
)


def test_nothing_of_a_file_or_a_person_is_ever_html(seller: Any, open_page: Open, visit: Visit) -> None:
    """Prompts, keys, names, notes, replies, reasons: all of them are shown as they are."""
    Path("callsheet.toml").touch()
    rows = json.dumps(list(HARMFUL))
    film = (
        FILM.replace("[dawn, dusk]", rows)
        .replace("takes: 2\n", "takes: 1\n")
        .replace("name: coast", "name: coast\ndescription: <b>x</b>")
    )
    Path("film.yaml").write_text(film)
    assert callsheet.run("film.yaml", confirm=True).status == "waiting"
    served = open_page()
    for number, text in enumerate(HARMFUL):
        assert (
            served.do(
                "note", text=text, shot=f"card[{json.dumps(HARMFUL[0])}]", author=text, id=f"{number:010}"
            )[0]
            == 200
        )
        served.do("reply", id=f"{number:010}", text=text, author=text)
    bad = f"card[{json.dumps(HARMFUL[1])}]"
    assert served.do("reject", addresses=[bad], why=HARMFUL[0], seen=served.seen(bad))[0] == 200
    tab = visit(served.address)
    tab.evaluate("() => { window.hit = () => { window.was_hit = true; }; }")
    for number in range(len(HARMFUL)):
        tab.evaluate("(n) => app.select(app.shots.shown[n].address)", number)
        for name in ("notes", "takes", "run"):
            tab.click(f"#tab-{name}")
    tab.click("#tab-notes")
    assert tab.locator(".note").count() == len(HARMFUL)
    assert [tab.locator(".note p.text").nth(n).inner_text() for n in range(len(HARMFUL))] == list(HARMFUL)
    assert tab.evaluate("window.was_hit") is None
    assert tab.locator("#panel b, #panel script, #panel svg, .board b").count() == 0


def test_a_second_tab_sees_what_the_first_one_does(made: Path, open_page: Open, visit: Visit) -> None:
    served = open_page()
    one, two = visit(served.address), visit(served.address)
    one.evaluate("app.act('note', { text: 'from one', frame: null, id: '0123456789' })")
    two.wait_for_selector(".note")
    assert two.locator(".note").first.inner_text().count("from one")


def test_thousands_of_notes_are_shown_in_parts(made: Path, open_page: Open, visit: Visit) -> None:
    line = '{"id": "n%09d", "text": "dark"}\n'
    Path("film.notes.jsonl").write_text("".join(line % number for number in range(2_000)))
    tab = visit(open_page().address)
    tab.wait_for_selector(".note")
    assert tab.locator(".note").count() == 100 and "2000 open" in tab.locator("#tab-notes").inner_text()
    tab.click("text=1900 more")
    assert tab.locator(".note").count() == 200


def test_what_is_not_made_waits_for_nobody_and_is_seen_once_it_is(
    coast: Path, open_page: Open, visit: Visit
) -> None:
    tab = visit(open_page().address)
    assert "not made yet" in tab.locator(".screen").inner_text()
    assert tab.locator(".board input").count() == 0 and "waits" not in tab.locator(".board").inner_text()
    tab.click("#tab-run")
    tab.click("text=Run…")
    tab.click("dialog button.main")
    tab.wait_for_selector(".screen img")
    until(tab, "document.querySelector('.board').textContent.includes('waits for you')")


def test_a_server_that_ends_is_said_and_nothing_is_lost(made: Path, open_page: Open, visit: Visit) -> None:
    served = open_page()
    tab = visit(served.address, lost=True)
    tab.evaluate("app.notes.write()")
    tab.fill("#note-text", "half a thought")
    served.close()
    until(tab, "byId('said').textContent.includes('does not answer')")
    assert tab.input_value("#note-text") == "half a thought"


def test_a_page_that_is_open_while_the_film_changes_says_so(
    made: Path, open_page: Open, visit: Visit
) -> None:
    page = visit(open_page().address, lost=True)
    page.click(f".board li[data-address='{DAWN}'] button")
    Path("film.yaml").write_text(FILM.replace("[dawn, dusk]", "[noon, dusk]"))
    until(page, "byId('said').textContent.includes('has no card[\"dawn\"] any more')")
    Path("film.yaml").write_text(FILM.replace("fal-ai/hunyuan-image", "fal-ai/nothing"))
    until(page, "byId('said').textContent.includes('film.yaml:')")
    Path("film.yaml").write_text(FILM)
    until(page, "byId('said').textContent.includes('can be read again')")
    lock = lock_path(Path("film.yaml"))
    whole = lock.read_text()
    lock.write_text("callsheet: 99\n[[")
    page.reload()
    until(page, "byId('said').textContent.includes('film.lock.yaml:')")
    lock.write_text(whole)
    until(page, "byId('said').textContent.includes('can be read again') && app.viewer.item")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1400, "dark")])
def test_it_fits_a_phone_and_axe_finds_nothing(
    made: Path, open_page: Open, visit: Visit, width: int, scheme: str
) -> None:
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-playwright-python is not installed")
    served = open_page()
    served.do("note", text="too dark", shot=DAWN)
    tab = visit(served.address, color_scheme=scheme, viewport={"width": width, "height": 844})
    tab.evaluate((Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    tab.click(f".board li[data-address='{DAWN}'] button")
    for name in ("notes", "takes", "run"):
        tab.click(f"#tab-{name}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(tab) == []
    tab.keyboard.press("?")
    assert violations(tab) == []


def violations(tab: Any) -> list[Any]:
    """What axe-core finds wrong."""
    found = tab.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


def test_thousands_of_shots_stay_quick(in_folder: Path, open_page: Open, visit: Visit) -> None:
    """Only what is seen is drawn."""
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(
        'callsheet: 1\nname: long\naxes:\n  shot: {over: "${{ range(3000) }}"}\nnodes:\n  card:\n'
        "    each: shot\n    uses: fal-ai/hunyuan-image/v3/text-to-image\n"
        '    with: {prompt: "shot ${{ shot }}", image_size: square}\n'
    )
    tab = visit(open_page().address)
    assert tab.evaluate("app.shots.all.length") == 3000
    tab.click("#tab-run")
    assert tab.evaluate("document.querySelectorAll('*').length") < 6000
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    until(tab, "document.querySelectorAll('.board li').length > 200")
