"""Recipes at the command line: what is named, drawn and written."""

import json
from pathlib import Path

import pytest

from callsheet.cli import main as cli

BOARD = """
callsheet: 1
inputs: {look: {type: string}, shots: {type: list, items: {id: string}}}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.id }}, ${{ inputs.look }}", image_size: square}
  sheet: {uses: media/contact_sheet, with: {images: "${{ card.images | map('first') }}"}}
outputs: {sheet: "${{ sheet.image }}", cards: "${{ card.images | map('first') }}"}
"""
FILM = """
callsheet: 1
axes: {look: [ink, chalk]}
nodes:
  one: {uses: ./board.yaml, with: {look: pen, shots: [{id: dawn}]}}
  many: {each: look, uses: ./board.yaml, with: {look: "${{ look }}", shots: [{id: dawn}, {id: "a/b"}]}}
  wall: {uses: media/contact_sheet, with: {images: "${{ many.sheet }}"}}
outputs: {wall: "${{ wall.image }}", one: "${{ one.sheet }}", cards: "${{ many[0].cards }}"}
"""


@pytest.fixture
def film(in_folder: Path) -> Path:
    Path("board.yaml").write_text(BOARD)
    Path("film.yaml").write_text(FILM)
    return in_folder


def callsheet(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(arguments))
    return int(stop.value.code or 0), *capsys.readouterr()


def test_every_file_has_a_name_that_a_person_would_choose(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = callsheet(capsys, "run", "film.yaml", "--preview")
    assert code == 0 and 'many["1"]/card["a/b"]' in out
    folder = film / "out/film/preview"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.png")} == {
        "wall.png",
        "one.png",
        "cards-0-dawn.png",
        "cards-0-a-b.png",
        "parts/one-card-01-dawn.png",
        *(f"parts/many-01-card-{key}.png" for key in ("01-dawn", "02-a-b")),
        *(f"parts/many-0{i}-sheet.png" for i in (0, 1)),
    }


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("one", 2),
        ("many", 6),
        ('many["1"]', 3),
        ('many["1"]/card', 2),
        ("many/card", 4),
        ('many["1"]/card["a/b"]', 1),
        ("many/sheet", 6),
    ],
)
def test_only_a_recipe_or_a_part_of_it(
    film: Path, capsys: pytest.CaptureFixture[str], name: str, made: int
) -> None:
    code, out, _ = callsheet(capsys, "run", "film.yaml", "--preview", "--only", name)
    assert code == 0 and f"{made} made" in out


def test_a_name_inside_is_guessed(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = callsheet(capsys, "run", "film.yaml", "--preview", "--only", "one/crad")
    assert code == 1 and "did you mean one/card" in err


@pytest.mark.parametrize(("name", "made"), [("many", 4), ("many/card", 3), ('many/card["shot2"]', 2)])
def test_only_a_part_of_what_is_not_known_yet(
    film: Path, capsys: pytest.CaptureFixture[str], name: str, made: int
) -> None:
    Path("film.yaml").write_text("""
callsheet: 1
nodes:
  script:
    uses: text/chat
    with: {prompt: p, schema: {shots: {type: list, items: {id: string}, minimum: 2, maximum: 2}}}
  many: {uses: ./board.yaml, with: {look: ink, shots: "${{ script.shots }}"}}
""")
    code, out, _ = callsheet(capsys, "run", "film.yaml", "--preview", "--only", name)
    assert code == 0 and f"{made} made" in out
    code, _, err = callsheet(capsys, "run", "film.yaml", "--preview", "--only", '"/')
    assert code == 1 and "there is no node" in err


def test_a_recipe_is_drawn_around_its_nodes(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = callsheet(capsys, "graph", "film.yaml", "-f", "mermaid")
    assert out.splitlines()[1:9] == [
        '  subgraph n0_0 ["one"]',
        '  n0["one/card<br/><small>fal-ai/hunyuan-image/v3/text-to-image</small>"]',
        '  n1["one/sheet<br/><small>media/contact_sheet</small>"]',
        "  end",
        '  subgraph n2_0 ["many"]',
        '  n2["many/card ×4<br/><small>fal-ai/hunyuan-image/v3/text-to-image</small>"]',
        '  n3["many/sheet ×2<br/><small>media/contact_sheet</small>"]',
        "  end",
    ]
    _, out, _ = callsheet(capsys, "graph", "film.yaml", "-f", "dot", "--instances")
    assert 'label="many[\\"1\\"]"' in out and out.count("subgraph") == out.count("  }") == 3


def test_the_plan_has_every_address(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = callsheet(capsys, "plan", "film.yaml", "--json")
    addresses = [step["address"] for step in json.loads(out)["steps"]]
    assert 'many["0"]/card["a/b"]' in addresses and len(addresses) == 9
