"""`callsheet run` and `callsheet plan`, as they are typed."""

import json
from pathlib import Path

import pytest
from PIL import Image

CARD = """\
callsheet: 1
name: card
inputs:
  who: a keeper
  shots:
    type: list
    items: {id: string}
    default: [{id: dawn}, {id: dusk}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ inputs.who }} at ${{ shot.id }}", image_size: {width: 256, height: 144}}
  sheet:
    uses: media/contact_sheet
    with: {images: "${{ still.images[0] }}"}
outputs:
  sheet: ${{ sheet.image }}
"""
LOCAL = """\
callsheet: 1
name: local
inputs:
  hero: {type: image, default: ./hero.png}
nodes:
  sheet:
    uses: media/contact_sheet
    with: {images: ["${{ inputs.hero }}"]}
outputs:
  sheet: ${{ sheet.image }}
"""


@pytest.fixture
def card(in_folder):
    Path("film.yaml").write_text(CARD)


def test_a_preview_leaves_its_results_in_out(callsheet, card):
    code, out, err = callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("card: 3 instances, preview, free; a real run costs ")
    assert lines[-1] == "sheet: out/card/preview/sheet.png"
    assert Image.open("out/card/preview/sheet.png").size[0] > 256
    assert {p.name for p in Path("out/card/preview/parts").glob("still*")} == {
        "still-01-dawn.png",
        "still-02-dusk.png",
    }
    code, out, _ = callsheet("run", "film.yaml", "--preview", "--output", "plain")
    assert "done: 3 reused" in out


def test_json_is_a_stream_of_events(callsheet, card):
    code, out, _ = callsheet("run", "film.yaml", "--preview", "--output", "json", "--only", 'still["dawn"]')
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert (events[0]["event"], events[0]["version"]) == ("run_started", 2)
    assert (events[-1]["event"], events[-1]["status"]) == ("run_finished", "done")
    assert events[0]["total"] == events[-1]["made"] == 1


def test_without_a_key_nothing_is_sent_and_the_message_names_it(callsheet, card):
    code, out, err = callsheet("run", "film.yaml", "--yes")
    assert code == 1
    assert "FAL_KEY" in err
    assert "--preview" in err
    assert "Traceback" not in err
    assert out == ""


def test_local_work_needs_no_key_and_no_preview(callsheet):
    Path("film.yaml").write_text(LOCAL)
    Image.new("RGB", (64, 36), "navy").save("hero.png")
    code, out, err = callsheet("run", "film.yaml", "--output", "plain")
    assert (code, out.splitlines()[-1], err) == (0, "sheet: out/local/sheet.png", "")


def test_quiet_says_nothing_where_all_is_well(callsheet):
    Path("film.yaml").write_text(LOCAL)
    Image.new("RGB", (64, 36), "navy").save("hero.png")
    for _ in range(2):  # made, and made before
        assert callsheet("run", "film.yaml", "--output", "quiet") == (0, "", "")
    Path("hero.png").write_bytes(b"no picture")
    code, out, err = callsheet("run", "film.yaml", "--output", "quiet")
    assert (code, out) == (1, "") and "hero.png" in err


def test_a_mistake_in_the_file_makes_nothing(callsheet, card):
    Path("film.yaml").write_text(CARD.replace("prompt:", "promt:"))
    code, out, err = callsheet("run", "film.yaml", "--preview")
    assert code == 1
    assert "film.yaml:15:" in err
    assert out == ""
    assert [p.name for p in Path().iterdir()] == ["film.yaml"]


def test_an_out_that_cannot_be_written_is_met_before_anything_runs(callsheet, card):
    Path("out").write_text("")
    code, out, err = callsheet("run", "film.yaml", "--preview")
    assert code == 1
    assert err.splitlines() == [
        "error: out cannot be a folder: a file is in its way",
        "  help: move it away, or choose another --out",
    ]
    assert out == ""


def test_an_unknown_instance_is_met_before_anything_runs(callsheet, card):
    code, _, err = callsheet("run", "film.yaml", "--preview", "--only", "stil")
    assert code == 1
    assert "did you mean still" in err


def test_a_failure_is_told_with_the_command_that_tries_it_again(callsheet, card, monkeypatch):
    from callsheet.errors import NodeError
    from callsheet.nodes.local import Local

    async def refuse(self, job):
        raise NodeError("there is nothing to show", "local", "give it pictures")

    monkeypatch.setattr(Local, "perform", refuse)
    who = "--set", "who=an old man"
    code, out, err = callsheet("run", "film.yaml", "--preview", "--output", "plain", *who, "--out", "o")
    assert code == 1
    assert "failed: 2 made, 1 failed" in out
    again = "callsheet run film.yaml --set 'who=an old man' --out o --preview --only sheet"
    assert err.splitlines() == [
        "sheet (media/contact_sheet) local: there is nothing to show",
        "  help: give it pictures",
        f"  again: {again}",
    ]


def test_plan_is_a_short_table(callsheet, card):
    code, out, _ = callsheet("plan", "film.yaml")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "card"
    assert any("still" in line and "×2" in line and "$" in line for line in lines)
    assert lines[-2].startswith("3 to make: $")
    assert not Path("out").exists()


def test_plan_as_json(callsheet, card):
    _, out, _ = callsheet("plan", "film.yaml", "--json")
    planned = json.loads(out)
    assert [step["address"] for step in planned["steps"]] == ['still["dawn"]', 'still["dusk"]', "sheet"]
    assert planned["steps"][0]["outputs"]["images"] == {"width": 256, "height": 144}
    assert planned["usd"]["unpriced"] == 0


def test_from_lock_needs_a_lock_file_and_draws_nothing(callsheet, card):
    code, _, err = callsheet("run", "film.yaml", "--from-lock")
    assert code == 1 and err.startswith("error: there is no film.lock.yaml, which --from-lock takes")
    code, _, err = callsheet("run", "film.yaml", "--from-lock", "--preview")
    assert code == 1 and "leave one out" in err and not Path("out").exists()


@pytest.mark.parametrize("option", [("--slate", "off"), ("--voice", "espeak"), ("--size", "360")])
def test_options_of_a_preview_need_one(callsheet, card, option):
    code, _, err = callsheet("run", "film.yaml", *option)
    assert code == 1 and "--slate, --voice and --size are about previews" in err and not Path("out").exists()
