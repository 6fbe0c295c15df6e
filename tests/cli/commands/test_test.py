"""`callsheet test`: recipes that are tested in a repository of their own."""

from pathlib import Path

import pytest

from callsheet.cli import main as cli

BOARD = """
callsheet: 1
version: 1.2.0
examples:
  two:
    shots: [{id: dawn, prompt: at the window}, {id: dusk, prompt: on the stair}]
    portrait: ./media/face.png
  ink: {shots: [{id: dawn, prompt: at the window}], look: ink, film: false}
inputs:
  shots: {type: list, items: {id: string, prompt: string}}
  portrait: {type: image?}
  look: {type: string, default: charcoal}
  film: {type: boolean, default: true}
axes: {shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}, ${{ inputs.look }}", image_size: square}
  sheet:
    when: ${{ inputs.film }}
    uses: media/contact_sheet
    with: {images: ["${{ inputs.portrait }}", "${{ card[0].images[0] }}"]}
outputs: {sheet: "${{ sheet.image }}"}
"""


@pytest.fixture
def folder(in_folder: Path) -> Path:
    """A repository with one recipe, whose golden plan was written."""
    from PIL import Image

    Path("callsheet.toml").touch()
    Path("looks/media").mkdir(parents=True)
    Image.new("RGB", (32, 32), "red").save("looks/media/face.png")
    Path("looks/board.yaml").write_text(BOARD)
    return in_folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["test", *arguments])
    return int(stop.value.code or 0), *capsys.readouterr()


def test_the_whole_way(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a golden plan it fails, --update writes it, then it passes and previews; nothing is left."""
    code, out, _ = run(capsys, "--no-preview")
    assert code == 1 and "it is not in board.plan.txt; --update adds it" in out
    assert run(capsys, "looks", "--update", "--no-preview")[0] == 0
    code, out, _ = run(capsys, "looks")
    assert code == 0 and "looks/board.yaml 1.2.0" in out
    assert "two  ok, 3 instances, previewed" in out and "ink  ok, 1 instance, previewed" in out
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {
        "callsheet.toml", "board.yaml", "face.png", "board.plan.txt",
    }  # fmt: skip


def test_what_is_in_a_golden_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is asked for, in lines; no price, no date, nothing of the catalogue or of this machine."""
    run(capsys, "--update", "--no-preview")
    text = Path("looks/board.plan.txt").read_text()
    assert text.splitlines()[2:16] == [
        "two",
        '  card["dawn"]',
        "    uses: fal-ai/hunyuan-image/v3/text-to-image",
        '    image_size: "square"',
        '    prompt: "at the window, charcoal"',
        '  card["dusk"]',
        "    uses: fal-ai/hunyuan-image/v3/text-to-image",
        '    image_size: "square"',
        '    prompt: "on the stair, charcoal"',
        "  sheet",
        "    uses: media/contact_sheet",
        '    images: [media/face.png, card["dawn"].images[0]]',
        "  outputs",
        "    sheet: sheet.image",
    ]
    assert "$" not in text and str(folder) not in text


def test_a_difference_is_readable(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--update", "--no-preview")
    text = BOARD.replace("charcoal", "gouache").replace("look: ink, ", "")
    Path("looks/board.yaml").write_text(text.replace("{id: dusk", "{id: night"))
    code, out, _ = run(capsys, "--no-preview")
    assert code == 1 and "two  failed: it differs from board.plan.txt" in out
    lines = [line.removeprefix("      ") for line in out.splitlines()]
    assert '-   prompt: "at the window, charcoal"' in lines
    assert '+   prompt: "at the window, gouache"' in lines
    assert '- card["dusk"]' in lines and '+ card["night"]' in lines
    assert '+   prompt: "at the window, gouache"' in lines[lines.index('-   prompt: "at the window, ink"') :]
    run(capsys, "--update", "--no-preview")
    assert run(capsys, "--no-preview")[0] == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("shots: [{id: dawn, prompt: at the window}], look", "look", "input-missing"),
        ("./media/face.png", "./media/none.png", "there is no file"),
        ("look: ink", "look: [ink]", "input-value"),
        ("uses: media/contact_sheet", "uses: media/contact_shet", "unknown-uses"),
    ],
)
def test_an_example_that_is_wrong(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    run(capsys, "--update", "--no-preview")
    Path("looks/board.yaml").write_text(BOARD.replace(old, new))
    golden = Path("looks/board.plan.txt").read_text()
    code, out, _ = run(capsys, "--update", "--no-preview")
    assert code == 1 and says in out and "failed: it has errors" in out
    assert out.rstrip().endswith(", 1 recipe failed")
    assert Path("looks/board.plan.txt").read_text() == golden


def test_an_example_that_is_gone_and_one_that_is_new(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "--update", "--no-preview")
    Path("looks/board.yaml").write_text(BOARD.replace("  ink:", "  pen:"))
    code, out, _ = run(capsys, "--no-preview")
    assert code == 1 and "only board.plan.txt has this example" in out and "it is not in" in out


def test_a_recipe_without_examples(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its defaults are an example, if they are enough."""
    start, end = BOARD.index("examples:"), BOARD.index("inputs:")
    bare = BOARD[:start] + BOARD[end:]
    Path("looks/board.yaml").write_text(bare)
    code, out, _ = run(capsys, "--no-preview")
    assert code == 1 and "no example gives it `shots`" in out and "examples: {short: {shots: …}}" in out
    Path("looks/board.yaml").write_text(
        bare.replace("prompt: string}}", "prompt: string}, default: [{id: a, prompt: b}]}")
    )
    code, out, _ = run(capsys, "--no-preview", "--update")
    assert code == 0 and "defaults  ok" in out


def test_what_a_project_says_does_not_count(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recipe is the same in every project."""
    run(capsys, "--update", "--no-preview")
    Path("callsheet.toml").write_text("[defaults.text-to-image]\ntakes = 3\n")
    assert run(capsys, "--no-preview")[0] == 0


def test_files_that_are_no_recipe(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("looks/cast.yaml").write_text("- {id: mara}\n")
    Path("out").mkdir()
    Path("out/film.yaml").write_text(BOARD)
    run(capsys, "--update", "--no-preview")
    assert "1 recipe, 2 examples" in run(capsys, "--no-preview")[1]
    code, out, _ = run(capsys, "looks/cast.yaml")
    assert code == 1 and "wrong-shape" in out
    Path("empty").mkdir()
    code, _, err = run(capsys, "empty")
    assert code == 1 and "there is no recipe in empty" in err


def test_a_golden_plan_that_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "--update", "--no-preview")
    Path("looks/board.plan.txt").write_bytes(b"\xff\xfe\0")
    code, _, err = run(capsys, "--no-preview")
    assert code == 1 and "board.plan.txt cannot be read" in err and "--update" in err
    assert run(capsys, "--no-preview", "--update")[0] == 0


def test_lists_that_a_model_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What comes during the run stands in the plan with what is known of it."""
    Path("looks/board.yaml").write_text("""
callsheet: 1
axes: {shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 3}}
nodes:
  script:
    uses: text/chat
    retry: 2
    with:
      prompt: three shots
      schema: {shots: {type: list, items: {id: string, prompt: string}, maximum: 3}}
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", image_size: square}
outputs: {cards: "${{ card.images }}"}
""")
    assert run(capsys, "--update")[0] == 0
    text = Path("looks/board.plan.txt").read_text()
    assert "(attempts: 2)" in text and "  card (at most 3)" in text and 'cards: "from card"' in text


def test_an_example_in_which_nothing_is_made(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of its nodes are left out by `when`: that is no error."""
    Path("callsheet.toml").touch()
    Path("board.yaml").write_text(
        "callsheet: 1\nexamples: {none: {film: false}}\ninputs: {film: {type: boolean}}\nnodes:\n"
        "  card: {when: '${{ inputs.film }}', uses: fal-ai/kolors, with: {prompt: a}}\n"
        "outputs: {card: '${{ card.images[0] }}'}\n"
    )
    code, out, _ = run(capsys, "--update")
    assert code == 0 and "none  ok, 0 instances, previewed" in out


def test_nodes_that_are_called_as_parts_of_the_golden_plan(
    in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What they ask for is in it, too."""
    Path("callsheet.toml").touch()
    text = (
        "callsheet: 1\ninputs: {film: {type: boolean, default: false}}\nnodes:\n"
        "  outputs: {uses: fal-ai/kolors, with: {prompt: a pier}}\n"
        "  skipped: {uses: fal-ai/kolors, with: {prompt: a lamp}}\n"
        "  film: {when: '${{ inputs.film }}', uses: fal-ai/kolors, with: {prompt: a}}\n"
        "outputs: {card: '${{ outputs.images[0] }}'}\n"
    )
    Path("board.yaml").write_text(text)
    assert run(capsys, "--update", "--no-preview")[0] == 0
    assert run(capsys, "--no-preview")[0] == 0
    for word in ("pier", "lamp"):
        Path("board.yaml").write_text(text.replace(word, "boat"))
        code, out, _ = run(capsys, "--no-preview")
        assert code == 1 and f'-   prompt: "a {word}"' in out and '+   prompt: "a boat"' in out
