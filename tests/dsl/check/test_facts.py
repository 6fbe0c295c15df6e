"""Facts on edges: what is known of media before the run, in expressions, against models, and said aloud."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from callsheet import check, load
from callsheet.dsl.check.narration import spoken_seconds
from callsheet.nodes.registry import Registry
from callsheet.runtime.plan.draft import draft
from callsheet.spec.lengths import lengths_of
from callsheet.spec.media import Facts

VOICE_FIRST = """\
callsheet: 1
name: voice_first
nodes:
  line:
    uses: fal-ai/minimax/speech-02-hd
    with: {text: TEXT, output_format: url}
  clip:
    uses: fal-ai/veo3.1/fast
    with:
      prompt: a lighthouse
      duration: ${{ fit_duration(LENGTH, MODEL) }}
outputs:
  clip: ${{ clip.video }}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "film.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def voice_first(length: str, model: str, text: str = "hello there") -> str:
    return VOICE_FIRST.replace("LENGTH", length).replace("MODEL", model).replace("TEXT", text)


def said(path: Path) -> list[tuple[str, str, str]]:
    return [(d.code, d.span.text, d.message) for d in check(path).diagnostics]


@pytest.mark.parametrize(
    ("seconds", "model", "value"),
    [
        ("3.2", "clip", "4s"),
        ("4", "clip", "4s"),
        ("4.01", "clip", "6s"),
        ("0", '"fal-ai/veo3.1/fast"', "4s"),
        ("2 + 5.9", "clip", "8s"),
    ],
)
def test_a_length_is_rounded_up_to_one_that_the_model_makes(write, seconds, model, value) -> None:
    graph = load(write(voice_first(seconds, model)))
    assert graph.instances["clip"].params["duration"] == value


@pytest.mark.parametrize(
    ("uses", "seconds", "value"),
    [
        ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", 5.1, "10"),
        ("fal-ai/minimax/hailuo-02/standard/text-to-video", 2, "6"),
        ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", 10.5, None),
    ],
)
def test_the_value_has_the_type_of_the_parameter(uses, seconds, value) -> None:
    lengths = lengths_of(Registry().find(uses))
    assert lengths is not None
    assert lengths.fitting(seconds) == value
    assert type(lengths).decoded(lengths.encoded) == lengths


def test_every_listed_length_is_its_own_fit() -> None:
    registry = Registry()
    seen = 0
    for entry in registry.entries():
        spec = registry.find(entry.uses) if "<" not in entry.uses else None
        lengths = lengths_of(spec) if spec else None
        for value in lengths.values if lengths else ():
            fitted = lengths.fitting(lengths._seconds(value))
            assert lengths._seconds(fitted) == lengths._seconds(value)
            seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("length", "model", "code", "marked", "words"),
    [
        (
            "9",
            "clip",
            "too-long",
            "fit_duration(9, clip)",
            "9 s is longer than `fal-ai/veo3.1/fast` makes",
        ),
        ("9", "line", "expression-type", "line", "has no parameter for its length"),
        ("9", '"fal-ai/veo"', "expression-type", '"fal-ai/veo"', "nothing is called"),
        ("9", "8", "expression-type", "8", "neither a node nor an endpoint"),
        ("line.audio", "clip", "expression-type", "line.audio", "takes seconds, not an audio"),
        ("line.audio.width", "clip", "unknown-field", "line.audio.width", "has no `width`"),
    ],
)
def test_what_does_not_fit_is_said_in_its_place(write, length, model, code, marked, words) -> None:
    ((found, span, message),) = said(write(voice_first(length, model)))
    assert (found, span) == (code, marked)
    assert words in message


def test_a_length_that_comes_with_the_run_is_no_cycle_and_known_to_plan(write) -> None:
    path = write(voice_first("line.audio.seconds", "clip", '"' + "word " * 20 + '"'))
    graph = load(path)
    assert graph.instances["clip"].needs == ("line",)
    clip = next(step for step in draft(graph).steps if step.address == "clip")
    assert clip.facts["video"].seconds == 8


LIPS = """\
callsheet: 1
name: lips
nodes:
  clip:
    uses: CLIP
    with: {prompt: a man speaks, duration: "6"}
  long:
    uses: media/concat
    with: {videos: ["${{ clip.video }}", "${{ clip.video }}"]}
  line:
    uses: fal-ai/minimax/speech-02-hd
    with:
      text: TEXT
      output_format: url
  speaks:
    uses: fal-ai/kling-video/lipsync/audio-to-video
    with:
      video_url: ${{ SOURCE.video }}
      audio_url: ${{ line.audio }}
outputs:
  film: ${{ speaks.video }}
"""
HAILUO = "fal-ai/minimax/hailuo-02/standard/text-to-video"


def lips(source: str = "clip", text: str = "Good evening.", clip: str = HAILUO) -> str:
    return LIPS.replace("SOURCE", source).replace("TEXT", text).replace("CLIP", clip)


def test_a_clip_that_a_model_takes_is_nothing_to_say(write) -> None:
    assert said(write(lips())) == []


def test_lengths_add_up_along_the_edges(write) -> None:
    ((code, span, message),) = said(write(lips("long")))
    assert (code, span) == ("media-length", "long.video")
    assert message == "12 s where at most 10 s is taken"


def test_the_size_that_is_known_is_compared(write) -> None:
    clip = """fal-ai/pika/v2.2/image-to-video
    with: {image_url: "https://x.org/a.png", prompt: a man, resolution: 720p}"""
    text = lips().replace(f'{HAILUO}\n    with: {{prompt: a man speaks, duration: "6"}}', clip)
    assert said(write(text)) == []
    fit = 'uses: media/fit\n    with: {video: "${{ clip.video }}", width: 640, height: 360}'
    crop = f"  small:\n    {fit}\n  speaks:"
    text = lips("small").replace("  speaks:", crop)
    ((code, _, message),) = said(write(text))
    assert code == "media-size"
    assert message == "640 × 360 pixels where each side has at least 720"


def test_a_guess_is_no_error(write) -> None:
    unknown = "fal-ai/ltx-video"
    assert Registry().find(unknown) is not None
    text = lips(clip=unknown).replace(', duration: "6"', "")
    assert [code for code, _, _ in said(write(text)) if code.startswith("media")] == []


LONG = (
    "This keeper has tended the lamp for forty years, and tonight, for the first time, nobody will answer it."
)


def test_words_that_do_not_fit_their_shot_are_met_before_they_are_paid_for(write) -> None:
    path = write(lips(text=LONG))
    (found,) = check(path).diagnostics
    assert (found.code, found.severity, found.span.text) == ("speech-length", "warning", LONG)
    assert found.message == "19 words take at least 6.3 s to say, and clip lasts 6 s"
    assert "about 18" in found.help


def test_a_faster_voice_says_more(write) -> None:
    text = lips(text=LONG).replace(
        "output_format: url", "output_format: url\n      voice_setting: {speed: 1.5}"
    )
    assert said(write(text)) == []


def test_a_voice_under_a_picture_counts_too(write) -> None:
    mux = "media/mux\n    with:\n      video: ${{ clip.video }}\n      voice: ${{ line.audio }}\noutputs:"
    text = lips(text=LONG)
    text = text[: text.index("fal-ai/kling-video/lipsync")] + mux + "\n  film: ${{ speaks.video }}\n"
    assert [code for code, _, _ in said(write(text))] == ["speech-length"]


@pytest.mark.parametrize(
    ("text", "words", "seconds"),
    [("", 0, 0), ("Don't look back", 3, 1.0), ("well-known  — yes!", 2, 2 / 3), ("灯台の番人", 5, 5 / 6)],
)
def test_words_are_counted(text: str, words: int, seconds: float) -> None:
    assert spoken_seconds(text) == (words, pytest.approx(seconds))


@pytest.mark.parametrize(
    ("width", "height", "aspect"),
    [
        (1920, 1080, "16:9"),
        (1344, 768, "16:9"),
        (768, 1366, "9:16"),
        (1000, 1000, "1:1"),
        (1000, 100, "10:1"),
    ],
)
def test_a_shape_has_its_usual_name(width: int, height: int, aspect: str) -> None:
    assert Facts(width=width, height=height).aspect == aspect


def test_an_aspect_is_passed_on(write) -> None:
    film = """\
callsheet: 1
name: shape
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a, image_size: landscape_16_9}
  clip:
    uses: fal-ai/veo3.1/fast
    with: {prompt: b, aspect_ratio: "${{ still.images[0].aspect }}"}
outputs:
  clip: ${{ clip.video }}
"""
    assert said(write(film)) == []
    (_, clip) = draft(load(write(film))).steps
    assert (clip.facts["video"].width, clip.facts["video"].height) == (1280, 720)
    square = film.replace("landscape_16_9", "square")
    ((code, _, message),) = said(write(square))
    assert code == "parameter-choice"
    assert message.startswith('"1:1" is not one of')


@pytest.mark.parametrize(
    ("node", "marked"),
    [
        ('{uses: media/freeze, with: {video: "${{ still.video }}", at: 9}}', "9"),
        ('{uses: media/freeze, with: {video: "${{ still.video }}", at: 2}}', None),
        ('{uses: media/ramp, with: {video: "${{ still.video }}", speeds: [{at: 3, speed: 2}]}}', "[{at"),
        ('{uses: media/ramp, with: {video: "${{ still.video }}", speeds: [{at: 1, speed: 2}]}}', None),
    ],
)
def test_a_time_after_the_end_of_a_clip_is_met_at_check(write, node, marked, tmp_path) -> None:
    Image.new("RGB", (64, 36)).save(tmp_path / "a.png")
    path = write(f"""\
callsheet: 1
name: standing
nodes:
  still: {{uses: media/image_to_video, with: {{image: a.png, seconds: 2}}}}
  held: {node}
outputs: {{film: "${{{{ held.video }}}}"}}
""")
    found = said(path)
    assert [code for code, _, _ in found] == (["model-rule"] if marked else [])
    assert all(text.startswith(marked) for _, text, _ in found)
