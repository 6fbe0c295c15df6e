"""One pipeline made for each row of a table: keys, money, failures and folders of the rows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

import callsheet as api
from callsheet.emulator import Emulator
from tests.conftest import Typed

FILM = """
callsheet: 1
name: promo
inputs:
  product: {type: string}
  claim: {type: string, default: Light that stays.}
  scenes: {type: list, items: {id: string, prompt: string}, default: ./scenes.csv}
  photo: {type: image, default: ./photo.png}
axes:
  scene: {over: "${{ inputs.scenes }}", key: "${{ scene.id }}"}
nodes:
  board:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a plain background}
  still:
    each: scene
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ inputs.product }}, ${{ scene.prompt }}"}
  clip:
    each: scene
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ inputs.claim }}", image_url: "${{ still.images[0] }}"}
  end:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ inputs.claim }}", image_url: "${{ inputs.photo }}"}
outputs:
  clips: ${{ clip.video }}
  end: ${{ end.video }}
  claim: ${{ inputs.claim }}
"""
ROWS = "id,product,claim,scenes\nlamp,a lamp,,\ncup,a cup,Hold it.,more/one.csv\n"


@pytest.fixture
def film(seller: Emulator) -> Emulator:
    Path("film.yaml").write_text(FILM)
    Path("rows.csv").write_text(ROWS)
    Path("scenes.csv").write_text("id,prompt\nwide,wide shot\nclose,close-up\n")
    Path("more").mkdir()
    Path("more/one.csv").write_text("id,prompt\ntop,from above\n")
    Image.new("RGB", (64, 64), "red").save("photo.png")
    return seller


def prompts(seller: Emulator) -> list[str]:
    return [str(post.body["prompt"]) for post in seller.posts if isinstance(post.body, dict)]


def files(folder: str) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in Path(folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    )


def test_each_row_is_a_film_in_its_folder_and_what_is_equal_is_bought_once(
    film: Emulator, callsheet: Typed
) -> None:
    code, plan, _ = callsheet("plan", "film.yaml", "--each", "rows.csv", "--json")
    seen = json.loads(plan)
    assert {row: found["to_make"] for row, found in seen["rows"].items()} == {"lamp": 6, "cup": 4}
    assert code == 0 and round(seen["usd"]["high"], 4) == round(4 * 0.104858 + 5 * 0.20, 4)

    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    assert sorted(prompts(film)) == sorted(
        ["a plain background", "a lamp, wide shot", "a lamp, close-up", "a cup, from above"]
        + ["Light that stays."] * 3
        + ["Hold it."] * 2
    )
    assert files("out/promo/rows/cup") == [
        "claim.txt",
        "clips-top.mp4",
        "end.mp4",
        "parts/board.png",
        "parts/still-01-top.png",
    ]
    assert "clips-close.mp4" in files("out/promo/rows/lamp")
    assert Path("out/promo/rows/cup/claim.txt").read_text() == "Hold it."

    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    assert len(film.posts) == 9


def test_a_film_alone_and_its_row_share_what_is_paid_for(film: Emulator, callsheet: Typed) -> None:
    alone = ("--set", "product=a cup", "--set", "claim=Hold it.", "--set", "scenes=more/one.csv")
    assert callsheet("run", "film.yaml", *alone, "--yes")[0] == 0
    assert len(film.posts) == 4
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    assert len(film.posts) == 9


def test_a_row_added_later_buys_only_what_is_its_own(film: Emulator, callsheet: Typed) -> None:
    callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")
    before = len(film.posts)
    Path("rows.csv").write_text("id,product,claim,scenes\nnew,a hat,,more/one.csv\n" + ROWS.split("\n", 1)[1])
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    assert prompts(film)[before:].count("a hat, from above") == 1
    assert len(film.posts) == before + 2, "its `end` is that of the lamp, and its background everybody's"


def test_a_row_that_fails_leaves_the_others(film: Emulator, callsheet: Typed) -> None:
    film.fault("content_policy,endpoint=fal-ai/pika*,nth=1")
    code, _, said = callsheet("run", "film.yaml", "--each", "rows.csv", "--yes", "--concurrency", "1")
    assert code == 1 and said.count("rejected:") == 1
    videos = [name for row in ("lamp", "cup") for name in files(f"out/promo/rows/{row}") if ".mp4" in name]
    assert len(videos) == 4


def test_only_one_row_is_made(film: Emulator, callsheet: Typed) -> None:
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--only", 'row["cup"]', "--yes")[0] == 0
    assert len(film.posts) == 4
    assert not Path("out/promo/rows/lamp").exists()


def test_a_run_that_was_stopped_goes_on_with_its_table(film: Emulator, callsheet: Typed) -> None:
    film.fault("http_422,nth=1")
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 1
    bought = len(film.accepted)
    assert callsheet("resume", "--yes")[0] == 0
    assert len(film.accepted) == 9 and bought < 9
    assert "clips-top.mp4" in files("out/promo/rows/cup")


def test_costs_are_added_up_by_row(film: Emulator, callsheet: Typed) -> None:
    callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")
    found = json.loads(callsheet("costs", "--by", "row", "--json")[1])
    assert {cost["name"] for cost in found["costs"]} == {"promo lamp", "promo cup"}
    assert sum(cost["calls"] for cost in found["costs"]) == 9


def test_decisions_are_for_a_row(film: Emulator, callsheet: Typed) -> None:
    callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")
    code, out, err = callsheet("retake", "film.yaml", 'still["cup", "top"]', "--each", "rows.csv")
    assert code == 0, out + err
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    assert prompts(film).count("a cup, from above") == 2
    assert prompts(film).count("a lamp, wide shot") == 1


def test_a_plan_that_is_saved_keeps_its_table(film: Emulator, callsheet: Typed) -> None:
    assert callsheet("plan", "film.yaml", "--each", "rows.csv", "-o", "saved.plan")[0] == 0
    assert callsheet("run", "saved.plan", "--yes")[0] == 0
    assert len(film.posts) == 9
    assert Path("out/promo/rows/cup/end.mp4").exists()


def test_rows_whose_ids_make_the_same_folder_have_folders_of_their_own(
    film: Emulator, callsheet: Typed
) -> None:
    Path("rows.csv").write_text("id,product\na b,a cup\na:b,a lamp\n../up,a hat\nA B,a pen\n")
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--preview")[0] == 0
    folders = sorted(path.name for path in Path("out/promo/rows").iterdir())
    assert len({name.casefold() for name in folders}) == len(folders) == 4
    assert not Path("out/up").exists()


def test_a_row_is_handed_over_into_its_folder(film: Emulator, callsheet: Typed) -> None:
    Path("film.yaml").write_text(
        FILM.replace(
            "outputs:", '  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}\noutputs:'
        )
        + "  film: ${{ film.video }}\n"
    )
    assert callsheet("run", "film.yaml", "--each", "rows.csv", "--yes")[0] == 0
    code, _, said = callsheet("export", "film.yaml", "--each", "rows.csv", "-f", "edl")
    assert code == 1 and "each row of the table has a film of its own" in said and "--output" in said
    asked = ("export", "film.yaml", "--each", "rows.csv", "-f", "edl", "--output", "film[cup]")
    assert callsheet(*asked)[0] == 0
    assert Path("out/promo/rows/cup/handover/promo.edl").exists()
    assert not Path("out/promo/handover").exists()


def test_many_rows_are_told_together(film: Emulator, callsheet: Typed) -> None:
    Path("film.yaml").write_text(
        "callsheet: 1\nname: many\ninputs: {title: {type: string}}\nnodes:\n"
        '  words: {uses: text/split, with: {text: "${{ inputs.title }}"}}\n'
        'outputs: {words: "${{ words.parts | first }}"}\n'
    )
    Path("rows.csv").write_text("id,title\n" + "".join(f"r{n},film {n}\n" for n in range(30)))
    assert callsheet("run", "film.yaml", "--each", "rows.csv")[1].splitlines()[-1] == (
        'words["r0"]: film 0, and of 29 more rows'
    )


def test_too_many_rows_are_refused_with_the_next_step(film: Emulator, callsheet: Typed) -> None:
    code, _, said = callsheet("check", "film.yaml", "--each", "rows.csv", "--max-instances", "6")
    assert code == 1 and "split the table, or allow more with --max-instances" in said


def git(*words: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def test_a_batch_is_compared_row_by_row(film: Emulator, callsheet: Typed) -> None:
    git("init", "-q", "-b", "main")
    git("add", "film.yaml", "scenes.csv", "more", "photo.png")
    git("commit", "-q", "-m", "one film")
    git("add", "rows.csv")
    git("commit", "-q", "-m", "a batch")
    Path("rows.csv").write_text(f"{ROWS}hat,a hat,,\n".replace("Hold it.", "Hold on."))
    code, told, _ = callsheet("diff", "HEAD", "film.yaml", "--each", "rows.csv", "-v")
    assert code == 0 and "axis row: + hat" in told
    marks = dict(line.split()[1::-1] for line in told.splitlines() if line.startswith(("  + ", "  ~ ")))
    assert marks['still["hat",'] == "+" and marks['end["cup"]'] == "~" and 'end["lamp"]' not in marks
    said = callsheet("diff", "HEAD", "film.yaml", "--each", "rows.csv", "--json")[1]
    assert json.loads(said) == api.diff("HEAD", "film.yaml", each="rows.csv").to_json()
    code, told, wrong = callsheet(
        "diff", "HEAD~1", "film.yaml", "--each", "rows.csv", "--set", "product=a cap"
    )
    assert code == 0, wrong
    assert "axis row: + lamp, cup, hat" in told and "was board" in told
    code, _, wrong = callsheet("diff", "HEAD", "film.yaml", "--each", "other.csv")
    assert code == 1 and "cannot read other.csv" in wrong


def test_a_table_is_found_from_where_one_is(film: Emulator, callsheet: Typed, tmp_path: Path) -> None:
    """One of the project is that of each revision; one from elsewhere is the same on both sides."""
    git("init", "-q", "-b", "main")
    git("add", "film.yaml", "scenes.csv", "more", "photo.png", "rows.csv")
    git("commit", "-q", "-m", "a batch")
    Path("rows.csv").write_text(f"{ROWS}hat,a hat,,\n")
    outside = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
    outside.mkdir()
    for name in ("rows.csv", "scenes.csv"):
        shutil.copy(name, outside / name)
    shutil.copytree("more", outside / "more")
    os.chdir("more")
    changed = {
        "../rows.csv": ["axis row: + hat"],
        str(tmp_path / "rows.csv"): ["axis row: + hat"],
        f"../../{outside.name}/rows.csv": [],
        str(outside / "rows.csv"): [],
    }
    for table, said in changed.items():
        code, told, wrong = callsheet("diff", "HEAD", "../film.yaml", "--each", table)
        assert code == 0, wrong
        assert [line.strip() for line in told.splitlines() if "axis row" in line] == said, table
