"""What a misspelt name may have meant: one measure for parameters, nodes, verbs and endpoints."""

from __future__ import annotations

import subprocess
import sys

import pytest

from callsheet.spec.suggest import nearest, nearest_names, suggest

PARAMETERS = ("prompt", "negative_prompt", "image_url", "num_images", "width", "height", "seed", "style")
ENDPOINTS = ("fal-ai/flux/dev", "fal-ai/flux-2-pro", "fal-ai/sora-2/text-to-video", "acme/flux/dev")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("promt", "prompt"),
        ("wdith", "width"),
        ("numImages", "num_images"),
        ("num-images", "num_images"),
        ("NEGATIVE", "negative_prompt"),
        ("image_ulr", "image_url"),
        ("sed", "seed"),
        ("", ""),
        ("duration", ""),
        ("x" * 100_000, ""),
    ],
)
def test_a_parameter(written: str, meant: str) -> None:
    assert nearest(written, PARAMETERS) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("fal-ai/flux/dve", ("fal-ai/flux/dev",)),
        ("flux/dev", ("acme/flux/dev", "fal-ai/flux/dev")),
        ("fal-ai/sora2/text-to-video", ("fal-ai/sora-2/text-to-video",)),
        ("fal-ai/quixotic zebra", ()),
    ],
)
def test_an_endpoint(written: str, meant: tuple[str, ...]) -> None:
    assert nearest_names(written, ENDPOINTS)[: len(meant)] == meant
    assert bool(nearest_names(written, ENDPOINTS)) == bool(meant)


def test_of_equally_near_ones_the_preferred_comes_first() -> None:
    assert nearest_names("flux/dev", ENDPOINTS, preferred=["fal-ai/flux/dev"])[0] == "fal-ai/flux/dev"
    assert len(nearest_names("fal-ai/flux/dev", [f"fal-ai/flux/dev{i}" for i in range(9)])) == 3


def test_few_choices_are_listed_when_none_is_near() -> None:
    assert suggest("prmpt", PARAMETERS) == "did you mean `prompt`?"
    assert suggest("zzz", ["a", "b"], "nodes") == "the nodes are a, b"
    assert suggest("zzz", ["a", "b"]) == "choices: a, b"
    assert suggest("zzz", map(str, range(21))) == ""


def test_nothing_is_compared_before_something_is_misspelt() -> None:
    code = "import sys, callsheet.spec.suggest; print('difflib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
