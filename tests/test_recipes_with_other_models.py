"""The recipes that ship, each with other models: their users override what is inside."""

import json
import shutil
from pathlib import Path

import pytest

import callsheet
from callsheet.dsl.resolve.recipe_files import shipped
from callsheet.dsl.yaml.nodes import to_data
from callsheet.runtime.recipe_tests.example import opened

NAMES = [uses.removeprefix("recipe/") for uses in shipped()]
PIXVERSE = "fal-ai/pixverse/v4.5"
SMALL = {"resolution": "360p"}
SHORT = {"resolution": "360p", "duration": "5"}
NOT_MINIMAX = ("voice_setting", "output_format")
FLUX = {"uses": "fal-ai/flux/dev"}
OTHERS: dict[str, tuple[str, dict[str, dict[str, object]]]] = {
    "bake_off": (
        "boat",
        {
            "pika": {"uses": f"{PIXVERSE}/text-to-video", "with": SMALL},
            "hailuo": {"uses": f"{PIXVERSE}/text-to-video", "with": SHORT},
            "infinity": {"uses": f"{PIXVERSE}/text-to-video", "with": SMALL},
            "keyframe": FLUX,
            "pika_moved": {"uses": f"{PIXVERSE}/image-to-video", "with": SMALL},
            "hailuo_moved": {"uses": f"{PIXVERSE}/image-to-video", "with": SHORT},
        },
    ),
    "character_sheet": ("two_views", {"picture": {**FLUX, "takes": 2}}),
    "consistent_cast": (
        "silent",
        {
            "sheet/picture": FLUX,
            "clip": {
                "uses": "bytedance/seedance-2.0/mini/reference-to-video",
                "with": {"resolution": "480p", "duration": "4"},
            },
        },
    ),
    "extend": (
        "to_a_picture",
        {
            "clip": {"uses": f"{PIXVERSE}/image-to-video", "with": SMALL},
            "arrival": {"uses": f"{PIXVERSE}/transition", "with": {**SHORT, "generate_audio": None}},
        },
    ),
    "interpolate": (
        "one_move",
        {"clip": {"uses": f"{PIXVERSE}/transition", "with": {**SHORT, "generate_audio": None}}},
    ),
    "localise": (
        "lips",
        {
            "translation": {"with": {"model": "anthropic/claude-sonnet-4.5"}},
            "voice": {
                "uses": "fal-ai/elevenlabs/tts/turbo-v2.5",
                "with": {
                    "voice": "Aria",
                    "voice_setting": None,
                    "language_boost": None,
                    "output_format": None,
                },
            },
            "synced": {"uses": "fal-ai/sync-lipsync/v2"},
        },
    ),
    "multi_aspect": ("phone", {"fitted": {"uses": "media/crop", "with": {"aspect": None, "mode": None}}}),
    "music_montage": (
        "made",
        {"score": {"uses": "fal-ai/stable-audio-3/small/music/text-to-audio", "with": {"seed": None}}},
    ),
    "social_cutdowns": ("plain", {"fitted": {"with": {"mode": "blur"}}}),
    "storyboard": (
        "two_shots",
        {"keyframe": {**FLUX, "takes": 2}, "clip": {"uses": f"{PIXVERSE}/image-to-video", "with": SMALL}},
    ),
    "subtitled": ("burnt", {"heard": {"uses": "fal-ai/elevenlabs/speech-to-text/scribe-v2"}}),
    "title_sequence": ("title", {"opening": {"with": {"color": "gold"}}}),
    "talking_head": (
        "keeper",
        {
            "speech": {
                "uses": "fal-ai/elevenlabs/tts/turbo-v2.5",
                "with": {"voice": "Aria", **dict.fromkeys(NOT_MINIMAX)},
            },
            "head": {"uses": "fal-ai/kling-video/v1/standard/ai-avatar"},
        },
    ),
}


@pytest.mark.usefixtures("small_previews")
@pytest.mark.parametrize("name", NAMES)
def test_other_models(name: str, tmp_path: Path) -> None:
    """Every recipe works with another model for each of its calls, without a copy of it: it is right, has a
    plan, and can be previewed. What the other model does not take is left out by `null`."""
    path, (example, override) = shipped()[f"recipe/{name}"], OTHERS[name]
    document = opened(path).document
    assert document is not None
    shutil.copytree(path.parent / "samples", tmp_path / "samples")
    use = {"uses": f"recipe/{name}", "with": to_data(document.head.examples[example]), "override": override}
    outputs = {output: f"${{{{ r.{output} }}}}" for output in document.outputs}
    film = tmp_path / "film.yaml"
    film.write_text(json.dumps({"callsheet": 1, "nodes": {"r": use}, "outputs": outputs}))
    checked = callsheet.check(film)
    assert checked.graph is not None and not checked.diagnostics, checked.diagnostics
    used = {i.node.removeprefix("r/"): i.spec.uses for i in checked.graph.instances.values()}
    assert all(used[node] == one["uses"] for node, one in override.items() if "uses" in one)
    assert callsheet.plan(checked.graph, tmp_path / "state").steps
    only = ("r/pika", "r/pika_moved") if name == "bake_off" else ()  # not the wall, which takes long
    out, state = tmp_path / "out", tmp_path / "state"
    result = callsheet.run(checked.graph, preview=True, out=out, state=state, only=only)
    assert result.status == "done", result.failures
