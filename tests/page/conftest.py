"""Films, bought from the emulated provider or only planned, and the pages that are written of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.page.gather import Gathered, gather
from callsheet.runtime.check import load
from callsheet.runtime.workspace import Workspace

FILM = """\
callsheet: 1
name: coast
description: Two shots of the sea.
axes:
  shot: {over: [dawn, dusk], key: "${{ shot }}"}
nodes:
  card:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 2
    with: {prompt: "the sea at ${{ shot }}", image_size: square, seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ card.images[0] }}", seed: 7}
  film:
    uses: media/concat
    with: {videos: "${{ clip.video }}"}
outputs:
  film: ${{ film.video }}
"""
MANY = """\
callsheet: 1
name: many
inputs:
  shots: {type: list, items: {id: string, prompt: string}, default: ./shots.csv}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ shot.prompt }}", seed: 7}
  clip:
    each: shot
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ shot.prompt }}", image_url: "${{ keyframe.images[0] }}", seed: 7}
  film: {uses: media/concat, with: {videos: "${{ clip.video }}"}}
outputs: {film: "${{ film.video }}"}
"""
WORDS = "a lighthouse keeper walks along the cliff at dusk and is seen from the sea as slow and far away as"
Find = Callable[..., Gathered]


@pytest.fixture
def film(in_folder: Path) -> Path:
    """The pipeline of a film of two shots, in a project of its own."""
    Path("callsheet.toml").touch()
    path = Path("film.yaml")
    path.write_text(FILM)
    return path


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the film, made."""
    folder = tmp_path_factory.mktemp("coast")
    (folder / "callsheet.toml").touch()
    (folder / "film.yaml").write_text(FILM)
    with pytest.MonkeyPatch.context() as patch, Emulator(tiny=True) as emulator:
        patch.chdir(folder)
        for name, value in {
            "FAL_URL": emulator.url,
            "CONFIG": str(tmp_path_factory.mktemp("config")),
        }.items():
            patch.setenv(f"CALLSHEET_{name}", value)
        patch.setenv("FAL_KEY", "test")
        callsheet.run("film.yaml", confirm=True)
    return folder


@pytest.fixture
def bought(made_once: Path, in_folder: Path, seller: Emulator) -> Path:
    """The same film, made, in a project of its own."""
    shutil.copytree(made_once, in_folder, dirs_exist_ok=True)
    return Path("film.yaml")


@pytest.fixture
def many(in_folder: Path) -> Callable[[int], Path]:
    """Writes the pipeline of a film with so many instances, or one more."""

    def written(instances: int) -> Path:
        Path("callsheet.toml").touch()
        rows = (f"s{number:05d},{WORDS} {number}" for number in range(instances // 2))
        Path("shots.csv").write_text("\n".join(["id,prompt", *rows]))
        path = Path("film.yaml")
        path.write_text(MANY)
        return path

    return written


@pytest.fixture
def found() -> Find:
    """Gathers what is known of the film in a file."""

    def gathered(path: Path, **options: str) -> Gathered:
        with Workspace.of(path) as workspace:
            return gather(load(path), workspace, **options)

    return gathered
