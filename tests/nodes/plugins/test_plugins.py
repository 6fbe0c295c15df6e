"""A package with nodes, installed in a folder that the command finds: as its author and its users meet it."""

import json
import time
from pathlib import Path

import pytest

from tests.nodes.plugins.site import Site

NODES = '''
"""Slates."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

from PIL import Image as Pictures

from callsheet.plugin import (Audio, Image, Video, Work)


@dataclass
class Cut:
    still: Image
    seconds: float
    words: list[str]


class Person(TypedDict):
    name: str


class AtLeast:
    def __init__(self, ge: float) -> None:
        self.ge = ge


def slate(
    title: str,
    work: Work,
    seconds: Annotated[float, AtLeast(0.5)] = 2.0,
    plate: Image | None = None,
    look: Literal["black", "white"] = "black",
) -> Image:
    """A slate with a title on it.

    More about it.
    """
    size = (plate.facts.width, plate.facts.height) if plate else (64, 36)
    work.progress(0.5)
    path = work.folder / "slate.png"
    Pictures.new("RGB", size, look).save(path)
    return Image(path)


def cut(title: str, who: Person, plate: Image) -> Cut:
    return Cut(plate, 2.5, [*title.split(), who["name"]])


def mixed(
    pictures: list[Image] | None,
    source: int | str = "",
    cast: Annotated[list[Person], "whoever"] = [],
    more: tuple[Image, ...] = (),
    any: dict[str, Any] | None = None,
) -> list[str]:
    sizes = [f"{p.facts.width}" for p in [*(pictures or []), *more]]
    return [*sizes, str(source), *(person["name"] for person in cast), str(any)]


def same(plate: Image) -> Image:
    return plate


def breaks(title: str) -> str:
    return _deeper(title)


def _deeper(title: str) -> str:
    secret = "the key is " + __import__("os").environ["STUDIO_API_KEY"]
    raise ValueError(f"no font for {title}; {secret}")


def hangs(title: str) -> str:
    time.sleep(600)
    return title


def leaves(title: str) -> str:
    raise SystemExit(3)


def lies(title: str) -> Image:
    return title


def untyped(title, seconds: float) -> str:
    return title


def odd(when: complex) -> str:
    return ""


def nothing(title: str):
    pass


def starred(*titles: str) -> str:
    return ""


async def later(title: str) -> str:
    return title
'''


@pytest.fixture
def site(tmp_path: Path) -> Site:
    from PIL import Image

    site = Site(tmp_path)
    files = {"stagehand/__init__.py": "", "stagehand/nodes.py": NODES}
    site.install("stagehand-slates", files, "[callsheet.nodes]\nstagehand = stagehand.nodes\n")
    Image.new("RGB", (96, 54), "navy").save(site.project / "photo.png")
    return site


PLATE = '{title: dawn, plate: "${{ inputs.photo }}", look: white}'


def test_a_typed_function_is_a_node(site: Site) -> None:
    from PIL import Image

    site.film("stagehand/slate", PLATE, "image")
    ran = site.callsheet("run", "film.yaml", "--output", "quiet")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (site.project / "out/film/made.png").is_file()
    made = Image.open(site.project / "out/film/made.png")
    assert (made.size, made.getpixel((0, 0))) == ((96, 54), (255, 255, 255))
    assert "1 reused" in site.callsheet("run", "film.yaml", "--output", "plain").stdout


def test_its_signature_is_its_schema(site: Site) -> None:
    shown = json.loads(site.callsheet("models", "show", "stagehand/slate", "--json").stdout)
    assert shown["inputs"] == {
        "title": {"type": "string", "required": True},
        "seconds": {"type": "number", "required": False, "minimum": 0.5, "default": 2.0},
        "plate": {"type": "image?", "required": False, "media": "image"},
        "look": {"type": "string", "required": False, "enum": ["black", "white"], "default": "black"},
    }
    assert shown["outputs"] == {"image": {"type": "image", "media": "image"}}
    assert shown["source"] == "stagehand-slates 1.0"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ("{titel: dawn}", "unknown-parameter"),
        ("{title: dawn, look: red}", "parameter-choice"),
        ("{title: dawn, seconds: 0}", "parameter-range"),
        ("{title: dawn, seconds: long}", "parameter-type"),
        ("{}", "missing-parameter"),
    ],
)
def test_its_parameters_are_checked(site: Site, params: str, code: str) -> None:
    site.film("stagehand/slate", params, "image")
    found = json.loads(site.callsheet("check", "film.yaml", "--json").stdout)
    assert code in {d["code"] for d in found["diagnostics"]}


def test_a_dataclass_is_several_outputs_and_objects_go_in(site: Site) -> None:
    params = '{title: a b, who: {name: Ada}, plate: "${{ inputs.photo }}"}'
    site.film("stagehand/cut", params, "still")
    with (site.project / "film.yaml").open("a") as film:
        film.write("  words: ${{ made.words }}\n  seconds: ${{ made.seconds }}\n")
    ran = site.callsheet("run", "film.yaml", "--output", "plain")
    lines = ["made: out/film/made.png", "words: a", "words: b", "words: Ada", "seconds: 2.5"]
    assert (ran.returncode, ran.stdout.splitlines()[-len(lines) :]) == (0, lines)


def test_values_come_as_their_annotations_say(site: Site) -> None:
    photo = '"${{ inputs.photo }}"'
    params = f"{{pictures: [{photo}], source: words, cast: [{{name: Ada}}], more: [{photo}], any: {{a: 1}}}}"
    site.film("stagehand/mixed", params, "texts")
    said = site.callsheet("run", "film.yaml", "--output", "plain")
    expected = [f"made: {text}" for text in ("96", "96", "words", "Ada", "{'a': 1}")]
    assert said.stdout.splitlines()[-len(expected) :] == expected, said.stderr
    site.film("stagehand/mixed", "{pictures: null}", "texts")
    said = site.callsheet("run", "film.yaml", "--output", "plain")
    assert said.stdout.splitlines()[-2:] == ["made: ", "made: None"], said.stderr


def test_what_was_given_is_not_taken_away(site: Site) -> None:
    site.film("stagehand/same", '{plate: "${{ inputs.photo }}"}', "image")
    assert site.callsheet("run", "film.yaml", "--output", "quiet").returncode == 0
    assert (site.project / "photo.png").exists()


def test_a_new_release_is_made_anew_and_the_same_bytes_end_it_there(site: Site) -> None:
    site.film("stagehand/slate", PLATE, "image")
    text = (site.project / "film.yaml").read_text()
    sheet = '  sheet:\n    uses: media/contact_sheet\n    with: {images: ["${{ made.image }}"]}\noutputs:'
    (site.project / "film.yaml").write_text(text.replace("outputs:", sheet))
    site.callsheet("run", "film.yaml", "--output", "quiet")
    nodes = site.folder / "stagehand/nodes.py"
    nodes.write_text(nodes.read_text() + "\n# a comment\n")
    ran = site.callsheet("run", "film.yaml", "--output", "plain")
    assert "1 made, 1 reused" in ran.stdout
    nodes.write_text(nodes.read_text().replace('"RGB", size, look', '"RGB", size, "red"'))
    assert "2 made" in site.callsheet("run", "film.yaml", "--output", "plain").stdout


def test_what_it_raises_is_an_addressed_failure_with_its_own_lines(site: Site) -> None:
    site.film("stagehand/breaks")
    ran = site.callsheet("run", "film.yaml", "--output", "quiet", STUDIO_API_KEY="s3cret-value")
    assert ran.returncode == 1
    assert "made (stagehand/breaks) local: stagehand/breaks raised ValueError: no font for dawn" in ran.stderr
    assert "stagehand/nodes.py:" in ran.stderr and "in _deeper" in ran.stderr
    assert (
        "s3cret" not in ran.stderr and "Traceback" not in ran.stderr and "callsheet/nodes" not in ran.stderr
    )


def test_a_hang_is_cut_by_the_timeout_and_holds_nothing(site: Site) -> None:
    site.film("stagehand/hangs", options="\n    timeout: 0.3")
    began = time.monotonic()
    ran = site.callsheet("run", "film.yaml", "--output", "quiet")
    assert time.monotonic() - began < 60
    assert ran.returncode == 1
    assert "made (stagehand/hangs) failed: it was not done within its timeout of 0.3 s" in ran.stderr


@pytest.mark.parametrize(
    ("node", "output", "said"),
    [
        ("leaves", "text", "stagehand/leaves raised SystemExit: 3"),
        ("lies", "image", "image"),
    ],
)
def test_what_it_does_wrong_is_said_of_it(site: Site, node: str, output: str, said: str) -> None:
    site.film(f"stagehand/{node}", output=output)
    ran = site.callsheet("run", "film.yaml", "--output", "quiet")
    assert ran.returncode == 1
    assert said in ran.stderr and "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("slat", "has no node `slat`"),
        ("_deeper", "nothing is called"),
        ("Cut", "is no node"),
        ("untyped", "the parameter `title` of `stagehand/untyped` has no type"),
        ("odd", "is of no type that a node has: complex"),
        ("nothing", "does not say what it gives"),
        ("starred", "has no name in a pipeline"),
        ("later", "is asynchronous"),
    ],
)
def test_what_is_no_node_is_said_at_the_uses(site: Site, node: str, said: str) -> None:
    site.film(f"stagehand/{node}")
    checked = site.callsheet("check", "film.yaml")
    assert checked.returncode == 1
    assert "film.yaml:7:11: error[" in checked.stderr
    assert said in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_plug_in_that_breaks_at_import_is_said_at_the_uses(site: Site) -> None:
    files = {"broken/__init__.py": "def f():\n    raise RuntimeError('no GPU')\nf()\n"}
    site.install("broken", files, "[callsheet.nodes]\nbroken = broken\n")
    site.film("broken/slate")
    checked = site.callsheet("check", "film.yaml")
    assert "film.yaml:7:11: error[bad-plug-in]: the plug-in `broken` cannot be imported" in checked.stderr
    assert "RuntimeError: no GPU (broken/__init__.py:2 in f)" in checked.stderr
    site.film("stagehand/slate", PLATE, "image")
    assert site.callsheet("check", "film.yaml").returncode == 0


def test_two_packages_of_one_name_are_told_apart_by_nobody(site: Site) -> None:
    site.install("other", {"other/__init__.py": ""}, "[callsheet.nodes]\nstagehand = other\n")
    site.film("stagehand/slate", PLATE, "image")
    assert "other and stagehand-slates" in site.callsheet("check", "film.yaml").stderr


def test_only_what_a_pipeline_names_is_imported(site: Site) -> None:
    marker = site.project / "imported"
    loud = {"loud/__init__.py": f"open({str(marker)!r}, 'w')\nprint('hello')\n"}
    site.install("loud", loud, "[callsheet.nodes]\nloud = loud\n")
    site.film("stagehand/slate", PLATE, "image")
    assert site.callsheet("check", "film.yaml").returncode == 0
    assert not marker.exists()
    site.film("loud/slate")
    checked = site.callsheet("check", "film.yaml", "--json")
    assert marker.exists()
    assert json.loads(checked.stdout)["diagnostics"][0]["code"] == "bad-plug-in"


CODE = """
import pathlib
pathlib.Path("ran").touch()

def slate(title: str) -> str:
    return title.upper()
"""


def test_code_beside_a_pipeline_runs_only_when_it_is_trusted(site: Site) -> None:
    (site.project / "nodes").mkdir()
    (site.project / "nodes/slate.py").write_text(CODE)
    site.film("./nodes/slate.py#slate")
    checked = site.callsheet("check", "film.yaml")
    assert checked.returncode == 1
    assert "film.yaml:7:11: error[untrusted-code]: ./nodes/slate.py is code" in checked.stderr
    assert "--trust" in checked.stderr
    assert not (site.project / "ran").exists()
    ran = site.callsheet("run", "film.yaml", "--trust", "--output", "plain")
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "made: DAWN")
    assert not list((site.project / "nodes").glob("__pycache__"))
    (site.project / "nodes/slate.py").write_text(CODE.replace("upper", "lower"))
    ran = site.callsheet("run", "film.yaml", "--trust", "--output", "plain")
    assert ran.stdout.splitlines()[-1] == "made: dawn"


@pytest.mark.parametrize(
    ("uses", "said"),
    [
        ("./nodes/slate.py", "this names no function of the file"),
        ("./nodes/slat.py#slate", "there is no file"),
        ("../outside.py#slate", "outside.py lies outside the project"),
    ],
)
def test_a_code_file_that_is_none_is_said_at_the_uses(site: Site, uses: str, said: str) -> None:
    (site.project.parent / "outside.py").write_text(CODE)
    site.film(uses)
    checked = site.callsheet("check", "film.yaml", "--trust")
    assert f"film.yaml:7:11: error[bad-plug-in]: {said}" in checked.stderr
    assert not (site.project / "ran").exists()


def test_a_misspelt_plug_in_is_guessed(site: Site) -> None:
    site.film("stagehnad/slate", PLATE, "image")
    assert "did you mean `stagehand/slate`" in site.callsheet("check", "film.yaml").stderr


def test_what_a_code_file_prints_is_not_between_the_events(site: Site) -> None:
    code = "def loud(text: str) -> str:\n    print('noise')\n    return text\n"
    (site.project / "loud.py").write_text(code)
    node = "  made: {uses: './loud.py#loud', with: {text: hello}}\n"
    film = f"callsheet: 1\nname: film\nnodes:\n{node}outputs: {{made: '${{{{ made.text }}}}'}}\n"
    (site.project / "film.yaml").write_text(film)
    ran = site.callsheet("run", "film.yaml", "--trust", "--output", "json")
    assert [json.loads(line)["event"] for line in ran.stdout.splitlines()][-1] == "run_finished"
    assert "noise" in ran.stderr
