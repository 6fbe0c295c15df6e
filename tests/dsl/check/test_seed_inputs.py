"""What the pages of the models say of files: data URIs go in, and a file has a type, a name and a size."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet import check

PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 40).decode()
FILM = """\
callsheet: 1
name: film
inputs:
  start: {type: image, default: "START"}
nodes:
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: x, image_url: "IMAGE"}
  later:
    uses: fal-ai/pika/v2.2/image-to-video
    with:
      prompt: ${{ clip.video.content_type }} ${{ clip.video.file_name }}
      image_url: ${{ inputs.start }}
outputs:
  film: ${{ later.video }}
  size: ${{ clip.video.file_size }}
"""
Said = Callable[[str], list[tuple[str, str]]]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    """The codes and messages of a pipeline."""

    def write(text: str) -> list[tuple[str, str]]:
        path = tmp_path / "film.yaml"
        path.write_text(text, encoding="utf-8")
        return [(d.code, d.message) for d in check(path).diagnostics]

    return write


def test_a_data_uri_is_a_medium_in_a_literal_and_in_an_input(said: Said) -> None:
    assert said(FILM.replace("START", PNG).replace("IMAGE", PNG)) == []


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("data:image/png,abc", "does not begin like one"),
        ("data:;base64,AAAA", "does not begin like one"),
        ("data:image/png;base64,A!!A", "not in base64"),
        ("data:image/png;base64,AAA", "not in base64"),
        ("data:video/mp4;base64,AAAA", "holds video, where an image is taken"),
        ("data:image/png;base64," + "A" * (800_000), "more than 512 KB"),
    ],
)
def test_one_that_cannot_be_sent_is_an_error_at_its_place(uri: str, why: str, said: Said) -> None:
    for text in (
        FILM.replace("START", uri).replace("IMAGE", PNG),
        FILM.replace("START", PNG).replace("IMAGE", uri),
    ):
        ((code, message),) = said(text)
        assert code == "media-url" and why in message and len(message) < 200


def test_an_operation_of_this_machine_takes_files(said: Said) -> None:
    nodes = f'nodes: {{a: {{uses: media/fit_image, with: {{image: "{PNG}", width: 64, height: 64}}}}}}'
    ((_, message),) = said(f"callsheet: 1\nname: f\n{nodes}\noutputs: {{a: '${{{{ a.image }}}}'}}\n")
    assert "takes files, no URLs" in message


SPEECH = """\
callsheet: 1
name: speech
nodes:
  voice:
    uses: MODEL
    with: {TEXT: hello, FORMAT}
OUTPUTS
"""
MODELS = [("fal-ai/minimax/speech-02-hd", "text"), ("fal-ai/minimax/speech-2.8-hd", "prompt")]
USED = "outputs: {voice: '${{ voice.audio }}'}"
CUT = """\
  cut: {uses: media/trim_audio, with: {audio: "${{ voice.audio }}", seconds: 1}}
outputs: {cut: "${{ cut.audio }}"}"""
UNUSED = "outputs: {length: '${{ voice.duration_ms }}'}"


@pytest.mark.parametrize(("model", "text"), MODELS)
@pytest.mark.parametrize(
    ("form", "outputs", "errors"),
    [
        ("seed: 1", USED, 1),
        ("output_format: hex", USED, 1),
        ("output_format: hex", CUT, 1),
        ("output_format: url", USED, 0),
        ("output_format: url", CUT, 0),
        ("output_format: hex", UNUSED, 0),
    ],
)
def test_speech_that_comes_as_hex_is_no_audio(
    model: str, text: str, form: str, outputs: str, errors: int, said: Said
) -> None:
    form = form if form != "seed: 1" else "language_boost: auto"
    film = SPEECH.replace("MODEL", model).replace("TEXT", text).replace("FORMAT", form)
    found = said(film.replace("OUTPUTS", outputs))
    assert [code for code, _ in found] == ["model-rule"] * errors
    assert all("the output `audio` is text" in message for _, message in found)
