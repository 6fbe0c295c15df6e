"""A provider from another package buys through the same ledger as our own."""

import os
import sys
from pathlib import Path

import pytest

PROVIDER = """
from dataclasses import replace

from callsheet.nodes.fal.queue import (FalQueue)
from callsheet.nodes.registry import (Registry)

ENDPOINT = "fal-ai/hunyuan-image/v3/text-to-image"


class Queue(FalQueue):
    name = "studio"

    async def outgoing(self, spec, params, media):
        return replace(await super().outgoing(spec, params, media), endpoint=ENDPOINT)


class Studio:
    variables = ("STUDIO_KEY",)

    def find(self, uses):
        return Registry().find(ENDPOINT) if uses == "studio/still" else None

    def queue(self):
        return Queue()


STUDIO = Studio()
"""
FILM = """
callsheet: 1
name: film
nodes:
  still:
    uses: studio/still
    with: {prompt: a lighthouse}
outputs:
  still: ${{ still.images[0] }}
"""


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    (site / "studio_for_callsheet.py").write_text(PROVIDER)
    info = site / "studio-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[callsheet.providers]\nstudio = studio_for_callsheet:STUDIO\n")
    return site


def test_a_provider_of_another_package_is_paid_once(project, site) -> None:
    project.write(FILM)
    path = {"PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    _, refused = project.start(**path).communicate(timeout=60)
    assert "STUDIO_KEY is not set, so nothing was sent" in refused
    keyed = {**path, "STUDIO_KEY": "any"}
    for words in (("1 made", "$"), ("1 reused",)):
        said, trouble = project.start("--output", "plain", **keyed).communicate(timeout=60)
        assert all(word in said for word in words), (said, trouble)
    assert project.posts == 1
    runs, _ = project.command("show", "film-1", **keyed).communicate(timeout=60)
    assert "still" in runs and "COMMITTED" in runs


def test_an_unknown_endpoint_of_it_is_unknown(project, site) -> None:
    project.write(FILM.replace("studio/still", "studio/stil"))
    path = {"PYTHONPATH": os.pathsep.join([str(site), *sys.path]), "STUDIO_KEY": "any"}
    _, trouble = project.command("check", "film.yaml", **path).communicate(timeout=60)
    assert "film.yaml:6:11: error[unknown-uses]" in trouble


def test_what_a_broken_provider_says_shows_no_key(project, site) -> None:
    found = 'Registry().find(ENDPOINT) if uses == "studio/still" else None'
    broken = PROVIDER.replace(f"return {found}", "raise ValueError(os.environ['STUDIO_KEY'])")
    assert broken != PROVIDER
    (site / "studio_for_callsheet.py").write_text(f"import os\n{broken}")
    project.write(FILM)
    path = {"PYTHONPATH": os.pathsep.join([str(site), *sys.path]), "STUDIO_KEY": "sk-9f8e7d6c5b4a3210"}
    said, trouble = project.command("check", "film.yaml", **path).communicate(timeout=60)
    assert "the provider `studio` broke on `studio/still`: ValueError" in trouble
    assert "sk-9f8e7d6c5b4a3210" not in said + trouble
