"""Addresses as PowerShell, cmd.exe and people write them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

import callsheet
from callsheet.cli.main import callsheet as main
from callsheet.dsl.graph import Graph
from callsheet.runtime.graph.selection import select
from callsheet.runtime.graph.spelling import spelled
from callsheet.runtime.ledger import Change, Intent, LedgerFile, NewRun, SqliteLedger
from callsheet.spec import shell
from tests.runtime.ledger.steps import stepped

FILM = """
callsheet: 1
name: many
axes:
  scene: {over: [dawn, "lamp, lit", v1.2, 'say "hi"'], key: "${{ scene }}"}
  style: {over: [noir, pop], key: "${{ style }}"}
nodes:
  still:
    each: scene
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ scene }}"}
  clip:
    each: [scene, style]
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: "${{ style }}", image_url: "${{ still.images[0] }}"}
    takes: 2
"""


@pytest.fixture
def graph(in_folder: Path) -> Graph:
    Path("film.yaml").write_text(FILM)
    return callsheet.load("film.yaml")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("still[dawn]", 'still["dawn"]'),
        ("still.dawn", 'still["dawn"]'),
        ("still['dawn']", 'still["dawn"]'),
        ("""'still["dawn"]'""", 'still["dawn"]'),
        ("clip[dawn, noir]", 'clip["dawn", "noir"]'),
        ("clip[dawn,noir]", 'clip["dawn", "noir"]'),
        ("clip.dawn.noir", 'clip["dawn", "noir"]'),
        ("clip[dawn,noir]#2", 'clip["dawn", "noir"]#2'),
        ("still[lamp, lit]", 'still["lamp, lit"]'),
        ("still[v1.2]", 'still["v1.2"]'),
        ("style[noir]", 'style["noir"]'),
        ("scene.dawn", 'scene["dawn"]'),
        ('still["dawn"]', 'still["dawn"]'),
        ("still", "still"),
        ("nothing[dawn]", "nothing[dawn]"),
    ],
)
def test_a_name_is_understood_without_its_quotes(graph: Graph, typed: str, meant: str) -> None:
    assert spelled(graph, typed) == meant


def test_only_takes_the_element_of_an_axis(graph: Graph) -> None:
    kept = select(graph, ["style.noir"]).instances
    assert {a for a in kept if a.startswith("clip")} == {a for a in kept if '"noir"' in a}
    assert len([a for a in kept if a.startswith("still")]) == 4


@pytest.mark.parametrize("address", ["still.dawn", "still[dawn]"])
def test_verbs_take_it(graph: Graph, address: str) -> None:
    assert callsheet.explain("film.yaml", address).forecast.step.address == 'still["dawn"]'
    with pytest.raises(callsheet.InputError, match="still\\[dusk\\]"):
        callsheet.explain("film.yaml", "still[dusk]")


def test_hints_are_written_for_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["callsheet", "pick", "my film.yaml", 'clip["dawn"]', "2"]
    assert shell.command(words) == """callsheet pick 'my film.yaml' 'clip["dawn"]' 2"""
    monkeypatch.setattr(shell, "WINDOWS", True)
    assert shell.command(words) == 'callsheet pick "my film.yaml" "clip[dawn]" 2'
    assert shell.command([r"C:\films\film.yaml"]) == r"C:\films\film.yaml"


def test_what_a_hint_says_on_windows_is_understood(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "WINDOWS", True)
    for address in graph.instances:
        typed = shell.quoted(address).strip('"')
        assert spelled(graph, typed) in (address, typed)
        assert spelled(graph, typed) == address or "hi" in address


def test_requests_are_found_by_what_shells_leave_of_their_address(in_folder: Path) -> None:
    (in_folder / "callsheet.toml").write_text("")

    async def write() -> None:
        ledger = SqliteLedger(LedgerFile(in_folder / ".callsheet" / "ledger.db").writer())
        run = await ledger.start_run(NewRun("film-1", "{}"))
        for shot in ("dawn", "dusk"):
            address = f'still["{shot}"]'
            intent = Intent(shot, "fal", "fal-ai/kolors", "{}", run.id, address, 0, shot, 1, {}, False)
            attempt = await ledger.intend(intent, None)
            if shot == "dawn":
                await stepped(ledger, attempt.id, "SENDING", Change())
                await stepped(ledger, attempt.id, "UNKNOWN", Change())
        await ledger.close()

    (in_folder / ".callsheet").mkdir()
    asyncio.run(write())
    done = CliRunner().invoke(main, ["reconcile", "still[dawn]", "--lost"], standalone_mode=False)
    assert done.exception is None and "unknown:" not in done.output, done.output
    done = CliRunner().invoke(main, ["cancel", "--only", "still.dusk"], standalone_mode=False)
    assert done.exception is None and 'still["dusk"]' in done.output
