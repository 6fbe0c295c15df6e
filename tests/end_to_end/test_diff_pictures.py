"""`callsheet diff --pictures`: strips of what changes, and the page that shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from callsheet.emulator import Emulator
from tests.conftest import Typed
from tests.end_to_end.test_pull_request import FILM, SHOTS, change, commit, git, write


@pytest.fixture
def branch(in_folder: Path) -> Iterator[None]:
    write("film.yaml", FILM.format(name="harbour", shots="./shots.csv"))
    write("shots.csv", SHOTS)
    write(".gitignore", "out/\n.callsheet/\npictures/\n")
    git("init", "--quiet")
    commit("one")
    git("checkout", "--quiet", "-b", "branch")
    yield


def shown(callsheet: Typed, *words: str) -> tuple[str, list[Image.Image]]:
    """The page, and the strips in the order in which it shows them."""
    code, out, err = callsheet("diff", *words, "--pictures", "pictures")
    assert code == 0, out + err
    page = Path("pictures/pictures.md").read_text(encoding="utf-8")
    return page, [Image.open(Path("pictures") / name) for name in re.findall(r"\]\((.*?)\)", page)]


@pytest.mark.usefixtures("branch")
def test_a_changed_shot_is_shown_before_and_after(callsheet: Typed) -> None:
    change("shots.csv", "a lighthouse at dusk", "a forest at noon")
    page, strips = shown(callsheet, "main", "film.yaml")
    assert page.startswith("**2 shots change**")
    assert 'keyframe&#91;"dusk"&#93;' in page.replace("&quot;", '"') and "changed · " in page
    assert re.search(r"\$0\.\d\d", page) and "5 s" in page
    still = strips[0].convert("RGB")
    before, after = still.crop((90, 8, 270, 188)), still.crop((90, 196, 270, 376))
    assert before.getpixel((150, 20)) != after.getpixel((150, 20))


@pytest.mark.usefixtures("branch")
def test_an_added_shot_has_no_before_and_a_removed_one_no_after(callsheet: Typed) -> None:
    write("shots.csv", SHOTS.replace("night,a lighthouse at night\n", "noon,a beach at noon\n"))
    page, strips = shown(callsheet, "main", "film.yaml")
    assert "**4 shots change**" in page and "new · $" in page and "gone" in page
    assert {strip.height for strip in strips} == {8 + 188}
    assert "<details><summary>and 1 more</summary>" in page


@pytest.mark.usefixtures("branch")
def test_nothing_changed_is_one_sentence(callsheet: Typed) -> None:
    page, strips = shown(callsheet, "main", "film.yaml")
    assert page == "No picture changes.\n" and strips == []


@pytest.mark.usefixtures("branch")
def test_the_old_frames_come_from_the_store(callsheet: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(tiny=True) as emulator:
        monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
        monkeypatch.setenv("FAL_KEY", "test")
        assert callsheet("run", "film.yaml", "--yes", "--output", "quiet")[0] == 0
    made = next(Path("out/harbour/parts").glob("keyframe-*dusk*"))
    expected = Image.open(made).convert("RGB").resize((180, 180)).getpixel((45, 45))
    commit("made")
    change("shots.csv", "a lighthouse at dusk", "a forest at noon")
    page, strips = shown(callsheet, "film.yaml")
    middle = strips[0].convert("RGB").getpixel((strips[0].width - 8 - 180 + 45, 8 + 45))
    assert max(abs(a - b) for a, b in zip(middle, expected, strict=True)) < 12, page


@pytest.mark.usefixtures("branch")
def test_two_files_and_an_address_for_the_pictures(callsheet: Typed) -> None:
    write("other.yaml", FILM.format(name="harbour", shots="./others.csv"))
    write("others.csv", SHOTS.replace("dawn\n", "noon\n"))
    words = (
        "film.yaml",
        "other.yaml",
        "--pictures",
        "pictures",
        "--pictures-url",
        "https://example.org/{}?raw",
    )
    assert callsheet("diff", *words)[0] == 0
    page = Path("pictures/pictures.md").read_text(encoding="utf-8")
    assert "](https://example.org/harbour-01-keyframe-dawn.png?raw)" in page


@pytest.mark.usefixtures("branch")
def test_the_strips_are_in_the_json(callsheet: Typed) -> None:
    change("shots.csv", "a lighthouse at dusk", "a forest at noon")
    code, out, _ = callsheet("diff", "main", "film.yaml", "--pictures", "pictures", "-f", "json")
    assert code == 0
    found = json.loads(out)["pictures"]
    assert [one["address"] for one in found] == ['keyframe["dusk"]', 'clip["dusk"]']
    assert all((Path("pictures") / one["file"]).is_file() for one in found)
