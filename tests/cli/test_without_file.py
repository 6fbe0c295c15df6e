"""Verbs without FILE: the one pipeline of the folder is meant."""

from pathlib import Path

import pytest

from callsheet.cli.main import main

FILM = """\
callsheet: 1
name: film
nodes:
  still: {uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: a boat, seed: 1}}
  clip: {uses: media/image_to_video, with: {image: "${{ still.images[0] }}", seconds: 1}}
"""


@pytest.fixture
def typed(in_folder, capsys):
    Path("film.yaml").write_text(FILM)

    def run(*words):
        with pytest.raises(SystemExit) as left:
            main(words)
        return left.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "clip"),
        ("explain", "--json", "clip"),
        ("explain", "clip", "--set", "x=1"),
        ("takes", "clip"),
        ("takes",),
        ("pick", "still", "2"),
        ("pick", "--note", "still", "still", "2"),
        ("retake", "nothing"),
        ("approve", "still", "clip"),
        ("approve", "--all"),
        ("reject", "still"),
        ("reject", "--why", "too dark", "still"),
        ("substitute", "fal-ai/hunyuan-image/v3/text-to-image", "fal-ai/flux/dev", "--diff"),
        ("log",),
        ("graph",),
        ("check",),
        ("plan",),
    ],
)
def test_it_means_the_one_pipeline_of_the_folder(typed, words):
    verb, *rest = words
    assert typed(*words) == typed(verb, "film.yaml", *rest)


def test_a_folder_or_another_file_is_a_file_before_an_address(typed):
    Path("other").mkdir()
    Path("other/b.yaml").write_text(FILM.replace("a boat", "a red boat"))
    assert "a red boat" in typed("explain", "other", "still", "--json")[1]
    assert "a red boat" in typed("explain", "other/b.yaml", "still", "--json")[1]


def test_a_folder_called_as_a_node_is_no_file(typed):
    Path("clip").mkdir()
    assert typed("explain", "clip")[0] == 0


def test_of_two_pipelines_it_names_both(typed):
    Path("b.yaml").write_text(FILM)
    code, _, err = typed("explain", "clip")
    assert code == 1
    assert "no FILE is given, and this folder has 2 pipelines (b.yaml, film.yaml)" in err
    assert "explain b.yaml" in err


def test_words_that_are_too_many_are_still_too_many(typed):
    code, _, err = typed("explain", "flim", "clip")
    assert code == 2 and "clip" in err
