"""`callsheet takes`: where the contact sheet of a film is written."""

from pathlib import Path

import pytest

import callsheet
from callsheet.cli import main as cli

FILM = """
callsheet: 1
name: film
nodes:
  card:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: at the window, image_size: square}
outputs: {card: "${{ card.images[0] }}"}
"""


def test_the_sheet_is_also_written_where_sheet_says(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there yet is made, and the sheet may be named where it lies."""
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    assert not callsheet.run("film.yaml", preview=True).failures
    sheets = set[bytes]()
    for place in ("sheets/of/film.png", "sheets/of/film.png"):
        with pytest.raises(SystemExit) as stop:
            cli.main(["takes", "film.yaml", "--preview", "--sheet", place])
        assert not stop.value.code and f"sheet: {place}" in capsys.readouterr().out
        sheets.add(Path(place).read_bytes())
    own = next(Path("out/film").rglob("takes/*.png"))
    assert sheets == {own.read_bytes()}
    with pytest.raises(SystemExit) as stop:
        cli.main(["takes", "film.yaml", "--preview", "--sheet", str(own)])
    assert not stop.value.code and sheets == {own.read_bytes()}


def test_a_sheet_below_a_file_is_a_message(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    assert not callsheet.run("film.yaml", preview=True).failures
    with pytest.raises(SystemExit) as stop:
        cli.main(["takes", "film.yaml", "--preview", "--sheet", "film.yaml/sheet.png"])
    told = capsys.readouterr().err
    assert stop.value.code == 3 and "film.yaml could not be written" in told and "Traceback" not in told
