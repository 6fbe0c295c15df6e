"""`callsheet open`, as it is typed."""

from pathlib import Path

import click
import pytest
from PIL import Image

from callsheet.cli.main import main
from callsheet.nodes.media import tags
from callsheet.runtime.output.provenance.record import Making, Provenance
from callsheet.runtime.output.provenance.writing import text

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
NOTE = Provenance(
    version="0.1.0",
    pipeline="lighthouse",
    preview=False,
    address="still",
    path=("images", 0),
    kind="image",
    sha256="c" * 64,
    making=Making(STILL, {"prompt": "a keeper on the stair"}, seed=4),
)


@pytest.fixture
def launched(monkeypatch):
    """What was opened, and what opening answers."""
    found = []
    monkeypatch.setattr(click, "launch", lambda path: found.append(path) or 0)
    return found


@pytest.fixture
def picture(in_folder):
    """clip.png, with a note about what made it."""
    Image.new("RGB", (8, 8)).save("plain.png")
    assert tags.write(Path("plain.png"), Path("clip.png"), text(NOTE))


def typed(*words):
    with pytest.raises(SystemExit) as left:
        main(["open", *words])
    return left.value.code


def test_it_opens_the_file(picture, launched, capsys):
    assert typed("clip.png") == 0
    assert launched == [str(Path("clip.png").resolve())]
    assert capsys.readouterr() == ("", "opened clip.png; callsheet origin clip.png shows what made it\n")


def test_a_name_that_begins_as_an_option_or_an_address_is_a_file(in_folder, launched):
    Path("-rf.png").write_bytes(b"")
    assert typed("--", "-rf.png") == 0
    assert typed("https://example.org/film.mp4") == 1
    assert launched == [str(Path("-rf.png").resolve())]


def test_a_file_that_is_not_there_and_a_system_without_a_program(picture, launched, monkeypatch, capsys):
    assert typed("clp.png") == 1
    assert "error: there is no file clp.png\n  help: did you mean clip.png?" in capsys.readouterr().err
    assert launched == []
    monkeypatch.setattr(click, "launch", lambda _: 1)
    assert typed("clip.png") == 1
    assert "no program was found to open clip.png" in capsys.readouterr().err


@pytest.mark.parametrize("words", [("--json",), ("-o", "again.yaml")])
def test_what_origin_does_now_still_works_and_says_so(picture, launched, capsys, words):
    typed("clip.png", *words)
    out, err = capsys.readouterr()
    assert err.startswith("note: use origin for that")
    assert out.startswith("{") if words == ("--json",) else Path("again.yaml").exists()
    assert launched == []
