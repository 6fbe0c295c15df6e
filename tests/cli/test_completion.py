"""What a shell offers after the Tab key, as bash asks for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = "import sys; sys.argv[0] = 'callsheet'; from callsheet.cli.main import main; main()"
FILM = """\
callsheet: 1
name: film
inputs: {shots: [{id: dawn}, {id: "late at night"}, {id: noon}]}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  still: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot.id }}"}}
  board: {uses: media/contact_sheet, with: {images: "${{ still.images[0] }}"}}
"""


@pytest.fixture
def film(in_folder):
    Path("film.yaml").write_text(FILM)
    Path("film.lock.yaml").write_text("lock: 1\n")
    Path("notes.txt").write_text("")


def offered(words):
    """The words for the last of `words`, which is begun; and kinds that the shell fills in itself."""
    asked = {
        "COMP_WORDS": f"callsheet {words}",
        "COMP_CWORD": str(words.count(" ") + 1),
        "_CALLSHEET_COMPLETE": "bash_complete",
    }
    command = [sys.executable, "-c", MAIN]
    done = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""
    return [line.removeprefix("plain,") for line in done.stdout.split()]


@pytest.mark.parametrize(
    "words, some",
    [
        ("ori", ["origin"]),
        ("run ", ["film.yaml"]),
        ("pick film.yaml still.", ["still.dawn", "still.noon"]),
        ("pick film.yaml b", ["board"]),
        ("explain still.d", ["still.dawn"]),
        ("explain f", ["film.yaml"]),
        ("approve film.yaml still.dawn still.n", ["still.noon"]),
        ("run --only still.n", ["still.noon"]),
        ("recipes storyb", ["storyboard"]),
        ("run x", ["file,x"]),
    ],
)
def test_files_addresses_verbs_and_recipes(film, words, some):
    assert offered(words) == some


def test_models_where_one_is_put_in_place_of_another(film):
    found = offered("substitute film.yaml fal-ai/veo3.1/fast/i")
    assert "fal-ai/veo3.1/fast/image-to-video" in found


def test_a_file_with_mistakes_has_no_addresses(film):
    Path("film.yaml").write_text(FILM.replace("shot.id", "shot.nothing"))
    assert offered("explain film.yaml st") == []
