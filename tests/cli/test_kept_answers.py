"""What plan, explain and lock --check tell of a film that is made is repeated, and only while it is true."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from callsheet.cli import kept_answers
from callsheet.emulator import Emulator
from callsheet.runtime.store import fingerprint as fingerprints
from callsheet.runtime.store import kept_answer
from callsheet.runtime.store.fingerprint import Fingerprint, Place, covers, surroundings
from callsheet.runtime.store.kept_answer import KeptAnswer
from callsheet.runtime.workspace import Workspace

Typed = Callable[..., tuple[int, str, str]]
FILM = """\
callsheet: 1
name: cards
inputs:
  hero: {type: image, default: ./hero.png}
  shots: {type: list, items: {id: string, prompt: string}, default: ./shots.csv}
axes:
  shot: {over: "${{ inputs.shots }}", key: "${{ shot.id }}"}
nodes:
  keyframe:
    each: shot
    uses: fal-ai/hunyuan-image/v3/text-to-image
    takes: 2
    with: {prompt: "a lighthouse, ${{ shot.prompt }}", seed: 7}
  card:
    each: shot
    uses: ./small.yaml
    with: {image: "${{ keyframe.images[0] }}"}
  hero:
    uses: media/fit_image
    with: {image: "${{ inputs.hero }}", width: 32, height: 32}
outputs:
  cards: ${{ card.small }}
  hero: ${{ hero.image }}
"""
RECIPE = """\
callsheet: 1
inputs:
  image: {type: image}
nodes:
  fit:
    uses: media/fit_image
    with: {image: "${{ inputs.image }}", width: 16, height: 16}
outputs:
  small: ${{ fit.image }}
"""
SHOTS = "id,prompt\na,dawn\nb,dusk\n"
QUESTIONS = (
    ("plan", "film.yaml"),
    ("plan", "film.yaml", "-v"),
    ("plan", "film.yaml", "--json"),
    ("explain", "film.yaml", 'keyframe["a"]'),
    ("lock", "--check", "film.yaml"),
)
RECEIPTS = Path(".callsheet/receipts")


@pytest.fixture
def made(seller: Emulator, callsheet: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types a command in a folder whose film is made, as if long after every change of a file."""
    monkeypatch.setattr(kept_answer, "TICK", -3_600_000_000_000)
    Path("film").mkdir()
    monkeypatch.chdir("film")
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    Path("small.yaml").write_text(RECIPE)
    Path("shots.csv").write_text(SHOTS)
    Image.new("RGB", (64, 64), "navy").save("hero.png")
    Path("other").mkdir()
    code, _, err = callsheet("run", "film.yaml", "--yes")
    assert code == 0, err
    return callsheet


def fingerprint(place: Place) -> Fingerprint | None:
    return fingerprints.fingerprint([place], "", 1_000, surroundings([place]))


@pytest.fixture
def repeats(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The verbs whose answers were repeated."""
    found: list[str] = []
    read = KeptAnswer.read

    def reading(self: KeptAnswer) -> object:
        said = read(self)
        if said is not None:
            found.append(self.path.name.partition("-")[0])
        return said

    monkeypatch.setattr(KeptAnswer, "read", reading)
    yield found


def test_an_answer_is_repeated_while_nothing_changes(made: Typed, repeats: list[str]) -> None:
    first = [made(*question) for question in QUESTIONS]
    assert not repeats and "nothing to make: 7 reused" in first[0][1]
    assert [made(*question) for question in QUESTIONS] == first
    assert repeats == [question[0] for question in QUESTIONS]
    assert made("plan", "film.yaml", "--exit-code") == first[0] and len(repeats) == len(QUESTIONS)


def replaced(path: str, old: str, new: str) -> None:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))


def blobs() -> list[Path]:
    return sorted(path for path in Path(".callsheet/blobs").rglob("*") if path.is_file())


def exactly_as_long(path: Path) -> None:
    """Other content, with the size and the time of before."""
    before, content = path.stat(), path.read_text()
    path.write_text(content.replace("dawn", "noon"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


EDITS: dict[str, Callable[[Typed, pytest.MonkeyPatch], object]] = {
    "the lock, written anew": lambda typed, _: typed("lock", "film.yaml"),
    "a pick": lambda typed, _: typed("pick", "film.yaml", 'keyframe["a"]', "2"),
    "a retake": lambda typed, _: typed("retake", "film.yaml", 'keyframe["b"]'),
    "a note": lambda typed, _: typed("notes", "film.yaml", "--add", "too dark", "--film"),
    "a run": lambda typed, _: typed("run", "film.yaml", "--yes"),
    "a preview": lambda typed, _: typed("run", "film.yaml", "--preview", "--only", "hero"),
    "the cache is cleared": lambda typed, _: typed("cache", "gc", "--yes"),
    "a word of the film": lambda _, __: replaced("film.yaml", "a lighthouse", "one lighthouse"),
    "a word of the film, and back": lambda _, __: replaced("film.yaml", "seed: 7", "seed: 7 "),
    "a comment": lambda _, __: replaced("film.yaml", "nodes:", "nodes:  # of the film"),
    "the list": lambda _, __: Path("shots.csv").write_text(SHOTS + "c,night\n"),
    "the list, as long as before": lambda _, __: exactly_as_long(Path("shots.csv")),
    "the recipe": lambda _, __: replaced("small.yaml", "width: 16", "width: 24"),
    "a picture": lambda _, __: Image.new("RGB", (64, 64), "red").save("hero.png"),
    "no picture": lambda _, __: Path("hero.png").unlink(),
    "the settings": lambda _, __: Path("callsheet.toml").write_text("[defaults]\nretry = 2\n"),
    "wrong settings": lambda _, __: Path("callsheet.toml").write_text("retries = 2\n"),
    "own prices": lambda _, __: (
        Path("models").mkdir(exist_ok=True),
        Path("models/prices.yaml").write_text(
            "fal-ai/hunyuan-image/v3/text-to-image: {unit: image, usd: 0.01, date: 2026-11-01}\n"
        ),
    ),
    "the lock is gone": lambda _, __: Path("film.lock.yaml").unlink(missing_ok=True),
    "a result is gone": lambda _, __: [path.unlink() for path in blobs()[:1]],
    "a result is damaged": lambda _, __: [
        (path.chmod(0o644), path.write_bytes(b"nothing")) for path in blobs()[-1:]
    ],
    "the cache is gone": lambda _, __: Path(".callsheet/cache.db").unlink(missing_ok=True),
    "the ledger is gone": lambda _, __: Path(".callsheet/ledger.db").unlink(missing_ok=True),
    "no results": lambda _, __: shutil.rmtree("out", ignore_errors=True),
    "time passes": lambda _, monkeypatch: monkeypatch.setenv("CALLSHEET_TODAY", "2027-09-30"),
    "a key": lambda _, monkeypatch: monkeypatch.setenv("FAL_KEY", "another"),
    "a grant": lambda _, __: (Path(os.environ["CALLSHEET_CONFIG"]) / "grants.json").write_text("{"),
    "a film of this name": lambda _, __: Path("other/film.yaml").write_text("callsheet: 1\nname: cards\n"),
    "a project around it": lambda _, __: Path("../callsheet.toml").touch(),
    "a state beside it": lambda _, __: (
        Path("other/.callsheet").mkdir(exist_ok=True),
        Path("other/.callsheet/ledger.db").write_bytes(b"no ledger at all" * 99),
    ),
    "answers to the preview": lambda _, __: Path("film.preview.yaml").write_text("- nonsense\n"),
}


@pytest.mark.parametrize("seed", range(1))
def test_what_is_repeated_is_what_would_be_told_anew(
    made: Typed, monkeypatch: pytest.MonkeyPatch, repeats: list[str], seed: int, long: bool
) -> None:
    """After any edits in any order, what comes out is the same with what is kept and without."""
    dice = random.Random(seed)
    for name in dice.sample([*EDITS] * (9 if long else 1), len(EDITS) * (9 if long else 1)):
        questions = QUESTIONS if long else dice.sample(QUESTIONS, 2)
        for question in questions:
            made(*question)
        EDITS[name](made, monkeypatch)
        kept = [made(*question) for question in questions]
        shutil.rmtree(RECEIPTS, ignore_errors=True)
        repeats.clear()
        assert kept == [made(*question) for question in questions], name
        assert not repeats


MAKES_NO_DIFFERENCE = {"the lock, written anew"}
"""Where everything is locked already, no file changes."""


def test_every_edit_changes_the_fingerprint(made: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Workspace.of(Path("film.yaml")).place(Path("film.yaml"))
    for name, edit in EDITS.items():
        before = fingerprint(place)
        edit(made, monkeypatch)
        after = fingerprint(place)
        assert before and after and (before.digest != after.digest) == (name not in MAKES_NO_DIFFERENCE), name


def test_reading_does_not_change_it(made: Typed) -> None:
    place = Workspace.of(Path("film.yaml")).place(Path("film.yaml"))
    before = fingerprint(place)
    for question in QUESTIONS:
        made(*question)
    assert fingerprint(place) == before


@pytest.mark.parametrize("what", ["callsheet", "Python", "a package", "the folder"])
def test_it_is_of_this_machine(
    made: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    place = Workspace.of(Path("film.yaml")).place(Path("film.yaml"))
    place = Place(*(path.absolute() for path in place))
    before = fingerprint(place)
    match what:
        case "callsheet":
            monkeypatch.setattr(fingerprints, "program", lambda: "the next version")
        case "Python":
            monkeypatch.setattr(sys, "version", "4")
        case "a package":
            monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        case _:
            monkeypatch.chdir(tmp_path)
    assert fingerprint(place) != before


def test_what_changed_while_it_was_told_is_not_kept(
    made: Typed, monkeypatch: pytest.MonkeyPatch, repeats: list[str]
) -> None:
    monkeypatch.setattr(kept_answer, "TICK", 0)
    keep = KeptAnswer.keep
    monkeypatch.setattr(KeptAnswer, "keep", lambda self, *rest: (Path("new.txt").touch(), keep(self, *rest)))
    made("plan", "film.yaml")
    made("plan", "film.yaml")
    assert not repeats and not list(RECEIPTS.glob("plan-*"))


def next_day(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_TODAY", "2027-09-30")


MEANWHILE: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "midnight": next_day,
    "another callsheet": lambda _, monkeypatch: monkeypatch.setattr(fingerprints, "program", lambda: "next"),
    "a state beside it": lambda _, __: (
        Path("other/.callsheet").mkdir(),
        Path("other/.callsheet/ledger.db").write_bytes(b"no ledger"),
    ),
    "a result is gone": lambda result, _: result.unlink(),
}


@pytest.mark.parametrize("what", [*MEANWHILE, "the clock is set back"])
def test_what_no_file_tells_the_time_of_is_not_missed_either(
    made: Typed, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """An answer made from what was there before must not count as one about what is there now."""
    result, keep = blobs()[0], KeptAnswer.keep
    if what == "a result is gone":
        monkeypatch.setattr(kept_answer, "TICK", 0)

    def keeping(self: KeptAnswer, *rest: Any) -> None:
        if what in MEANWHILE:
            MEANWHILE[what](result, monkeypatch)
        else:
            self = replace(self, began=self.began + 5_000_000_000)
        keep(self, *rest)

    assert made("plan", "film.yaml", "-v")[0] == 0 and len(list(RECEIPTS.glob("plan-*"))) == 1
    monkeypatch.setattr(KeptAnswer, "keep", keeping)
    made("plan", "film.yaml")
    assert len(list(RECEIPTS.glob("plan-*"))) == 1


@pytest.mark.parametrize("name", ["cache.db", "ledger.db"])
def test_what_is_removed_from_the_state_while_it_was_told_is_not_missed(
    made: Typed, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    keep = KeptAnswer.keep
    gone = Path(".callsheet") / name
    monkeypatch.setattr(KeptAnswer, "keep", lambda self, *rest: (gone.unlink(), keep(self, *rest)))
    made("plan", "film.yaml")
    assert not list(RECEIPTS.glob("plan-*"))


@pytest.mark.skipif(os.name != "posix", reason="links need a right there")
def test_a_link_that_leads_through_a_folder_with_a_dot_counts(made: Typed) -> None:
    for name, shots in (("one", SHOTS), ("two", SHOTS + "c,night\n")):
        Path(name).mkdir()
        Path(name, "shots.csv").write_text(shots)
    now = Path(".links/now")
    now.parent.mkdir()
    now.symlink_to("../one")
    Path("lists").symlink_to(now)
    question = "plan", "film.yaml", "--set", "shots=lists/shots.csv"
    assert "nothing to make" in made(*question)[1] and list(RECEIPTS.glob("plan-*"))
    now.unlink()
    now.symlink_to("../two")
    assert "to make" in made(*question)[1] and "nothing to make" not in made(*question)[1]


@pytest.mark.skipif(os.name != "posix", reason="no path is as long there")
def test_folders_that_lie_too_deep_are_no_bug(made: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    top = Path.cwd()
    for _ in range(sys.getrecursionlimit() + 100):
        os.mkdir("d")  # noqa: PTH102 the whole path would be too long
        os.chdir("d")
    os.chdir(top)
    try:
        assert made("plan", "film.yaml") == (0, "cards\n\nnothing to make: 7 reused\n", "")
    finally:
        subprocess.run(["rm", "-rf", str(top / "d")], check=True)


def test_a_forged_answer_is_no_answer(made: Typed, repeats: list[str]) -> None:
    told = made("plan", "film.yaml")
    [kept] = RECEIPTS.glob("plan-*")
    for head in ('["x", 1e999]', '["x", -9]', '["x", 1e300]', "[1]", "{}", "[" * 99_999):
        kept.write_text(head + '\n[["nothing to buy\\u001b[2J", false]]')
        assert made("plan", "film.yaml") == told and not repeats, head[:20]


def test_with_a_ledger_on_a_server_nothing_is_kept_or_repeated(
    made: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("plan", "film.yaml")
    [kept] = RECEIPTS.glob("plan-*")
    place = Workspace.of(Path("film.yaml")).place(Path("film.yaml"))
    assert fingerprint(place) is not None
    monkeypatch.setenv("CALLSHEET_LEDGER", "postgresql://user@host/database?project=film")
    again = KeptAnswer.to("plan", "", [place])
    again.keep([("nothing to make", False)], 1_000)
    assert fingerprint(place) is None and list(RECEIPTS.glob("plan-*")) == [kept]
    monkeypatch.delenv("CALLSHEET_LEDGER")
    again = KeptAnswer.to("plan", "", [place])
    again.keep([("nothing to make", False)], 1_000)
    assert again.read() is not None
    monkeypatch.setenv("CALLSHEET_LEDGER", "postgresql://user@host/database?project=film")
    assert again.read() is None


def test_where_something_is_to_be_made_nothing_is_kept(made: Typed, repeats: list[str]) -> None:
    replaced("film.yaml", "a lighthouse", "one lighthouse")
    first = made("plan", "film.yaml")
    assert made("plan", "film.yaml") == first and "4 to make" in first[1] and not repeats


CODE = """\
callsheet: 1
name: shouted
nodes:
  loud: {uses: "./loud.py#loud", with: {text: harbour}}
"""


def test_what_code_of_others_tells_is_not_kept(made: Typed, repeats: list[str]) -> None:
    Path("loud.py").write_text("def loud(text: str) -> str:\n    return text.upper()\n")
    Path("code.yaml").write_text(CODE)
    assert made("run", "code.yaml", "--trust")[0] == 0
    for _ in range(2):
        assert "nothing to make" in made("plan", "code.yaml", "--trust")[1]
    assert not repeats


LOOKING = """
import json, os, sys

seen = set()

def look(event, found):
    opens = event in ("open", "os.listdir", "os.scandir", "sqlite3.connect")
    if opens and isinstance(found[0], (str, bytes)):
        path = os.fsdecode(found[0]).removeprefix("file://").partition("?")[0]
        seen.add((event, os.path.abspath(path)))

sys.addaudithook(look)
from callsheet.cli.main import main
for question in json.loads(sys.argv[1]):
    try:
        main(question)
    except SystemExit as left:
        assert not left.code
print(json.dumps(sorted(seen)), file=sys.stderr)
"""


def test_everything_that_is_read_is_in_the_fingerprint(made: Typed, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOOKING, json.dumps(QUESTIONS)], capture_output=True, text=True, check=True
    )
    place = Workspace.of(Path("film.yaml")).place(Path("film.yaml"))
    seen = {(event, Path(path)) for event, path in json.loads(found.stderr.splitlines()[-1])}
    mine = {(event, path) for event, path in seen if path.is_relative_to(tmp_path)}
    assert len(mine) > 10
    assert {path for _, path in mine if not covers(place, path)} == set()
    libraries = [Path(folder).resolve() for folder in (*sys.path, sys.prefix, sys.base_prefix) if folder]
    libraries += [Path(os.environ["CALLSHEET_CONFIG"], "facts.json")]  # what the files themselves say
    others = [path for _, path in seen - mine if not any(map(path.resolve().is_relative_to, libraries))]
    assert [path for path in others if path.parts[1] not in ("dev", "proc", "etc", "usr")] == []


@pytest.mark.parametrize("what", ["a store", "a file outside", "a folder with a dot", "too many files"])
def test_what_stands_on_something_else_is_not_kept(
    made: Typed, monkeypatch: pytest.MonkeyPatch, repeats: list[str], what: str
) -> None:
    words = ["film.yaml"]
    match what:
        case "a store":
            Path("../store").mkdir()
            words += ["--store", str(Path("../store").resolve())]
        case "a file outside":
            shutil.copy("hero.png", "../hero.png")
            words += ["--set", f"hero={Path('../hero.png').resolve()}"]
        case "a folder with a dot":
            Path(".hidden").mkdir()
            shutil.copy("hero.png", ".hidden/hero.png")
            words += ["--set", "hero=.hidden/hero.png"]
        case _:
            monkeypatch.setattr(kept_answers, "FILES", -200)
    assert "nothing to make" in made("plan", *words)[1]
    made("plan", *words)
    assert not repeats


def test_a_run_reads_no_answer(made: Typed, monkeypatch: pytest.MonkeyPatch, seller: Emulator) -> None:
    """A state that came with somebody's project may claim that nothing is to be made: the run decides anew,
    and asks."""
    replaced("film.yaml", "a lighthouse", "one lighthouse")
    bought = len(seller.posts)
    monkeypatch.setattr(KeptAnswer, "read", lambda self: [("nothing to make\x1b[2J", False)])
    assert made("plan", "film.yaml") == (0, "nothing to make\n", "")
    code, _, err = made("run", "film.yaml")
    assert code == 1 and "nobody agreed" in err and len(seller.posts) == bought
    assert made("plan", "film.yaml", "--out", "plan.json")[0] == 0
    saved = json.loads(Path("plan.json").read_text())
    assert made("run", "film.yaml", "--yes")[0] == 0 and len(seller.posts) == bought + 4
    assert "make" in json.dumps(saved)
