"""Every example is checked and planned; those that are quick are run in preview and watched."""

import asyncio
import json
import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

import callsheet
from callsheet.cli.commands.plan import command
from callsheet.nodes.media.probe import probe

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
FILMS = sorted(EXAMPLES.glob("*/film.yaml"))
STUDIO = sorted(EXAMPLES.glob("studio/films/*/film.yaml"))
RECIPES = sorted(EXAMPLES.glob("recipes/*.yaml"))


@pytest.mark.parametrize("path", [*FILMS, *STUDIO], ids=lambda p: p.parent.name)
def test_is_right_and_can_be_planned(path: Path, tmp_path: Path) -> None:
    found = callsheet.check(path)
    assert found.graph is not None, [(d.span.place, d.message) for d in found.diagnostics]
    assert found.diagnostics == ()
    plan = callsheet.plan(found.graph, tmp_path)
    assert len(plan.steps) == len(found.graph.instances)
    assert all(set(step.needs) <= {s.address for s in plan.steps[:i]} for i, step in enumerate(plan.steps))


@pytest.mark.parametrize(
    "path", [*FILMS, *RECIPES], ids=lambda p: p.parent.name if p.stem == "film" else f"recipe {p.stem}"
)
def test_has_a_whole_price_and_current_models(path: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, [str(path), "--json"], standalone_mode=False)
    plan = json.loads(done.stdout)
    assert plan["usd"]["unpriced"] == 0 and plan["usd"]["high"] is not None, done.output
    assert 0 <= plan["usd"]["low"] <= plan["usd"]["high"] < 100
    graph = callsheet.load(path)
    used = [spec for instance in graph.instances.values() for spec in instance.specs]
    assert not [spec.uses for spec in used if spec.status == "retired" or spec.gone]


ROW = r"\| !\[.+\]\(\.\./{picture}\) \| \[\w+\]\({film}\) \| \w.* \| ●{{1,3}} \| \$\d.* \| \d+ (s|min) \|"
"""Of an example: a picture, what it shows, its level, price and time."""
LARGEST = 30_000
"""Bytes of a picture."""


@pytest.fixture(scope="module")
def pictures() -> Any:
    """The script that makes the pictures of the examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "scripts")
        return runpy.run_path(str(ROOT / "scripts/make_example_pictures.py"))


def test_every_example_is_listed_with_a_picture_level_price_and_time(pictures: Any) -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    films = pictures["films"]()
    assert {*FILMS, *STUDIO} == set(films.values())
    for picture, film in films.items():
        row = ROW.format(picture=picture.relative_to(ROOT), film=film.relative_to(EXAMPLES))
        assert re.search(f"^{row}$", listed, re.MULTILINE), film
        with Image.open(picture) as image:
            assert (image.format, image.mode, image.width) == ("JPEG", "RGB", 320)
            assert 40 <= image.height <= 260
        assert picture.stat().st_size <= LARGEST
    assert set((ROOT / "docs/images/examples").iterdir()) == set(films)


@pytest.mark.usefixtures("small_previews")
@pytest.mark.parametrize("name", [path.parent.name for path in FILMS])
def test_the_picture_of_an_example_has_the_shape_of_its_preview(
    name: str, pictures: Any, tmp_path: Path, long: bool
) -> None:
    if name not in SHAPED and not long:
        pytest.skip("made again in the long form")
    film = EXAMPLES / name / "film.yaml"
    made = pictures["picture"](film if long else smaller(film, tmp_path / name), tmp_path)
    with Image.open(ROOT / f"docs/images/examples/{name}.jpg") as kept:
        assert abs(made.height - kept.height) <= 4 and made.width == kept.width


SHAPED = {"postcard", "three_aspects"}
"""Examples whose pictures are made again; those of the others in the long form."""
PREVIEWED = {
    "ad": "films-tall-de.mp4",
    "brief": "film.mp4",
    "camera_tree": "clips-door.mp4",
    "candidates": "film.mp4",
    "cast": "film.mp4",
    "dialogue": "burnt.mp4",
    "explainer": "film.mp4",
    "bake_off": "wall.mp4",
    "localised": "films-ja.mp4",
    "postcard": "film.mp4",
    "refused": "film.mp4",
    "voice_first": "film.mp4",
}
"""Name → a film of it. The others are previewed in the long form."""


def smaller(path: Path, folder: Path) -> Path:
    """A copy of the film with a quarter of each width and height that it names, and with small titles."""
    film = Path(shutil.copytree(path.parent, folder)) / path.name
    text = film.read_text(encoding="utf-8")
    sizes = re.compile(r"\b(width|height): (\d+)")
    text = sizes.sub(lambda m: f"{m[1]}: {round(int(m[2]) / 8) * 2}", text)
    text = text.replace(
        "uses: media/title\n    with: {", "uses: media/title\n    with: {width: 320, height: 180, "
    )
    film.write_text(text, encoding="utf-8")
    return film


@pytest.mark.usefixtures("small_previews")
@pytest.mark.parametrize("name", [path.parent.name for path in FILMS])
def test_previews(name: str, tmp_path: Path, long: bool) -> None:
    if name not in PREVIEWED and not long:
        pytest.skip("previewed in the long form")
    path, out = EXAMPLES / name / "film.yaml", tmp_path / "out"
    if not long:
        path = smaller(path, tmp_path / name)
    result = callsheet.run(path, preview=True, out=out, state=tmp_path / "state")
    assert result.status == "done", result.failures
    assert result.outputs
    if name in PREVIEWED:
        facts = probe(out / name / "preview" / PREVIEWED[name])
        assert facts.seconds and facts.width and facts.height and facts.fps


def test_runs_where_a_loop_is_running(tmp_path: Path) -> None:
    async def cell() -> str:
        film = EXAMPLES / "ten_shots/film.yaml"
        return callsheet.run(
            film, preview=True, out=tmp_path / "out", state=tmp_path / "state", only=['keyframe["platform"]']
        ).status

    assert asyncio.run(cell()) == "done"
