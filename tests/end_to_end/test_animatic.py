"""A preview tells the film: what its clips are made from is in the band of everything that comes of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from av import VideoFrame

import callsheet as api
from callsheet import run
from callsheet.errors import InputError
from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview import slated
from callsheet.nodes.preview.banded_film import BandedFilm
from callsheet.nodes.preview.story import Story
from tests.conftest import Typed

FILM = """
callsheet: 1
name: film
inputs:
  shots:
    - {id: stair, action: "the keeper climbs the stair", move: "slow dolly in", line: "Nobody came tonight."}
    - {id: lamp, action: "the lamp goes out", move: "pan left", line: "Who is there?"}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.action }}", image_size: {width: 320, height: 180}}
  voice:
    each: shot
    uses: fal-ai/minimax/speech-02-hd
    with: {text: "${{ shot.line }}", output_format: url}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {image_url: "${{ still.images[0] }}", prompt: "${{ shot.move }}", duration: 5}
  LAST
  film:
    uses: media/concat
    with: {videos: "${{ talk.video }}"}
outputs: {film: "${{ film.video }}"}
"""
MUX = """talk:
    each: shot
    uses: media/mux
    with: {video: "${{ clip.video }}", voice: "${{ voice.audio }}", voice_start: 0.5}
"""
SYNC = """talk:
    each: shot
    uses: fal-ai/sync-lipsync/v2
    with: {video_url: "${{ clip.video }}", audio_url: "${{ voice.audio }}"}
"""


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Story]:
    """The story of each file that gets a band, by its name."""
    found: dict[str, Story] = {}
    write = slated.write

    def heard(source: Path, target: Path, story: Story, *rest: object) -> bool:
        found[target.suffix] = story
        return write(source, target, story, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(slated, "write", heard)
    return found


def preview(text: str, **options: object) -> api.Result:
    Path("film.yaml").write_text(text, encoding="utf-8")
    result = api.run(api.load("film.yaml"), preview=True, **options)  # type: ignore[arg-type]
    assert result.status == "done", [f.message for f in result.failures]
    return result


@pytest.mark.usefixtures("in_folder", "small_previews")
@pytest.mark.parametrize(("last", "narrated"), [(MUX, True), (SYNC, False)], ids=["mux", "lip sync"])
def test_action_and_speech_are_carried_to_the_film(told: dict[str, Story], last: str, narrated: bool) -> None:
    preview(FILM.replace("LAST", last))
    story = told[".mp4"]
    assert [beat.address for beat in story.beats] == ['clip["stair"]', 'clip["lamp"]']
    assert [beat.action for beat in story.beats] == [
        "the keeper climbs the stair, slow dolly in",
        "the lamp goes out, pan left",
    ]
    assert story.beats[1].start == pytest.approx(5.0, abs=0.05)
    assert [(line.text, line.narrated) for line in story.lines] == [
        ("Nobody came tonight.", narrated),
        ("Who is there?", narrated),
    ]
    assert story.lines[1].start == pytest.approx(5.5 if narrated else 5.0, abs=0.1)


@pytest.mark.usefixtures("in_folder", "small_previews")
def test_parts_are_clean_and_outputs_have_a_band(told: dict[str, Story]) -> None:
    preview(FILM.replace("LAST", MUX))
    folder = Path("out/film/preview")
    clean, film = probe(folder / "parts/clip-01-stair.mp4"), probe(folder / "film.mp4")
    assert clean.height is not None and film.height is not None
    assert film.width == clean.width and film.height > clean.height


@pytest.mark.usefixtures("in_folder", "small_previews")
def test_another_slate_is_another_file_of_the_same_preview() -> None:
    text = FILM.replace("LAST", MUX)
    band = preview(text)
    off = preview(text, slate="off")
    height = probe(Path("out/film/preview/film.mp4")).height
    preview(text, slate="over")
    assert probe(Path("out/film/preview/film.mp4")).height == height
    preview(text)
    assert probe(Path("out/film/preview/film.mp4")).height != height
    assert band.outputs == off.outputs


@pytest.fixture
def banded(monkeypatch: pytest.MonkeyPatch) -> list[VideoFrame]:
    """The pictures that are encoded with a band, in any order."""
    found: list[VideoFrame] = []
    frames = BandedFilm.frames

    def watched(film: BandedFilm, first: int, count: int) -> Iterator[VideoFrame]:
        for frame in frames(film, first, count):
            found.append(frame)
            yield frame

    monkeypatch.setattr(BandedFilm, "frames", watched)
    return found


def packets(path: Path) -> list[bytes]:
    """What is stored of the pictures of a film."""
    with av.open(str(path)) as film:
        return [bytes(packet) for packet in film.demux(video=0) if packet.size]


@pytest.mark.usefixtures("in_folder", "small_previews")
def test_after_one_shot_has_changed_its_part_of_the_band_is_encoded(banded: list[VideoFrame]) -> None:
    text, film = FILM.replace("LAST", MUX), Path("out/film/preview/film.mp4")
    preview(text)
    shot, before = len(banded) // 2, packets(film)
    assert shot == 5 * 24 and len(before) == 2 * shot
    banded.clear()
    preview(changed := text.replace("the lamp goes out", "a whale at dawn"))
    assert len(banded) == shot
    after = packets(film)
    assert after[:shot] == before[:shot] and after[shot:] != before[shot:]
    shutil.rmtree(".callsheet")
    shutil.rmtree("out")
    preview(changed)
    assert len(banded) == 3 * shot and packets(film) == after


CHAIN = """
callsheet: 1
name: chain
inputs: {beats: ["a beach at dawn", "a forest", "the mountains at night"]}
axes: {beat: {over: "${{ inputs.beats }}"}}
nodes:
  open: {uses: fal-ai/pika/v2.2/text-to-video, with: {prompt: "a street at noon", duration: 5}}
  take:
    each: beat
    uses: fal-ai/veo3.1/extend-video
    with: {video_url: "${{ open.video if axis.beat.first else prev(take).video }}", prompt: "${{ beat }}"}
outputs: {take: "${{ take[2].video }}"}
"""


@pytest.mark.usefixtures("in_folder", "small_previews")
def test_an_extended_take_tells_its_beats_one_after_the_other(told: dict[str, Story]) -> None:
    preview(CHAIN)
    actions = [beat.action for beat in told[".mp4"].beats]
    assert actions == ["a street at noon", "a beach at dawn", "a forest", "the mountains at night"]
    starts = [beat.start for beat in told[".mp4"].beats]
    assert starts == sorted(starts) and starts[1] == pytest.approx(5.0, abs=0.1)


SIZED = """
callsheet: 1
name: film
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "the keeper climbs the stair", image_size: {width: 320, height: 180}}
  voice:
    uses: fal-ai/minimax/speech-02-hd
    with: {text: "Nobody came.", output_format: url}
  half: {uses: media/split_image, with: {image: "${{ still.images[0] }}", columns: 2, rows: 1}}
outputs: {still: "${{ still.images }}", half: "${{ half.images[0] }}", voice: "${{ voice.audio }}"}
"""


def sizes() -> dict[str, tuple[int | None, int | None]]:
    found = {path.name: probe(path) for path in Path("out/film/preview").glob("*.png")}
    return {name: (facts.width, facts.height) for name, facts in found.items()}


@pytest.mark.usefixtures("in_folder")
def test_a_small_preview_is_another_one_of_all_that_is_seen(callsheet: Typed) -> None:
    """Of the shape of the real one; what is heard is made once, and each size is kept."""
    Path("film.yaml").write_text(SIZED, encoding="utf-8")

    def made(*options: str) -> tuple[set[str], dict[str, tuple[int | None, int | None]]]:
        code, out, err = callsheet(
            "run", "film.yaml", "--preview", "--slate", "off", "--output", "json", *options
        )
        assert code == 0, err
        events = [json.loads(line) for line in out.splitlines()]
        done = {e["address"] for e in events if e["event"] == "node_finished" and not e["reused"]}
        return done, sizes()

    assert made() == ({"still", "half", "voice"}, {"still-01.png": (320, 180), "half.png": (160, 180)})
    small = {"still-01.png": (160, 90), "half.png": (80, 90)}
    assert made("--size", "90") == ({"still", "half"}, small)
    assert made() == (set(), {"still-01.png": (320, 180), "half.png": (160, 180)})
    assert made("--size", "90") == (set(), small)
    assert made("--size", "4000") == ({"still"}, {"still-01.png": (320, 180), "half.png": (160, 180)})


@pytest.mark.usefixtures("in_folder")
def test_a_size_that_shows_nothing_is_refused(callsheet: Typed) -> None:
    Path("film.yaml").write_text(SIZED, encoding="utf-8")
    with pytest.raises(InputError, match="a preview of 12 pixels shows nothing"):
        run(Path("film.yaml"), preview=True, size=12)
    code, _, err = callsheet("run", "film.yaml", "--preview", "--size", "12")
    assert code == 2 and "12 is not in the range 90<=x<=8192" in err and not Path("out").exists()
