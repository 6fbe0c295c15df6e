"""The shared store is a cache by key: what one of a team bought, all of them have, for whatever film."""

from __future__ import annotations

import json
import shlex
import tarfile
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from callsheet._version import __version__
from callsheet.cli.main import callsheet as verbs
from callsheet.nodes import providers
from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.catalogue.build import build

FILM = """
callsheet: 1
name: NAME
inputs:
  cast: {type: list, items: {id: string, look: string}, default: ../../shared/cast.csv}
axes:
  person: {over: "${{ inputs.cast }}", key: "${{ person.id }}"}
nodes:
  face:
    each: person
    uses: fal-ai/hunyuan-image/v3/text-to-image
    with: {prompt: "${{ person.look }}", seed: 7}
  turn:
    each: person
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: turns, image_url: "${{ face.images[0] }}", seed: 7}
outputs:
  turns: ${{ turn.video }}
"""
SHOT = 'keyframe["storm"]'


def write_films(clone: Any, count: int) -> None:
    """Films of one project with the same people."""
    (clone.folder / "callsheet.toml").touch()
    (clone.folder / "shared").mkdir()
    (clone.folder / "shared" / "cast.csv").write_text("id,look\nann,a woman\nbo,a man\n")
    for number in range(1, count + 1):
        folder = clone.folder / "films" / f"f{number:02}"
        folder.mkdir(parents=True)
        (folder / "film.yaml").write_text(FILM.replace("NAME", folder.name))
    clone.commit("films").push("main")


def results(clone: Any, folder: str = ".") -> list[str]:
    """The lines of a lock file that name results."""
    lines = (clone.folder / folder / "film.lock.yaml").read_text("utf-8").splitlines()
    return sorted(line for line in lines if "made:" in line)


def run(clone: Any, film: str) -> str:
    return str(clone.type("run", f"films/{film}/film.yaml", "--yes", "--output", "plain"))


def test_twenty_films_have_the_same_people(team: Callable[..., Any]) -> None:
    """Each film is run in a clone of its own, which has nothing of the others but the store."""
    t = team()
    write_films(t.clone(), 20)
    before = t.posts
    run(t.clone(), "f01")
    assert t.posts == before + 4
    planned = t.clone().type("plan", "films/f04/film.yaml", "-v")
    assert planned.count("= ") == 4 and planned.count("from the store, made 30 Nov for f01") == 4
    digests = set()
    for number in range(2, 21):
        clone, name = t.clone(), f"f{number:02}"
        run(clone, name)
        digests.add(tuple(results(clone, f"films/{name}")))
    assert t.posts == before + 4 and len(digests) == 1


def test_two_who_retake_the_same_shot_have_the_same_picture(team: Callable[..., Any]) -> None:
    t = team()
    a, b = t.clone(), t.clone()
    before = t.posts
    for clone in (a, b):
        clone.type("retake", "film.yaml", SHOT)
        clone.made()
    assert t.posts == before + 1 and results(a) == results(b)


def test_whoever_believes_only_the_lock_buys(team: Callable[..., Any]) -> None:
    t = team()
    write_films(t.clone(), 2)
    run(t.clone(), "f01")
    clone, before = t.clone(), t.posts
    told = clone.type("run", "films/f02/film.yaml", "--store-trust", "own", "--yes", "--output", "quiet")
    assert t.posts == before + 4
    assert 'face["ann"] was bought twice' in told and "made 30 Nov for f01" in told


def offers(store: Path) -> list[Path]:
    return sorted((store / "keys").rglob("*.json"))


def lie(path: Path, **changed: object) -> None:
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def no_offer(store: Path) -> None:
    for path in offers(store):
        path.write_text("{")


def another_key(store: Path) -> None:
    for path in offers(store):
        lie(path, components={"call": "x"})


def no_digest(store: Path) -> None:
    for path in offers(store):
        lie(path, outputs={"images[0]": "../../x"})


def another_picture(store: Path) -> None:
    for path in offers(store):
        lie(path, outputs={"images[0]": "0" * 64})


def newer(store: Path) -> None:
    for path in offers(store):
        lie(path, callsheet=2)


def damaged(store: Path) -> None:
    for path in (store / "blobs").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"x")


def away(store: Path) -> None:
    store.rename(store.with_name("elsewhere"))
    store.write_text("no folder")


LIES = {
    no_offer: "it cannot be read",
    another_key: "its key does not follow",
    no_digest: "names no outputs by digest",
    another_picture: "does not have it",
    newer: "another version",
    damaged: "a file in it is damaged",
    away: "there is no folder",
}


@pytest.mark.parametrize("wrong", [*LIES], ids=lambda lie: lie.__name__)
def test_a_store_that_lies_or_is_away_lets_nothing_be_bought(
    team: Callable[..., Any], wrong: Callable[[Path], None]
) -> None:
    t = team()
    write_films(t.clone(), 2)
    run(t.clone(), "f01")
    wrong(t.store)
    clone, before = t.clone(), t.posts
    found = clone.ask("run", "films/f02/film.yaml", "--yes", "--output", "quiet")
    told = f"{found.output}{found.exception}"
    assert LIES[wrong] in told and 'face["' in told and "--buy-again" in found.exception.next_step
    if wrong is not damaged:
        assert LIES[wrong] in clone.type("plan", "films/f02/film.yaml")
    assert t.posts == before
    said = offers(t.store)
    clone.ask("run", "films/f02/film.yaml", "--yes", "--output", "quiet", "--buy-again")
    assert t.posts == before + 4
    if wrong not in (newer, away):
        run(t.clone(), "f02")
        assert t.posts == before + 4
    elif wrong is newer:
        assert all(json.loads(path.read_text())["callsheet"] == 2 for path in said)


def test_who_forgets_the_store_buys_nothing_unasked(team: Callable[..., Any]) -> None:
    t = team()
    clone, before = t.clone(), t.posts
    for word in (("--yes",), ("--yes", "--budget", "50")):
        found = clone.ask("run", "film.yaml", "--store", "", "--output", "quiet", *word)
        told = str(found.exception)
        assert "paid for already, as " in told and "but not here" in told
        assert 'keyframe["quay"]' in told and "--store PLACE" in found.exception.next_step
    assert t.posts == before
    clone.type("run", "film.yaml", "--store", "", "--output", "quiet", "--yes", "--buy-again")
    assert t.posts == before + 12


def typed(*words: str) -> str:
    """What `callsheet` with these words prints, without a store and in the current folder."""
    invoke = partial(CliRunner().invoke, verbs, list(words), standalone_mode=False)
    done = copy_context().run(invoke)
    assert not done.return_value and done.exception is None, (done.output, done.exception)
    return done.output


def test_an_archive_makes_the_film_without_a_provider_and_with_the_models_of_then(
    team: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = team()
    clone, before = t.clone(), t.posts
    told = clone.type("archive", "film.yaml", "-o", str(tmp_path / "film.tar"))
    assert "13 results" in told and "--from-lock" in told
    with tarfile.open(tmp_path / "film.tar") as packed:
        packed.extractall(tmp_path, filter="data")
    folder = tmp_path / "film"
    assert {"film.yaml", "film.lock.yaml", "shots.csv", "archive.json", "callsheet.toml", "store"} <= {
        path.name for path in folder.iterdir()
    }
    monkeypatch.setattr(catalogue, "record", lambda uses: None)
    monkeypatch.setattr("callsheet.nodes.providers.find_own", lambda uses: None)
    monkeypatch.chdir(folder)
    assert typed("run", "film.yaml", "--from-lock", "--output", "plain").count("out/film/film.mp4") == 1
    assert list((folder / "out").rglob("*.mp4")) and t.posts == before


def test_an_archive_has_the_inputs_that_the_film_was_made_with(
    team: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = team()
    clone = t.clone()
    clone.film("inputs:\n", "inputs:\n  look: string\n  mood: {type: string, default: calm}\n  end: string\n")
    clone.film("shot.prompt }}", "shot.prompt }}, ${{ inputs.look }}, ${{ inputs.mood }}, ${{ inputs.end }}")
    (clone.folder / "looks").mkdir()
    (clone.folder / "looks" / "ink.yaml").write_text("look: ink\n")
    (clone.folder / "looks" / "grand.yaml").write_text("mood: grand\n")
    (clone.folder / "callsheet.toml").write_text('[profiles.final]\ninputs = "looks/grand.yaml"\n')
    words = ("--inputs", "looks/ink.yaml", "--set", "end=a b", "--profile", "final")
    clone.type("run", "film.yaml", *words, "--yes", "--output", "quiet")
    before = t.posts
    told = clone.type("archive", "film.yaml", *words, "-o", str(tmp_path / "film.tar"))
    with tarfile.open(tmp_path / "film.tar") as packed:
        packed.extractall(tmp_path, filter="data")
    run = json.loads((tmp_path / "film" / "archive.json").read_text())["run"]
    shown = "film.yaml --set 'end=a b' --inputs looks/ink.yaml --profile final --from-lock"
    assert run == f"callsheet run {shown}" and run in told
    monkeypatch.chdir(tmp_path / "film")
    assert ".mp4" in typed(*shlex.split(run)[1:], "--output", "plain")
    elsewhere, other = tmp_path / "elsewhere.yaml", tmp_path / "other.tar"
    elsewhere.write_text("look: ink\n")
    found = clone.ask("archive", "film.yaml", "--inputs", str(elsewhere), *words[2:], "-o", str(other))
    assert "lies outside the project" in str(found.exception) and not other.exists()
    assert t.posts == before


def test_an_archive_names_files_as_the_film_does(
    team: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    t = team()
    clone, before = t.clone(), t.posts
    (clone.folder / "lists").mkdir()
    (clone.folder / "shots.csv").rename(clone.folder / "lists" / "all.csv")
    (clone.folder / "shots.csv").symlink_to(Path("lists") / "all.csv")
    clone.type("archive", "film.yaml", "-o", str(tmp_path / "film.tar"))
    with tarfile.open(tmp_path / "film.tar") as packed:
        assert packed.getmember("film/shots.csv").isfile()
        packed.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path / "film")
    assert ".mp4" in typed("run", "film.yaml", "--from-lock", "--output", "plain")
    assert t.posts == before


def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model of the pictures takes no seed any more, and that of the clips is gone."""
    find = providers.find_own

    def find_today(uses: str) -> Any:
        record = dict(catalogue.record(uses) or {})
        if "hunyuan" not in uses:
            return None if "pika" in uses else find(uses)
        inputs = {name: value for name, value in record["inputs"].items() if name != "seed"}
        return build({**record, "inputs": inputs})

    monkeypatch.setattr(providers, "find_own", find_today)


def test_what_the_lock_names_is_put_together_with_the_models_of_then(
    team: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    t = team()
    clone, before = t.clone(), t.posts
    years_later(monkeypatch)
    refused = clone.ask("run", "film.yaml", "--yes", "--output", "quiet").exception
    codes = {diagnostic.code for diagnostic in refused.diagnostics}
    assert {"unknown-parameter", "unknown-uses"} <= codes
    assert clone.type("run", "film.yaml", "--from-lock", "--output", "plain").count(".mp4")
    without = t.clone().ask("run", "film.yaml", "--from-lock", "--store", "").exception
    said = [d for d in without.diagnostics if d.code == "lock-model"]
    assert len(said) == 2 and all("--store PLACE" in d.help and __version__ in d.help for d in said)
    for path in (t.store / "models").rglob("*.json"):
        path.chmod(0o644)
        right = path.read_text()
        path.write_text(json.dumps({**json.loads(right), "provider": "local"}))
        assert "cannot be read" in str(t.clone().ask("run", "film.yaml", "--from-lock").exception)
        path.write_text(right)
    for path in (t.store / "models").rglob("*.json"):
        path.chmod(0o644)
        path.write_bytes(path.read_bytes().replace(b'"prompt"', b'"promqt"'))
    lied = t.clone().ask("run", "film.yaml", "--from-lock").exception
    assert "lock-model" in {diagnostic.code for diagnostic in lied.diagnostics}
    assert t.posts == before


def test_an_archive_is_whole_or_is_not(team: Callable[..., Any], tmp_path: Path) -> None:
    t = team()
    target = tmp_path / "film.tar"
    found = t.clone().ask("archive", "film.yaml", "-o", str(target), "--store", "")
    assert "would be lacking in the archive" in str(found.exception) and not target.exists()
    named = str(found.exception).partition("(")[2].partition(")")[0].split(", ")
    assert 1 < len(named) <= 4


GATE = """
callsheet: 1
name: film
nodes:
  keyframe:
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 2
    approve: true
    with: {prompt: a lighthouse, seed: 7}
  clip:
    uses: fal-ai/pika/v2.2/image-to-video
    with: {prompt: waves, image_url: "${{ keyframe.images[0] }}"}
outputs:
  clip: ${{ clip.video }}
"""


def test_who_only_looks_and_decides_runs_nothing(team: Callable[..., Any]) -> None:
    t = team(film=GATE)
    clone, before = t.clone(), t.posts
    assert "#1" in clone.type("takes", "film.yaml", "keyframe")
    assert len(list((clone.folder / "out").rglob("*.png"))) == 1
    assert "in the shared store" in t.clone().type("explain", "film.yaml", "keyframe")
    assert "approved: keyframe" in clone.type("approve", "film.yaml", "keyframe")
    assert "take 2 of keyframe counts" in t.clone().type("pick", "film.yaml", "keyframe", "2")
    assert "rejected" in t.clone().type("reject", "film.yaml", "keyframe", "--why", "a sixth finger")
    assert t.posts == before


def test_a_file_without_a_note_is_known_by_the_store(team: Callable[..., Any], tmp_path: Path) -> None:
    t = team()
    clone, (picture,) = t.clone(), [p for p in offers(t.store) if "at fog" in p.read_text()][:1]
    digest = json.loads(picture.read_text())["outputs"]["images[0]"]
    file = tmp_path / "found.png"
    file.write_bytes((t.store / "blobs" / digest[:2] / digest[2:]).read_bytes())
    said = clone.type("origin", str(file))
    assert "fal-ai/hunyuan-image/v3/text-to-image" in said and "a lighthouse at fog" in said
    assert "film, 30 Nov" in said and "$0.10" in said and str(t.store) in said
    known = json.loads(clone.type("origin", str(file), "--json"))["stored"]
    assert known["with"]["prompt"] == "a lighthouse at fog" and known["sha256"] == digest
    for words in (("--store", ""), ("-o", "again.yaml")):
        assert "has no note" in str(clone.ask("origin", str(file), *words).exception)
    file.write_bytes(file.read_bytes() + b"x")
    assert "has no note" in str(clone.ask("origin", str(file)).exception)
    assert "there is no folder" in str(clone.ask("origin", str(file), "--store", str(file)).exception)


def test_without_the_store_they_say_where_the_result_is(team: Callable[..., Any]) -> None:
    t = team(film=GATE)
    for words in (
        ("takes", "film.yaml", "keyframe"),
        ("approve", "film.yaml", "keyframe"),
        ("reject", "film.yaml", "keyframe", "--why", "dark"),
    ):
        found = t.clone().ask(*words, "--store", "")
        told = f"{found.exception} {getattr(found.exception, 'next_step', '')}"
        assert "not on this machine" in told or "is on this machine" in told
        assert "--store PLACE" in told and "changed" not in told


def test_a_store_of_before_gets_its_offers_with_lock(team: Callable[..., Any]) -> None:
    t = team()
    write_films(t.clone(), 2)
    first = t.clone()
    run(first, "f01")
    count = len(offers(t.store))
    for path in offers(t.store):
        path.unlink()
    first.type("lock", "films/f01/film.yaml")
    assert 0 < len(offers(t.store)) <= count
    before = t.posts
    run(t.clone(), "f02")
    assert t.posts == before


def test_a_result_of_the_store_keeps_its_price(team: Callable[..., Any]) -> None:
    t = team()
    write_films(t.clone(), 2)
    run(t.clone(), "f01")
    ran, locked = t.clone(), t.clone()
    run(ran, "f02")
    locked.type("lock", "films/f02/film.yaml")
    for clone in (ran, locked):
        named = results(clone, "films/f02")
        assert named and not any("usd: 0," in line for line in named)
