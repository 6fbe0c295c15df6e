"""`callsheet origin`, as it is typed."""

import json
from pathlib import Path

import pytest
from PIL import Image

from callsheet.cli.main import main
from callsheet.nodes.media import tags
from callsheet.runtime.output.manifest import Entry, Manifest
from callsheet.runtime.output.provenance.record import FromFile, FromInstance, Making, Provenance
from callsheet.runtime.output.provenance.writing import text
from callsheet.runtime.store import atomic as disk
from callsheet.spec.values import SecretName

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
CLIP = "fal-ai/veo3.1/fast/first-last-frame-to-video"
A, B, C = "a" * 64, "b" * 64, "c" * 64
NOTE = Provenance(
    version="0.1.0",
    pipeline="lighthouse",
    preview=False,
    address='clip["dawn"]',
    path=("video",),
    kind="video",
    sha256=C,
    making=Making(
        CLIP,
        {
            "prompt": "slow dolly in\nwith rain",
            "first_frame_url": FromInstance("image", 'still["dawn"]', ("images", 0), A),
            "last_frame_url": FromFile("image", "art/last.png", B),
            "negative_prompt": SecretName("STYLE"),
            "duration": "8s",
            "loras": [{"scale": 0.5}],
        },
    ),
    usd=0.8,
    before={'still["dawn"]': Making(STILL, {"seed": 7, "prompt": "a keeper on the stair, " * 9}, seed=4)},
)
SHOWN = """\
clip.png
  made by   fal-ai/veo3.1/fast/first-last-frame-to-video
  instance  clip["dawn"].video of lighthouse
  price     $0.80 (list price)
  digest    sha256 cccccccccccc…, without this note
  version   callsheet 0.1.0

  prompt           slow dolly in with rain
  first_frame_url  still["dawn"].images[0]  (sha256 aaaaaaaaaaaa…)
  last_frame_url   art/last.png  (your file, sha256 bbbbbbbbbbbb…)
  negative_prompt  the secret in STYLE
  duration         8s
  loras            [{"scale": 0.5}]

made from
  still["dawn"]  fal-ai/hunyuan-image/v3/text-to-image  \
a keeper on the stair, a keeper on the stair, a keeper on the stair, a…
"""


def picture(note=None):
    """clip.png, with this text inside."""
    Image.new("RGB", (8, 8)).save("plain.png")
    if note is None:
        Path("plain.png").rename("clip.png")
    else:
        Path("clip.png").unlink(missing_ok=True)
        assert tags.write(Path("plain.png"), Path("clip.png"), note)


@pytest.fixture
def opened(in_folder, capsys):
    """Runs `callsheet origin clip.png …`: (exit code, output, errors)."""

    def run(*words):
        with pytest.raises(SystemExit) as left:
            main(["origin", "clip.png", *words])
        return left.value.code, *capsys.readouterr()

    return run


def test_it_says_what_made_a_file(opened):
    picture(text(NOTE))
    assert opened() == (0, SHOWN, "")


def test_it_says_so_as_json(opened):
    picture(text(NOTE))
    code, out, _ = opened("--json")
    found = json.loads(out)["provenance"]
    assert code == 0
    assert (found["callsheet"], found["address"], found["usd"]) == (1, 'clip["dawn"]', 0.8)
    assert found["with"]["last_frame_url"] == {"$file": "art/last.png", "$kind": "image", "$sha256": B}
    assert found["before"]['still["dawn"]']["with"]["seed"] == 7


def test_a_long_way_is_shown_in_part(opened):
    before = {f"clip{i}": Making(CLIP, {"prompt": str(i)}) for i in range(100)}
    films = [FromInstance("video", f"clip{i}", ("video",), A) for i in range(100)]
    picture(
        text(
            Provenance(
                **{**fields(NOTE), "before": before, "making": Making("media/concat", {"videos": films})}
            )
        )
    )
    _, out, _ = opened()
    assert "videos[0]   clip0.video" in out
    assert out.endswith("  and 60 more: see --json\n")
    assert len(out.splitlines()) < 100


def fields(provenance):
    return {name: getattr(provenance, name) for name in provenance.__slots__}


@pytest.mark.parametrize("words", [(), ("--json",), ("-o", "again.yaml")])
@pytest.mark.parametrize(
    ("note", "message"),
    [
        (None, "has no note about what made it"),
        ("by hand", "has no note about what made it"),
        ("<script>alert(1)</script>", "has no note about what made it"),
        ('{"callsheet": 9}', "written by a newer callsheet"),
        ('{"callsheet": 1, "\x1b[2J": "\x1b]0;x\x07"}', "it is damaged"),
        ('{"callsheet": 1, "version": ["\\u001b[2J"]}', "missing or of the wrong kind"),
        ('{"callsheet":' + "[" * 40_000, "damaged"),
    ],
)
def test_without_a_note_or_with_a_bad_one_it_says_so(opened, note, message, words):
    picture(note)
    code, out, err = opened(*words)
    assert code == 1 and (message in out if words == ("--json",) else out == "")
    assert message in err
    assert "\x1b" not in err + out
    assert not Path("again.yaml").exists()


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_nothing_in_a_note_reaches_the_terminal_raw(opened, words):
    evil = "\x1b[2J\x9b31m\u202egpj.exe\x07\n  made by  somebody"
    making = Making(STILL, {evil: evil, "x": [{evil: evil}]})
    picture(
        text(
            Provenance(
                **{**fields(NOTE), "pipeline": evil, "version": evil, "address": evil, "making": making}
            )
        )
    )
    code, out, _ = opened(*words)
    assert code == 0
    assert not [c for c in out if c in "\x1b\x9b\x07\u202e"]
    assert "\n  made by  somebody" not in out


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("words")])
def test_what_is_no_media_file(opened, make):
    make(Path("clip.png"))
    code, _, err = opened()
    assert code in (1, 2)
    assert err.startswith(("error: ", "Usage: "))
    assert "Traceback" not in err


def test_a_file_that_is_there_is_not_written_over(opened):
    picture(text(NOTE))
    Path("again.yaml").write_text("mine")
    code, _, err = opened("-o", "again.yaml")
    assert (code, Path("again.yaml").read_text()) == (1, "mine")
    assert "exists already" in err


def test_what_is_cut_is_not_written_back(opened):
    picture(text(Provenance(**{**fields(NOTE), "cut": True})))
    code, _, err = opened("-o", "again.yaml")
    assert code == 1
    assert "did not fit" in err
    assert "not everything that it was made from" in opened()[1]


def test_a_file_beside_the_new_pipeline_is_found(opened):
    picture(text(NOTE))
    Path("film/art").mkdir(parents=True)
    Image.new("RGB", (8, 8)).save("film/art/last.png")
    code, _, err = opened("-o", "film/again.yaml")
    assert code == 1
    assert "art/last.png has changed" in err
    assert 'last_frame_url: "./art/last.png"' in Path("film/again.yaml").read_text()


def test_secrets_that_were_taken_out_are_told_of(opened):
    picture(text(NOTE, secrets=["slow dolly"]))
    code, _, err = opened("-o", "again.yaml")
    assert code == 1
    assert "secrets were removed" in err
    assert "secrets were removed" in opened()[1]


def test_the_note_of_a_file_that_can_carry_none_is_beside_it(opened):
    picture()
    entry = Entry(disk.digest(Path("clip.png")), 0, 0, note=text(NOTE))
    Manifest(Path()).add("clip.png", entry)
    assert opened() == (0, SHOWN, "")
    Path("clip.png").write_bytes(Path("clip.png").read_bytes() + b"\0")
    assert "has no note about what made it" in opened()[2]


def test_the_pipeline_of_a_note_says_what_it_would_send(opened):
    picture(text(NOTE))
    _, _, err = opened("-o", "again.yaml")
    assert "warning: it would send the environment variable STYLE; is that meant?" in err
