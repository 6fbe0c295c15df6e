"""Looking up a `uses:`, and what it may have meant."""

from __future__ import annotations

import subprocess
import sys

import pytest

from callsheet.nodes.catalogue.catalogue import GENERATED, KNOWLEDGE
from callsheet.nodes.registry import Registry

REGISTRY = Registry()


def test_find_keeps_what_it_found() -> None:
    first = REGISTRY.find("fal-ai/pika/v2.2/text-to-video")
    assert first is not None and REGISTRY.find("fal-ai/pika/v2.2/text-to-video") is first


@pytest.mark.parametrize(
    "uses", ["", "fal-ai/nothing", "hf/no-task", "hf/a/b@cooking", "hf/<repo>@text-to-video"]
)
def test_unknown(uses: str) -> None:
    assert REGISTRY.find(uses) is None


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("fal-ai/veo3.1/fast/first-last-frame", "fal-ai/veo3.1/fast/first-last-frame-to-video"),
        ("fal-ai/hunyuan-image/v3", "fal-ai/hunyuan-image/v3/text-to-image"),
        ("fal-ai/kling-video/v2/mster/text-to-video", "fal-ai/kling-video/v2/master/text-to-video"),
        ("fal-ai/sora2/text-to-video", "fal-ai/sora-2/text-to-video"),
        ("veo3.1/fast", "fal-ai/veo3.1/fast"),
        ("fal-ai/flux/dve", "fal-ai/flux/dev"),
    ],
)
def test_nearest(given: str, meant: str) -> None:
    near = REGISTRY.nearest(given)
    assert near[0] == meant and len(near) <= 3


def test_nothing_is_near_to_nonsense() -> None:
    assert REGISTRY.nearest("quixotic zebra") == ()


def test_a_hugging_face_name_without_its_task_gets_the_tasks() -> None:
    assert "hf/Wan-AI/Wan2.1@text-to-video" in REGISTRY.nearest("hf/Wan-AI/Wan2.1")


def test_hand_knowledge_wins_over_generated_facts() -> None:
    spec = REGISTRY.find("fal-ai/sora-2/text-to-video")
    generated = GENERATED.get("fal-ai/sora-2/text-to-video")
    assert spec is not None and generated is not None
    assert "api_key" in spec.inputs and "api_key" not in generated["inputs"]


def test_an_endpoint_that_left_the_types_is_not_retired_without_a_source() -> None:
    left = [n for n in GENERATED.tasks if "last_seen" in (GENERATED.get(n) or {})]
    assert len(left) > 50
    specs = [spec for name in left if (spec := REGISTRY.find(name))]
    retired = [spec for spec in specs if spec.status == "retired"]
    assert all(KNOWLEDGE.get(spec.uses) for spec in retired)
    assert sum(spec.status == "active" and bool(spec.gone) for spec in specs) > 50


@pytest.mark.parametrize("uses", ["fal-ai/mmaudio-v2", "fal-ai/ovi", "fal-ai/pika/v2.2/pikascenes"])
def test_what_the_provider_lists_is_active_whatever_types_say(uses: str) -> None:
    spec = REGISTRY.find(uses)
    assert spec is not None and (spec.status, spec.gone) == ("active", "")


def test_what_left_the_provider_s_list_may_still_answer() -> None:
    spec = REGISTRY.find("fal-ai/hunyuan-portrait")
    assert spec is not None and (spec.status, spec.gone) == ("active", "2026-08")


def test_an_endpoint_that_no_types_list_takes_other_parameters_too() -> None:
    spec = REGISTRY.find("bytedance/seedance-2.0/reference-to-video")
    assert spec is not None and spec.unlisted is not None
    assert str(spec.unlisted("mask_urls").type) == "list[image]"
    assert {"image_urls", "video_urls", "audio_urls", "duration"} <= set(spec.inputs)


def test_search_ranks_the_most_used_first() -> None:
    hits = REGISTRY.search("kling text-to-video")
    assert hits[0].current and all("kling" in hit.uses for hit in hits)
    assert not hits[-1].current
    assert {hit.task for hit in REGISTRY.search("pixverse", "image-to-video")} == {"image-to-video"}


def test_nothing_heavy_is_imported_for_a_lookup() -> None:
    code = (
        "import sys; from callsheet.nodes.registry import Registry; Registry().find('fal-ai/veo3.1/fast');"
        "print([m for m in ('pydantic', 'yaml', 'av', 'PIL', 'networkx', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
