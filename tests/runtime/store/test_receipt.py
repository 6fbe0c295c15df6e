"""A run that has nothing to do says so at once, and only then."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from callsheet.cli.main import main
from callsheet.runtime.store import receipt

FILM = """\
callsheet: 1
name: cards
inputs:
  hero: {type: image, default: ./hero.png}
  sizes: {type: list, items: {width: integer}, default: ./sizes.csv}
axes:
  size: {over: "${{ inputs.sizes }}"}
nodes:
  card:
    each: size
    uses: media/fit_image
    with: {image: "${{ inputs.hero }}", width: "${{ size.width }}", height: 32}
outputs:
  cards: ${{ card.image }}
"""


@pytest.fixture
def typed(in_folder, capsys):
    """Runs the film; the events of it."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["run", "film.yaml", "--output", "json", *arguments])
        assert not left.value.code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    Path("film.yaml").write_text(FILM)
    Path("sizes.csv").write_text("width\n32\n64\n")
    Image.new("RGB", (64, 64), "navy").save("hero.png")
    os.utime("hero.png", (1, 1))
    return run


@pytest.fixture
def shortcut(monkeypatch):
    """How often a run was told from its receipt."""
    told = []
    replay = receipt.Receipt.replay
    monkeypatch.setattr(receipt.Receipt, "replay", lambda self, emit: (told.append(1), replay(self, emit))[1])
    return told


def test_the_second_run_is_told_from_the_receipt_of_the_first(typed, shortcut):
    first = typed()
    assert not shortcut
    second = typed()
    assert len(shortcut) == 1
    assert [e["event"] for e in second] == ["run_started", "run_reused", "run_finished"]
    assert [e["number"] for e in second] == [1, 2, 3] and second[0]["time"] > first[-1]["time"]
    for one in first[0]["instances"]:
        assert one.pop("action") == "make"
    for one in second[0]["instances"]:
        assert one.pop("action") == "reuse"
    assert differing(first[0], second[0]) == {"time"}
    assert (second[1]["count"], second[1]["nodes"]) == (2, {"card": 2})
    assert second[1]["files"] == {e["address"]: e["files"] for e in first if e["event"] == "node_finished"}
    assert (second[-1]["status"], second[-1]["reused"], second[-1]["made"]) == ("done", 2, 0)
    assert second[-1]["outputs"] == first[-1]["outputs"]


def differing(one, other):
    return {name for name in {*one, *other} if one.get(name) != other.get(name)}


def test_a_whole_run_says_the_same_as_its_receipt(typed, shortcut):
    typed()
    next(Path(".callsheet/receipts").iterdir()).unlink()
    looked = typed()
    assert not shortcut
    told = typed()
    assert len(shortcut) == 1 and len(told) == len(looked)
    assert set().union(*map(differing, looked, told)) <= {"time", "seconds"}


def change_the_picture():
    Image.new("RGB", (64, 64), "red").save("hero.png")


def spoil(name, value):
    path = next(Path(".callsheet/receipts").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))


CHANGES = {
    "the pipeline": lambda: Path("film.yaml").write_text(FILM.replace("height: 32", "height: 48")),
    "its list": lambda: Path("sizes.csv").write_text("width\n32\n96\n"),
    "its picture": change_the_picture,
    "a result under out/ is gone": lambda: Path("out/cards/cards-0.png").unlink(),
    "a result under out/ is another": lambda: Path("out/cards/cards-1.png").write_bytes(b"mine"),
    "a stored file is gone": lambda: next(Path(".callsheet/blobs").rglob("*.png")).unlink(),
    "the lock": lambda: Path("film.lock.yaml").unlink(),
    "the environment": lambda: os.environ.__setitem__("CALLSHEET_X", "1"),
    "the receipt is damaged": lambda: next(Path(".callsheet/receipts").iterdir()).write_text("{"),
    "the receipt is no receipt": lambda: next(Path(".callsheet/receipts").iterdir()).write_text("[]"),
    "the receipt names no files": lambda: spoil("texts", {"1": 1}),
    "the receipt stamps no files": lambda: spoil("stamps", [[None, 1, 1]]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changed_is_looked_at(typed, shortcut, monkeypatch, change):
    monkeypatch.setenv("CALLSHEET_X", "")
    typed()
    change()
    assert typed()[-1]["status"] == "done"
    assert not shortcut
    cards = [*Path("out/cards").glob("*.png")]
    assert cards and all(Image.open(path).size[1] for path in cards)


def test_another_input_another_run(typed, shortcut):
    typed()
    typed("--only", 'card["0"]')
    assert not shortcut


def test_what_only_looks_newer_is_not_made_again(typed, shortcut):
    typed()
    os.utime("film.yaml")
    typed()
    assert len(shortcut) == 1


def test_a_file_that_changed_during_the_run_leaves_no_receipt(typed, shortcut):
    os.utime("hero.png", (time.time() + 60,) * 2)
    typed()
    assert not list(Path(".callsheet").glob("receipts/*.json"))


def test_what_is_always_made_anew_leaves_no_receipt(typed, shortcut):
    Path("film.yaml").write_text(FILM.replace("    each: size", "    each: size\n    cache: refresh"))
    typed()
    assert typed()[-1]["made"] == 2
    assert not shortcut


def test_a_newer_program_looks_for_itself(typed, shortcut, monkeypatch):
    typed()
    monkeypatch.setattr(receipt, "program", lambda: "another")
    typed()
    assert not shortcut


HEAVY = ("jinja2", "networkx", "yaml", "pydantic", "httpx", "callsheet.dsl.compiler", "callsheet.runtime.run")


def test_a_run_that_has_nothing_to_do_loads_next_to_nothing(typed):
    typed()
    words = ["run", "film.yaml", "--output", "quiet"]
    code = (
        f"import sys; from callsheet.cli.main import main\ntry: main({words})\nfinally: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & set(HEAVY)
