"""`callsheet recipes PATH` and `git+…`: what a folder or a repository of recipes has, and a page about it."""

from pathlib import Path

import pytest

from callsheet.cli import main as cli
from callsheet.nodes.media.probe import probe
from tests.runtime.recipes.test_git import Repo

BOARD = """
callsheet: 1
version: 1.2.0
requires: ">=0.1"
description: A card | for *each* shot.
examples:
  two: {shots: [{id: dawn}, {id: dusk}]}
  ink: {shots: [{id: dawn}], look: ink}
override: [card]
inputs:
  shots: {type: list, items: {id: string}, description: The shots.}
  look: {type: string, default: chalk, description: How they look.}
  style: {type: string?, description: As before., deprecated: use `look`}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.id }}, ${{ inputs.style | default(inputs.look) }}", image_size: square}
  other: {uses: fal-ai/flux/dev, with: {prompt: "${{ inputs.look }}"}}
outputs: {cards: "${{ card.images | map('first') }}", other: "${{ other.images[0] }}"}
"""
FILM = "callsheet: 1\ndescription: A film.\nnodes: {b: {uses: ../board.yaml, with: {shots: [{id: a}]}}}\n"
FILM += "outputs: {cards: '${{ b.cards }}'}\n"


@pytest.fixture
def repo(in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.setenv("CALLSHEET_GIT_FILE", "1")
    found = Repo(in_folder / "looks")
    found.commit(board_yaml=BOARD, films__one_yaml=FILM)
    return found


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["recipes", *arguments])
    return int(stop.value.code or 0), *capsys.readouterr()


def test_a_folder(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "looks")
    assert code == 0 and [line.split() for line in out.splitlines()] == [
        ["./looks/board.yaml", "1.2.0", "$0.08", "A", "card", "|", "for", "*each*", "shot."],
        ["./looks/films/one.yaml", "$0.05", "A", "film."],
    ]


def test_one_with_errors_leaves_the_others(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    Path("looks/broken.yaml").write_text(BOARD.replace("look: {type: string", "look: {type: strin"))
    code, out, err = run(capsys, "looks")
    assert code == 1 and [line.split()[0] for line in out.splitlines()] == [
        "./looks/board.yaml",
        "./looks/films/one.yaml",
    ]
    assert err.startswith("looks/broken.yaml:") and "1 error" in err


def test_one_recipe(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "looks/board.yaml")
    assert code == 0
    for line in (
        "uses: ./looks/board.yaml",
        "  version 1.2.0, requires callsheet >=0.1",
        "  shots  list[{id: string}], required: The shots.",
        "  style  string: As before. (deprecated: use `look`)",
        "override: card (fal-ai/hunyuan-image/v3/text-to-image)",
        "  two  $0.08",
        "  ink  $0.05",
    ):
        assert line in out.splitlines()


def test_a_recipe_without_a_price_tells_the_next_step(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    Path("looks/board.yaml").write_text(
        BOARD.replace("[{id: dawn}, {id: dusk}]", "./none.csv").replace("[{id: dawn}]", "./none.csv")
    )
    code, out, _ = run(capsys, "looks/board.yaml")
    assert code == 0 and out.endswith("no example can be planned; `callsheet test` in its folder tells why\n")


def test_a_repository(repo: Repo, in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is downloaded, looked at and thrown away; each is called as a film would use it."""
    code, out, _ = run(capsys, f"git+file://{repo.folder}@main")
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == [
        repo.uses(),
        repo.uses(path="films/one.yaml"),
    ]
    code, out, _ = run(capsys, repo.uses())
    assert code == 0 and f"uses: {repo.uses()}" in out and "two  $0.08" in out
    assert [path.name for path in in_folder.iterdir()] == ["looks"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("git+file://{}@nowhere", "has no branch or tag nowhere"),
        ("git+file://{}@main#none.yaml", "none.yaml"),
        ("git+http://example.test/x@main", "recipes do not come over http"),
        ("./none", "none"),
        ("./looks/films/cast", "there is no recipe in looks/films/cast"),
    ],
)
def test_what_is_not_there(repo: Repo, capsys: pytest.CaptureFixture[str], source: str, says: str) -> None:
    (repo.folder / "films/cast").mkdir()
    code, _, err = run(capsys, source.format(repo.folder))
    assert code == 1 and says in err


def test_a_link_to_a_recipe_of_another_project(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for project in ("here", "there"):
        Path(project).mkdir()
        Path(project, "callsheet.toml").touch()
    Path("there/look.yaml").write_text(
        "callsheet: 1\nnodes: {card: {uses: fal-ai/kolors, with: {prompt: a pier}}}\n"
        "outputs: {card: '${{ card.images[0] }}'}\n"
    )
    Path("here/look.yaml").symlink_to("../there/look.yaml")
    code, out, _ = run(capsys, "here/look.yaml")
    assert code == 0 and "./here/look.yaml" in out


def test_a_page_in_markdown(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    """With everything that a user needs, and what the preview looks like; texts stay texts."""
    code, out, _ = run(capsys, "looks", "--markdown", "looks.md")
    assert code == 0 and "looks.md: 2 recipes, pictures in looks-pictures/" in out
    text = Path("looks.md").read_text()
    for line in (
        "- [`./looks/board.yaml`](#looksboardyaml): A card \\| for \\*each\\* shot.",
        "Version 1.2.0, requires callsheet `>=0.1`.",
        "![A preview of ./looks/board.yaml](looks-pictures/01-board.png)",
        "Example `two`: $0.08",
        'with: {"shots": [{"id": "dawn"}, {"id": "dusk"}]}',
        "| `shots` | list of {id} | required | The shots. |",
        '| `look` | string | `"chalk"` | How they look. |',
        "| `style` | string |  | Deprecated: use \\`look\\`. As before. |",
        "| `cards` | list[image] |",
        "Nodes that `override` can change: `card` (`fal-ai/hunyuan-image/v3/text-to-image`).",
    ):
        assert line in text.splitlines(), line
    assert probe(Path("looks-pictures/01-board.png")).width == 960
    assert probe(Path("looks-pictures/02-one.png")).width == 960


def test_a_page_below_a_file_is_a_message(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "looks", "--markdown", "looks/board.yaml/looks.md")
    assert code == 3 and "board.yaml/looks-pictures could not be written" in err and "Traceback" not in err


def test_what_ships_has_a_page_of_its_own(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "consistent_cast")
    assert code == 0 and "override: " in out and "sheet/picture (fal-ai/hunyuan" in out
    code, _, err = run(capsys, "--markdown", "x.md")
    assert code == 1 and "name one" in err
