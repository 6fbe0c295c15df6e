"""The recipes that ship: documented, used by an example that is right, and previewed."""

from pathlib import Path

import pytest

import callsheet
from callsheet.cli import main as cli
from callsheet.dsl.resolve.recipe_files import shipped
from callsheet.dsl.resolve.recipe_reference import recipe_page
from callsheet.nodes.media.probe import probe
from callsheet.nodes.registry import Registry
from callsheet.runtime.recipe_tests.outcome import outcome_of
from callsheet.testing import sounds

ROOT = Path(__file__).parents[1]
NAMES = [uses.removeprefix("recipe/") for uses in shipped()]


@pytest.mark.parametrize(("uses", "path"), shipped().items(), ids=NAMES)
def test_says_what_it_is_and_what_it_takes(uses: str, path: Path) -> None:
    page = recipe_page(uses, path, Registry())
    assert page.description and page.outputs
    assert not [p.name for p in page.parameters if not p.description]
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_its_example_is_right_and_has_a_plan(name: str, tmp_path: Path) -> None:
    path = ROOT / f"examples/recipes/{name}.yaml"
    assert f"uses: recipe/{name}" in path.read_text(encoding="utf-8")
    found = callsheet.check(path)
    assert not found.diagnostics and found.graph is not None
    plan = callsheet.plan(found.graph, tmp_path)
    unpriced = {step.uses for step in plan.steps if step.usd is None}
    speech = {
        "text/chat",
        "fal-ai/minimax/speech-02-hd",
        "fal-ai/kling-video/ai-avatar/v2/standard",
        "fal-ai/lyria2",
    }
    assert unpriced <= speech


@pytest.mark.parametrize(("uses", "path"), shipped().items(), ids=NAMES)
def test_its_examples_ask_for_what_they_asked_for(uses: str, path: Path) -> None:
    """As `callsheet test` says; the previews are in a test of their own."""
    outcome = outcome_of(path, preview=False)
    assert outcome.version and outcome.ok, [(e.name, e.difference, e.diagnostics) for e in outcome.examples]


@pytest.mark.usefixtures("small_previews")
@pytest.mark.parametrize("name", ["multi_aspect", "music_montage", "talking_head"])
def test_its_examples_can_be_previewed(name: str) -> None:
    """Those that are previewed in a second; `callsheet test callsheet/recipes` does all."""
    outcome = outcome_of(shipped()[f"recipe/{name}"])
    assert outcome.ok, [e.failed for e in outcome.examples]


@pytest.mark.usefixtures("small_previews")
@pytest.mark.parametrize(
    ("name", "output"), [("storyboard", "sheet.png"), ("character_sheet", "sheets-mara.png")]
)
def test_previews(name: str, output: str, tmp_path: Path) -> None:
    result = callsheet.run(
        ROOT / f"examples/recipes/{name}.yaml", preview=True, out=tmp_path / "out", state=tmp_path / "state"
    )
    assert result.status == "done", result.failures
    assert probe(tmp_path / "out" / name / "preview" / output).width == 1920


@pytest.mark.usefixtures("small_previews")
def test_films_end_where_they_should(tmp_path: Path) -> None:
    """A montage of two cuts of two seconds, under music that is given; three shapes of it."""
    film = tmp_path / "film.yaml"
    film.write_text("""
callsheet: 1
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a pier}}
  clip: {uses: media/image_to_video, with: {image: "${{ still.images[0] }}", seconds: 3, width: 320}}
  montage:
    uses: recipe/music_montage
    with: {clips: ["${{ clip.video }}", "${{ clip.video }}"], seconds: 2}
  shapes: {uses: recipe/multi_aspect, with: {video: "${{ montage.film }}", aspects: [9:16]}}
outputs:
  shapes: ${{ shapes.videos }}
""")
    result = callsheet.run(film, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    facts = probe(tmp_path / "out/film/preview/shapes-9x16.mp4")
    assert facts.seconds == pytest.approx(4, abs=0.1) and facts.audio
    assert facts.width and facts.height and facts.width < facts.height


@pytest.mark.usefixtures("small_previews")
def test_a_montage_stays_on_the_beat(tmp_path: Path) -> None:
    """Twelve cuts of one beat at 130 beats a minute are twelve beats long, within half a frame."""
    film = tmp_path / "film.yaml"
    film.write_text("""
callsheet: 1
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a pier}}
  clip: {uses: media/image_to_video, with: {image: "${{ still.images[0] }}", seconds: 1.5, width: 64}}
  song: {uses: media/extract_audio, with: {video: "${{ loud.video }}"}}
  loud: {uses: fal-ai/veo3.1/fast, with: {prompt: drums, duration: 4s}}
  montage:
    uses: recipe/music_montage
    with:
      clips: ["${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}",
              "${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}",
              "${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}", "${{ clip.video }}"]
      seconds: ${{ 60 / 130 }}
      music: ${{ song.audio }}
outputs: {film: "${{ montage.film }}"}
""")
    result = callsheet.run(film, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    facts = probe(tmp_path / "out/film/preview/film.mp4")
    assert facts.seconds == pytest.approx(12 * 60 / 130, abs=0.5 / 24)


@pytest.mark.usefixtures("small_previews")
def test_a_montage_is_cut_on_the_beats_that_its_music_has(tmp_path: Path) -> None:
    """Six cuts of two beats; the music begins late, and its tempo is said nowhere."""
    song = sounds.click_track(127, 16, lead=0.3)
    sounds.written(tmp_path / "song.wav", song.samples)
    film = tmp_path / "film.yaml"
    film.write_text("""
callsheet: 1
inputs: {song: {type: audio, default: ./song.wav}}
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a pier}}
  clip: {uses: media/image_to_video, with: {image: "${{ still.images[0] }}", seconds: 2, width: 64}}
  montage:
    uses: recipe/music_montage
    with:
      clips: "${{ [clip.video, clip.video, clip.video, clip.video, clip.video, clip.video] }}"
      beats: 2
      music: ${{ inputs.song }}
outputs: {film: "${{ montage.film }}"}
""")
    result = callsheet.run(film, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    facts = probe(tmp_path / "out/film/preview/film.mp4")
    assert facts.seconds == pytest.approx(song.beats[12], abs=0.5 / 24)


def test_the_verb_lists_and_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "recipes")[1].count("\n") == len(NAMES)
    _, out, _ = run(capsys, "recipes", "interpolate")
    assert "frames      list[image], required: The pictures" in out and "film        video" in out
    code, _, err = run(capsys, "recipes", "storybord")
    assert code == 1 and "did you mean `recipe/storyboard`" in err


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    return int(stop.value.code or 0), *capsys.readouterr()


@pytest.mark.usefixtures("small_previews")
def test_a_film_gets_subtitles_a_title_and_credits(tmp_path: Path) -> None:
    """In the size of the film; the subtitles hold what a model heard, or are a track."""
    film = tmp_path / "film.yaml"
    film.write_text("""
callsheet: 1
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a pier}}
  voice: {uses: fal-ai/minimax/speech-02-hd, with: {text: The sea was quiet that night., output_format: url}}
  held: {uses: media/image_to_video, with: {image: "${{ still.images[0] }}", seconds: 2, width: 320}}
  told: {uses: media/mux, with: {video: "${{ held.video }}", voice: "${{ voice.audio }}"}}
  burnt: {uses: recipe/subtitled, with: {video: "${{ told.video }}", style: karaoke}}
  soft: {uses: recipe/subtitled, with: {video: "${{ told.video }}", burn: false, language: en}}
  titled:
    uses: recipe/title_sequence
    with: {video: "${{ burnt.film }}", title: Home, seconds: 1, credits: [{names: [Ada]}], credits_seconds: 1}
outputs: {film: "${{ titled.film }}", soft: "${{ soft.film }}", file: "${{ burnt.file }}"}
""")
    result = callsheet.run(film, preview=True, out=tmp_path / "out", state=tmp_path / "state")
    assert result.status == "done", result.failures
    out = tmp_path / "out/film/preview"
    whole, soft = probe(out / "film.mp4"), probe(out / "soft.mp4")
    assert whole.seconds == pytest.approx((soft.seconds or 0) + 2, abs=0.1)
    assert whole.width == soft.width == 320
    assert "-->" in (out / "file.srt").read_text(encoding="utf-8")
