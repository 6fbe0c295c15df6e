"""Shot lists as people keep them: every line is read, or said to be left out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main

FILM = "callsheet: 1\nname: film\nnodes: {board: {uses: text/shots, with: {file: ./%s}}}\n"
FILM += 'outputs: {shots: "${{ board.shots }}"}\n'
ROWS = """callsheet: 1
name: film
inputs: {lines: {type: list, items: {Shot: integer, Description: string}, default: ./rows.csv}}
axes: {line: {over: "${{ inputs.lines }}"}}
nodes: {part: {each: line, uses: text/split, with: {text: "${{ line.Description }}"}}}
"""


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        main(words)
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out + err


def listed(capsys: Any, name: str, text: str) -> tuple[list[tuple[str, str]], str]:
    """(id, description) of each shot that is read from a file, and what is printed."""
    Path(name).write_bytes(text.encode())
    Path("film.yaml").write_text(FILM % name)
    code, printed = said(capsys, "run", "film.yaml", "--preview")
    assert code == 0, printed
    found = json.loads(next(Path("out").rglob("*.json")).read_text())
    return [(shot["id"], shot.get("description", "")) for shot in found], printed


TABLE = "| shot | description |\n|---|---|\n"


def test_every_table_of_a_text_is_read(in_folder: Path, capsys: Any) -> None:
    text = f"## Act 1\n{TABLE}| 1 | a |\n\n**Act 2**\n\n{TABLE}| 1 | b |\n|---|---|\n| 2 | c |\n"
    text += "\n| who |\n|---|\n| Sam |\n"
    shots, printed = listed(capsys, "acts.md", text)
    assert shots == [("Act 1-1", "a"), ("Act 2-1", "b"), ("Act 2-2", "c")]
    assert "line 14: this table has no column of a shot list, and is not read" in printed


def test_one_table_keeps_its_ids(in_folder: Path, capsys: Any) -> None:
    assert listed(capsys, "one.md", f"# Film\n\n{TABLE}| 1 | a |\n")[0] == [("1", "a")]


@pytest.mark.parametrize("above", ["##transit", "= a ship", "===", "[[a note]]", "CUT TO:", "> DISSOLVE"])
def test_a_scene_follows_what_is_no_action(above: str, in_folder: Path, capsys: Any) -> None:
    text = (
        f"# Act\n\n{above}\nINT. TRANSIT - TAG  #10#\n\nA cabin.\n\nINT. SALA / DE ANA - DAY #1#\n\nA desk.\n"
    )
    assert listed(capsys, "film.fountain", text)[0] == [("10", "A cabin."), ("1", "A desk.")]


def test_what_a_screenplay_loses_is_said(in_folder: Path, capsys: Any) -> None:
    text = "# Act\n\nRain. Nobody is there.\n\nINT. HALL\n\nINT. CELLAR\n\nA lamp.\n"
    shots, printed = listed(capsys, "film.fountain", text)
    assert shots == [("2", "A lamp.")]
    assert "line 3: what stands before the first scene is left out" in printed
    assert "line 5: the scene `INT. HALL` is empty, and left out" in printed


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nShot;Description\r\n1;Lamp, lit\r\n",
        '"sep=;"\nShot;Description\n1;Lamp, lit\n',
        "\ufeffSEP=|\nShot|Description\n1|Lamp, lit\n",
        "sep=\t\nShot\tDescription\n1\tLamp, lit\n",
        'sep=,\nShot,Description\n1,"Lamp, lit"\n',
    ],
)
def test_the_line_that_names_the_separator(text: str, in_folder: Path, capsys: Any) -> None:
    assert listed(capsys, "sep.csv", text)[0] == [("1", "Lamp, lit")]
    Path("rows.csv").write_bytes(text.encode())
    Path("film.yaml").write_text(ROWS)
    assert said(capsys, "check", "film.yaml")[0] == 0
    Path("rows.csv").write_bytes(text.replace("1", "one").encode())
    code, printed = said(capsys, "check", "film.yaml")
    assert code == 1 and "rows.csv:3:" in printed and "integer" in printed


def test_merged_cells_of_a_spreadsheet(in_folder: Path, capsys: Any) -> None:
    text = "Scene,Shot,Description\n1,1,Sam enters\n,2,She turns\n2,1,Street\n,2,Car\n"
    assert [shot for shot, _ in listed(capsys, "merged.csv", text)[0]] == ["1-1", "1-2", "2-1", "2-2"]


def test_columns_that_are_not_read_are_named(in_folder: Path, capsys: Any) -> None:
    shots, printed = listed(capsys, "de.csv", "Nr.;Beschreibung;Dauer;Description\n1;Lampe;3;Lamp\n")
    assert shots == [("1", "Lamp")]
    assert "line 1: these columns are not read: `Beschreibung`, `Dauer`" in printed


@pytest.mark.parametrize(
    "number", ["9" * 320, "9" * 5000, "0x" + "f" * 299, "1e400", ".inf", ".nan", "-" + "9" * 320]
)
def test_numbers_that_nothing_can_be_calculated_with(number: str, in_folder: Path, capsys: Any) -> None:
    Path("rows.csv").write_text(f"Shot,Description\n{number},Lamp\n")
    Path("film.yaml").write_text(ROWS.replace("integer", "number"))
    code, printed = said(capsys, "check", "film.yaml")
    assert code == 1 and "rows.csv:2:1: error[" in printed and "Traceback" not in printed
    Path("film.yaml").write_text(
        f"callsheet: 1\nnodes: {{a: {{uses: media/trim, with: {{video: ./a.mp4, seconds: {number}}}}}}}\n"
    )
    assert "film.yaml:2:" in said(capsys, "check", "film.yaml")[1]


def test_a_table_without_end_is_refused_at_once(in_folder: Path, capsys: Any) -> None:
    Path("rows.csv").write_text("Shot,Description\n" + "1,Lamp\n" * 300_000)
    Path("film.yaml").write_text(ROWS)
    began = time.process_time()
    code, printed = said(capsys, "check", "film.yaml")
    assert code == 1 and "rows.csv:200002:1: error[list-file]: the table has 300,000 rows" in printed
    assert time.process_time() - began < 8
