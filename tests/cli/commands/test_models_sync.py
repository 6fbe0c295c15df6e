"""`callsheet models sync`: the provider's list of today in the project, whatever the list is like."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.emulator import Emulator
from callsheet.errors import InputError
from callsheet.nodes.openapi.live_list import LiveList
from callsheet.nodes.registry import Registry

Typed = Callable[..., tuple[int, str, str]]
NEW = "fal-ai/kling-video/v9/pro/text-to-video"
OTHER = "acme/film/v2/text-to-video"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
VEO = "fal-ai/veo3.1/fast/first-last-frame-to-video"
ONLY = ("--only", "fal-ai/veo3.1", "--only", "*v9*", "--only", "acme/", "--only", KLING)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    endpoints: dict[str, Any] = {
        "fal-ai/kling-video/v2.5-turbo/*": {"lifecycle": "deprecated"},
        "fal-ai/veo3.1/fast/extend-video": {"lifecycle": "unlisted"},
        NEW: {"price": {"unit_price": 0.1, "unit": "seconds"}},
        OTHER: {"price": {"unit_price": 1.0, "unit": "units"}},
    }
    with Emulator(tiny=True, models={NEW: KLING, OTHER: KLING}, endpoints=endpoints) as provider:
        yield provider


@pytest.fixture
def provider(emulator: Emulator, in_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    emulator.reset()
    monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
    monkeypatch.setenv("FAL_KEY", "test")
    return emulator


def synced(callsheet: Typed, *words: str) -> tuple[int, dict[str, Any]]:
    code, out, err = callsheet("models", "sync", "--json", *words)
    assert out, err
    found: dict[str, Any] = json.loads(out)
    return code, found


def test_what_is_new_changed_and_retired(provider: Emulator, callsheet: Typed) -> None:
    code, found = synced(callsheet, *ONLY)
    assert code == 0 and found["new"] == [OTHER, NEW] and not found["incomplete"]
    assert found["retired"] == [KLING]
    assert "fal-ai/veo3.1/fast/extend-video" in found["gone"]
    assert Path(f"models/{NEW}.json").is_file() and not Path(f"models/{KLING}.json").exists()
    assert not list(Path(".callsheet").glob("sync*"))
    registry = Registry()
    assert [registry.find(name).status for name in (NEW, KLING, VEO)] == ["active", "retired", "active"]  # type: ignore[union-attr]
    assert registry.find("fal-ai/veo3.1/fast/extend-video").gone == "2026-11-30"  # type: ignore[union-attr]
    code, again = synced(callsheet, *ONLY, "--exit-code")
    assert code == 0 and not any(again[kind] for kind in ("new", "changed", "retired", "gone", "repriced"))


def test_a_whole_sync_knows_its_day_and_a_part_does_not(provider: Emulator, callsheet: Typed) -> None:
    synced(callsheet, "--only", "acme/")
    assert LiveList(Path("models")).date == ""


def test_a_dry_run_says_all_that_and_writes_nothing(provider: Emulator, callsheet: Typed) -> None:
    code, out, _ = callsheet("models", "sync", *ONLY, "--dry-run", "--exit-code")
    assert code == 2 and f"new: {NEW}" in out and "would write 2 documents" in out
    assert f"retired by the provider: {KLING}" in out
    assert not list(Path().iterdir())


def test_a_new_model_has_its_list_price_and_the_tiers_of_its_siblings(
    provider: Emulator, callsheet: Typed
) -> None:
    synced(callsheet, *ONLY)
    _, out, _ = callsheet("models", "show", NEW)
    assert "list (one number, without tiers), read 2026-11-30" in out and "$0.10" in out
    assert "price" not in json.loads(callsheet("models", "show", OTHER, "--json")[1])


def test_new_models_are_found_by_their_task(provider: Emulator, callsheet: Typed) -> None:
    synced(callsheet, *ONLY)
    listed = json.loads(callsheet("models", "kling", "--task", "text-to-video", "--json")[1])["models"]
    names = [model["endpoint"] for model in listed]
    assert NEW in names
    assert next(model["price"] for model in listed if model["endpoint"] == NEW).endswith("(list)")
    assert KLING not in names[:3], "it is retired now"
    fitting = callsheet("models", "--for", "text-to-video", "--seconds", "5", "--json")[1]
    assert NEW in fitting and f'"{KLING}"' not in fitting


def test_a_price_that_changes_is_said(provider: Emulator, callsheet: Typed) -> None:
    synced(callsheet, *ONLY)
    path = Path("models/live.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace('"usd":0.1,', '"usd":0.3,'), encoding="utf-8")
    assert f"list price: {NEW}: $0.30 → $0.10 per seconds" in callsheet("models", "sync", *ONLY)[1]


def test_an_own_document_that_is_older_is_written_anew(provider: Emulator, callsheet: Typed) -> None:
    callsheet("models", "add", VEO)
    path = Path(f"models/{VEO}.json")
    today = path.read_bytes()
    path.write_bytes(today.replace(b'"4k"', b'"2k"'))
    assert synced(callsheet, "--only", VEO)[1]["changed"] == [VEO]
    assert path.read_bytes() == today


@pytest.mark.parametrize("fault", ["list_loops", "list_cut", "list_endless"])
def test_a_list_that_leads_nowhere_proves_nothing(provider: Emulator, callsheet: Typed, fault: str) -> None:
    provider.fault(f"{fault},nth=2")
    code, found = synced(callsheet, "--only", "fal-ai/")
    assert code == 1 and found["incomplete"] and not found["gone"]
    code, out, _ = callsheet("models", "sync", "--only", "fal-ai/veo3.1", "--dry-run")
    assert code == 0 and "may not be whole" not in out
    assert LiveList(Path("models")).date == ""


def test_a_page_that_only_says_that_it_is_the_last_is_not_believed(
    provider: Emulator, callsheet: Typed
) -> None:
    provider.fault("list_lies")
    code, found = synced(callsheet, *ONLY)
    assert code == 0 and found["listed"] > 1000 and found["new"] == [OTHER, NEW]


@pytest.mark.parametrize("fault", ["broken_document", "large_document"])
def test_a_document_that_cannot_be_used_spoils_no_other(
    provider: Emulator, callsheet: Typed, fault: str
) -> None:
    provider.fault(f"models:{fault},endpoint={NEW}")
    code, found = synced(callsheet, "--only", NEW, "--only", OTHER)
    assert code == 0 and NEW in found["problems"] and OTHER in found["new"]
    assert not Path(f"models/{NEW}.json").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("price_zero", "its list price is 0"),
        ("price_nan", "NaN"),
        ("price_huge", "no amount between"),
        ("price_currency", "in EUR, not USD"),
        ("price_of_another", "which was not asked"),
    ],
)
def test_a_list_price_that_is_none(provider: Emulator, callsheet: Typed, fault: str, said: str) -> None:
    synced(callsheet, "--only", NEW)
    provider.fault(fault)
    code, found = synced(callsheet, "--only", NEW)
    assert code == 0 and said in found["problems"][NEW] and not found["repriced"]
    live = LiveList(Path("models")).of(NEW)
    assert live is not None and live.usd == 0.1, "the price that was read before stays, with its day"


@pytest.mark.parametrize(
    "fault", ["models:http_429,times=2,retry_after=0", "models:http_503,times=1,retry_after=0"]
)
def test_a_busy_provider_is_asked_again(provider: Emulator, callsheet: Typed, fault: str) -> None:
    provider.fault(fault)
    assert synced(callsheet, "--only", NEW)[0] == 0


def test_a_provider_that_asks_for_much_patience_is_left_alone(provider: Emulator, callsheet: Typed) -> None:
    provider.fault("models:http_429,retry_after=3000")
    code, _, err = callsheet("models", "sync")
    assert code == 1 and "429" in err and len(provider.requests) == 1


def test_a_key_that_is_refused_is_asked_once(
    provider: Emulator, callsheet: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAL_KEY")
    code, _, err = callsheet("models", "sync")
    assert code == 1 and "401" in err and len(provider.requests) == 1


def test_nothing_is_called_so(provider: Emulator, callsheet: Typed) -> None:
    assert "lists no model called nobody/" in callsheet("models", "sync", "--only", "nobody/")[2]


@pytest.mark.parametrize("fault", ["list_loops", "list_cut"])
def test_a_list_that_breaks_off_does_not_say_that_a_model_is_not_listed(
    provider: Emulator, callsheet: Typed, fault: str
) -> None:
    provider.fault(fault)
    code, _, err = callsheet("models", "sync", "--only", "xai/")
    assert code == 1 and "lists no model" not in err
    assert "part of the provider's list that came: " in err and "nothing was written" in err


def test_models_that_lead_out_of_the_project(
    provider: Emulator, callsheet: Typed, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    Path("models").symlink_to(elsewhere)
    assert "link to a place outside" in callsheet("models", "sync", *ONLY)[2]
    Path("models").unlink()
    Path("models").mkdir()
    Path("models/acme").symlink_to(elsewhere)
    assert "link to a place outside" in callsheet("models", "sync", *ONLY)[2]
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "place", ["sync.after_document:2", "sync.after_batch", "sync.before_list", "sync.after_list"]
)
def test_killed_anywhere_it_goes_on(provider: Emulator, callsheet: Typed, place: str) -> None:
    command = [sys.executable, "-m", "callsheet", "models", "sync", *ONLY]
    killed = subprocess.run(
        command, env={**os.environ, "CALLSHEET_FAILPOINT": place}, capture_output=True, timeout=300
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = len([r for r in provider.requests if "expand" in r.path])
    _, found = synced(callsheet, *ONLY)
    after = len([r for r in provider.requests if "expand" in r.path]) - before
    assert sorted(path.name for path in Path("models").rglob("*.json")) == ["text-to-video.json"] * 2
    assert LiveList(Path("models")).of(NEW) is not None
    assert not list(Path(".callsheet").glob("sync*")) and not list(Path("models").rglob(".callsheet-*"))
    if place in ("sync.before_list", "sync.after_list"):
        assert after == 0 and found["new"] == [OTHER, NEW], "no document is read twice"


def test_after_a_sync_no_other_one_is_proposed(provider: Emulator, callsheet: Typed) -> None:
    """The list has no tiers: the prices of hand knowledge are as old as before."""
    text = f"callsheet: 1\nnodes:\n  clip: {{uses: {KLING}, with: {{prompt: x}}}}\n"
    Path("film.yaml").write_text(text, encoding="utf-8")
    old = "prices read more than 90 days ago, the oldest 2026-08-20: "
    assert f"{old}callsheet models sync" in callsheet("plan", "film.yaml")[1]
    assert callsheet("models", "sync")[0] == 0
    assert f"{old}write yours into models/prices.yaml" in callsheet("plan", "film.yaml")[1]


def test_what_a_killed_sync_left_half_written_is_swept_away(provider: Emulator, callsheet: Typed) -> None:
    """The folder is committed."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = Path("models/acme", f".callsheet-{ended.pid}-0123456789ab")
    mine = Path("models/acme", f".callsheet-{os.getpid()}-0123456789ab")
    left.parent.mkdir(parents=True)
    left.touch()
    mine.touch()
    assert callsheet("models", "sync", "--dry-run", *ONLY)[0] == 0 and left.exists()
    assert callsheet("models", "sync", *ONLY)[0] == 0
    assert not left.exists() and mine.exists()


@pytest.mark.parametrize(
    "line",
    [
        '{"version":2}',
        '{"version":1}\n{"endpoint":"' + VEO + '","status":"soon"}',
        '{"version":1}\n{"endpoint":"' + VEO + '","status":"active","usd":-1}',
    ],
)
def test_a_list_that_was_edited_by_hand(in_folder: Path, callsheet: Typed, line: str) -> None:
    Path("models").mkdir()
    Path("models/live.jsonl").write_text(line + "\n", encoding="utf-8")
    code, _, err = callsheet("models", "show", VEO)
    assert code == 1 and "models/live.jsonl" in err and "Traceback" not in err


def test_a_catalogue_that_is_old_says_so_once(
    provider: Emulator, callsheet: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"callsheet: 1\nnodes:\n  clip: {{uses: {KLING}, with: {{prompt: x}}}}\n"
    Path("film.yaml").write_text(text + "outputs: {film: '${{ clip.video }}'}\n", encoding="utf-8")
    Path("local.yaml").write_text(
        "callsheet: 1\nnodes:\n  card: {uses: media/fit_image, with: {image: a.png, width: 64, height: 64}}\n"
        "outputs: {card: '${{ card.image }}'}\n",
        encoding="utf-8",
    )
    Image.new("RGB", (64, 64)).save("a.png")
    for verb in ("check", "plan"):
        assert "callsheet models sync" not in callsheet(verb, "film.yaml")[2]
    monkeypatch.setenv("CALLSHEET_TODAY", "2027-03-01")
    for verb in ("check", "plan"):
        assert callsheet(verb, "film.yaml")[2].count("of 2026-11-30, more than 60 days ago") == 1
        code, _, err = callsheet(verb, "local.yaml")
        assert code == 0 and "days ago" not in err
    synced(callsheet)
    assert LiveList(Path("models")).date == "2027-03-01"
    assert "60 days" not in callsheet("check", "film.yaml")[2]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_a_pipe_in_place_of_the_list_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "live.jsonl")
    with pytest.raises(InputError, match="a pipe or a device"):
        _ = LiveList(tmp_path).date
