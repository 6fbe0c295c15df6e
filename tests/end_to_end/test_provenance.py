"""What a paid run leaves in out/ says how it was made, and makes it again for nothing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.cli.main import main
from callsheet.nodes.media import tags
from callsheet.runtime.grants import Grants, Need
from callsheet.runtime.output.provenance.reading import read
from callsheet.runtime.output.provenance.record import Provenance, marks

SECRET = 'planted "style" ü/9d4c71'
FILM = """
callsheet: 1
name: film
inputs:
  face: {type: image, default: ./art/face.png}
  shots:
    type: list
    items: {id: string, prompt: string}
    default: [{id: dawn, prompt: "a lamp: ${{ '${{' }} 7 }}"}, {id: storm, prompt: "it's dark\\nand wet"}]
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with:
      prompt: ${{ shot.prompt }}
      image_size: {width: 64, height: 64}
      seed: 7
  logo:
    uses: fal-ai/gpt-image-1/text-to-image/byok
    with: {prompt: a logo, openai_api_key: {secret: STYLE}}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with:
      prompt: ${{ shot.id }} at ${{ still.seed }}
      image_url: ${{ still.images[0] if axis.shot.first else inputs.face }}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
  stills: ${{ still.images }}
"""


@pytest.fixture
def film(project: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from PIL import Image

    monkeypatch.setenv("STYLE", SECRET)
    byok = "fal-ai/gpt-image-1/text-to-image/byok"
    Grants(project.folder).remember([Need("secret", "STYLE", byok, "fal")])
    monkeypatch.chdir(project.folder)
    (project.folder / "art").mkdir()
    Image.new("RGB", (64, 64), (90, 60, 30)).save(project.folder / "art/face.png")
    project.write(FILM).out = Path("out")
    project.state = Path(".callsheet")
    assert project.run().status == "done", project.failures
    return project


def note(path: Path) -> Provenance:
    found = read(tags.texts(path))
    assert found is not None, path
    return found


def shown(project: Any, folder: str = "film") -> list[Path]:
    return sorted(
        p for p in (project.out / folder).rglob("*") if p.suffix in (".png", ".mp4", ".jpg", ".webp")
    )


def test_every_file_says_how_it_was_made(film: Any) -> None:
    files = {path.stem: note(path) for path in shown(film)}
    assert {"clip-01-dawn", "clip-02-storm", "film", "stills-dawn-01", "stills-storm-01"} <= files.keys()
    assert not any(found.preview or found.cut or found.hidden for found in files.values())
    clip = files["clip-01-dawn"]
    assert (clip.pipeline, clip.address, clip.path) == ("film", 'clip["dawn"]', ("video",))
    assert clip.usd == pytest.approx(film.finished['clip["dawn"]'].usd)
    assert set(files["film"].before) == {'clip["dawn"]', 'clip["storm"]', 'still["dawn"]'}
    (face,) = marks(files["clip-02-storm"].making.parameters)
    assert getattr(face, "name", "") == "art/face.png"


@pytest.mark.parametrize("name", ["film", "clip-01-dawn", "clip-02-storm", "stills-storm-01"])
def test_the_pipeline_that_is_written_back_costs_nothing(
    film: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its plan has the same keys, so all of it is there already; and it makes the very same bytes."""
    (path,) = [path for path in shown(film) if path.stem == name]
    with pytest.raises(SystemExit) as left:
        main(["origin", str(path), "-o", "again.yaml"])
    assert left.value.code == 0, capsys.readouterr().err
    assert callsheet.check("again.yaml").diagnostics == ()
    with pytest.raises(SystemExit) as left:
        main(["plan", "again.yaml", "--exit-code"])
    assert left.value.code == 0, capsys.readouterr().out
    posts, before = film.posts, note(path)
    again = callsheet.run("again.yaml", confirm=True)
    assert (again.status, film.posts) == ("done", posts)
    (made,) = again.outputs.values()
    assert note(Path(str(made))).sha256 == before.sha256
    assert Path(str(made)).parent != path.parent
    assert path.exists(), "the results of the film itself are left alone"


def test_no_secret_and_no_folder_is_in_a_note(film: Any) -> None:
    for path in shown(film):
        told = repr(note(path)) + "".join(tags.texts(path))
        for hidden in ("9d4c71", "7f3a9c51e2d84b06", str(film.folder), str(Path.home()), "127.0.0.1", "http"):
            assert hidden not in told
    logo = next(path for path in (film.folder / "out").rglob("*") if path.name.startswith("logo"))
    assert "SecretName(variable='STYLE')" in repr(note(logo))


def test_a_preview_says_so(film: Any) -> None:
    assert callsheet.run(film.file, preview=True).status == "done"
    assert all(note(path).preview for path in shown(film, "film/preview"))
    assert all(note(path).usd is None for path in shown(film, "film/preview"))


@pytest.mark.parametrize(("change", "message"), [("other", "has changed"), ("gone", "is not here")])
def test_a_file_of_yours_that_is_not_as_it_was(
    film: Any, change: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    face = Path("art/face.png")
    face.write_bytes(face.read_bytes() + b"\0")
    if change == "gone":
        face.unlink()
    with pytest.raises(SystemExit) as left:
        main(["origin", "out/film/parts/clip-02-storm.mp4", "-o", "again.yaml"])
    assert left.value.code == 1
    assert re.search(f"warning: art/face.png {message}", capsys.readouterr().err)
    assert "./art/face.png" in Path("again.yaml").read_text(encoding="utf-8")


TAKES = """
callsheet: 1
name: takes
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 3
    with: {prompt: a lamp, seed: 7}
  clip:
    uses: fal-ai/kling-video/v2.5-turbo/pro/text-to-video
    takes: 2
    with: {prompt: a storm}
outputs: {still: "${{ still.images }}", clip: "${{ clip.video }}"}
"""


@pytest.mark.parametrize("name", ["parts/still-take3.png", "clip.mp4", "parts/clip-take2.mp4"])
def test_a_take_is_written_back_as_that_take(
    project: Any, monkeypatch: pytest.MonkeyPatch, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    project.write(TAKES).out, project.state = Path("out"), Path(".callsheet")
    assert project.run().status == "done", project.failures
    with pytest.raises(SystemExit) as left:
        main(["origin", f"out/takes/{name}", "-o", "again.yaml"])
    assert left.value.code == 0, capsys.readouterr().err
    assert Path("again.lock.yaml").exists() == (name == "parts/clip-take2.mp4"), "the pick is in the lock"
    posts = project.posts
    again = callsheet.run("again.yaml", confirm=True)
    (made,) = again.outputs.values()
    assert (again.status, project.posts) == ("done", posts)
    assert note(Path(str(made))).sha256 == note(Path(f"out/takes/{name}")).sha256


def test_a_seed_that_was_drawn_is_told(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.folder)
    project.write(TAKES.replace(", seed: 7", "").replace("takes: 3", "takes: 1")).out = Path("out")
    project.state = Path(".callsheet")
    assert project.run().status == "done", project.failures
    (sent,) = [p.body["seed"] for p in project.provider.posts if "seed" in p.body]
    found = note(Path("out/takes/still-01.png"))
    assert found.making.seed == sent
    assert "seed" not in found.making.parameters, "or what is written back would be another request"


RECIPE = """
callsheet: 1
inputs: {prompts: {type: "list[string]"}}
axes: {shot: "${{ inputs.prompts }}"}
nodes:
  still:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot }}"}
outputs: {first: "${{ still[0].images[0] }}"}
"""
ACTS = """
callsheet: 1
name: acts
axes: {act: [one, two]}
nodes:
  board:
    each: act
    uses: ./recipes/board.yaml
    with: {prompts: ["dawn of ${{ act }}", "night of ${{ act }}"]}
  clip:
    each: act
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: slowly, image_url: "${{ board.first }}"}
outputs: {clips: "${{ clip.video }}"}
"""


def test_what_a_recipe_made_is_written_back_without_it(
    project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    (project.folder / "recipes").mkdir()
    (project.folder / "recipes/board.yaml").write_text(RECIPE, encoding="utf-8")
    project.write(ACTS).out, project.state = Path("out"), Path(".callsheet")
    assert project.run().status == "done", project.failures
    path = Path("out/acts/clips-1.mp4")
    assert note(path).address == 'clip["1"]'
    with pytest.raises(SystemExit) as left:
        main(["origin", str(path), "-o", "again.yaml"])
    assert left.value.code == 0, capsys.readouterr().err
    text = Path("again.yaml").read_text(encoding="utf-8")
    assert "night" not in text and "dawn of two" in text and "recipes" not in text
    posts = project.posts
    assert (callsheet.run("again.yaml", confirm=True).status, project.posts) == ("done", posts)


INSTEAD = """
callsheet: 1
name: instead
nodes:
  still:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: a lighthouse, seed: 7}
  clip:
    uses: fal-ai/kling-video/v2.5-turbo/pro/image-to-video
    with: {prompt: waves, image_url: "${{ still.images[0] }}"}
    fallback:
      - uses: fal-ai/pika/v2.2/image-to-video
        with: {resolution: 720p}
outputs: {clip: "${{ clip.video }}"}
"""


def test_what_another_model_made_is_told_and_comes_back_as_such(
    project: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project.folder)
    project.write(INSTEAD).out, project.state = Path("out"), Path(".callsheet")
    project.provider.fault("content_policy,endpoint=fal-ai/kling-video*")
    assert project.run().status == "done", project.failures
    found = note(Path("out/instead/clip.mp4"))
    assert (found.address, found.making.uses) == ("clip", "fal-ai/pika/v2.2/image-to-video")
    assert found.usd == pytest.approx(project.finished["clip"].usd)
    with pytest.raises(SystemExit) as left:
        main(["origin", "out/instead/clip.mp4", "-o", "again.yaml"])
    assert left.value.code == 0, capsys.readouterr().err
    posts = project.posts
    assert (callsheet.run("again.yaml", confirm=True).status, project.posts) == ("done", posts)
