"""Lines that are spoken by a program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview import voice
from callsheet.nodes.preview.answers import Known
from callsheet.nodes.preview.language import NAMES, OTHERS, SCRIPTS, languages
from callsheet.nodes.preview.perform import perform
from callsheet.nodes.preview.provider import Preview
from callsheet.spec.media import Facts
from callsheet.spec.types import STRING, Field
from tests.conftest import Typed

needs_espeak = pytest.mark.needs("espeak")
LINE = "Nobody came tonight, and nobody will come tomorrow."
FILM = """
callsheet: 1
name: spoken
nodes:
  voice: {uses: fal-ai/minimax/speech-02-hd, with: {text: "Nobody came.", output_format: url}}
outputs: {voice: "${{ voice.audio }}"}
"""


def speech(studio):
    spec = studio.spec({"audio": "audio"}, Facts(seconds=3.0), {"text": Field(STRING)}, task="text-to-speech")
    return studio.job(spec, text=LINE)


@needs_espeak
def test_a_line_is_spoken_in_its_length(studio):
    first, second = (perform(speech(studio), Known(voice="espeak-ng 1.51"))["audio"].path for _ in range(2))
    toned = perform(speech(studio))["audio"].path
    assert probe(first).seconds == pytest.approx(3.0, abs=0.1)
    assert first.read_bytes() == second.read_bytes() != toned.read_bytes()


@needs_espeak
def test_the_voice_is_in_the_key_of_speech_alone(studio):
    spoken, toned = Preview(Known(voice=voice.version())), Preview()
    job = speech(studio)
    assert voice.version() in spoken.renderer(job.spec, "voice")
    still = studio.spec({"image": "image"})
    assert spoken.renderer(still, "still") == toned.renderer(still, "still")


def test_a_missing_program_is_said_before_anything_is_drawn(
    in_folder: Path, callsheet: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice.version.cache_clear()
    monkeypatch.setattr(voice.shutil, "which", lambda _: None)
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    code, _, err = callsheet("run", "film.yaml", "--preview", "--voice", "espeak")
    assert code == 1
    assert "--voice espeak needs the program espeak-ng, which is not here" in err
    assert "apt install espeak-ng" in err
    assert not Path("out").exists()


@needs_espeak
def test_from_python(in_folder: Path) -> None:
    voice.version.cache_clear()
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    assert callsheet.run("film.yaml", preview=True, voice="espeak").status == "done"


def test_the_error_is_one_of_input(monkeypatch: pytest.MonkeyPatch) -> None:
    voice.version.cache_clear()
    monkeypatch.setattr(voice.shutil, "which", lambda _: None)
    with pytest.raises(InputError):
        voice.version()


@pytest.mark.parametrize(
    ("params", "text", "first"),
    [
        ({}, "Nobody came.", "en"),
        ({"language": "de"}, "Niemand kam.", "de"),
        ({"language": "Spanish"}, "Nadie vino.", "es"),
        ({"language": "Swedish"}, "Ingen kom.", "sv"),
        ({"language_boost": "Chinese,Yue"}, "x", "yue"),
        ({"language_boost": "auto", "language_code": "pl-PL"}, "Nikt nie przyszedł.", "pl"),
        ({"language": "en_GB"}, "x", "en-gb"),
        ({"language_code": "Portuguese (Brazil)"}, "Ninguém veio.", "pt-br"),
        ({"language": "Auto"}, "Никто не пришёл.", "ru"),
        ({"voice": "Deep_Voice"}, "だれも来なかった。", "ja"),
        ({}, "没有人来。", "cmn"),
        ({}, "아무도 오지 않았다.", "ko"),
        ({"language": 7}, "Κανείς δεν ήρθε.", "el"),
    ],
)
def test_the_language_is_that_of_the_request_or_of_its_text(
    params: dict[str, object], text: str, first: str
) -> None:
    found = languages(params, text)
    assert found[0] == first and found[-1] == "en"


@needs_espeak
def test_a_line_is_spoken_in_the_language_of_its_request(tmp_path: Path) -> None:
    def heard(language: str) -> bytes:
        return voice.spoken("1 2 3", 2.0, {"language": language}, tmp_path / "x.wav").read_bytes()

    assert heard("Polish") == heard("pl-PL") == heard("pl") != heard("Portuguese")
    assert heard("Chinese") == heard("ch") == heard("zh") != heard("en")
    assert heard("no such language") == heard("English")


@needs_espeak
def test_each_language_has_a_voice() -> None:
    listed = subprocess.run(["espeak-ng", "--voices"], capture_output=True, text=True, check=True).stdout
    known = {line.split()[1].partition("-")[0] for line in listed.splitlines()[1:]}
    assert {*NAMES.values(), *SCRIPTS.values(), *OTHERS.values()} <= known
