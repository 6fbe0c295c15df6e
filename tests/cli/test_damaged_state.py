"""Every verb over every damaged state: no traceback, no raw escape, a message that helps, nothing bought.

The verbs are taken from the command line itself, so that a new one is walked without a word here.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import pytest

from callsheet.cli.main import callsheet as verbs
from callsheet.cli.main import main
from callsheet.emulator import Emulator
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.store.project_lock import project_owned
from callsheet.spec.harmless import HARMFUL

STILL = "fal-ai/hunyuan-image/v3/text-to-image"
FILM = f"""
callsheet: 1
name: film
inputs: {{mood: {{type: string, default: calm}}}}
axes: {{shot: {{over: [dawn, dusk], key: "${{{{ shot }}}}"}}}}
nodes:
  still: {{each: shot, uses: {STILL}, with: {{prompt: "a ${{{{ inputs.mood }}}} sea at ${{{{ shot }}}}"}}}}
  cover: {{uses: {STILL}, takes: 2, approve: true, with: {{prompt: a cover}}}}
  clip: {{each: shot, uses: fal-ai/t2v-turbo, with: {{prompt: "waves, ${{{{ shot }}}}"}}}}
  words: {{uses: text/split, with: {{text: "one, two"}}}}
  sheet: {{uses: media/contact_sheet, with: {{images: "${{{{ still.images | map('first') }}}}"}}}}
outputs: {{clips: "${{{{ clip.video }}}}", sheet: "${{{{ sheet.image }}}}"}}
"""
LEDGER, CACHE = Path(".callsheet/ledger.db"), Path(".callsheet/cache.db")
LOCK, MANIFEST, PLAN = Path("film.lock.yaml"), Path("out/film/.callsheet.jsonl"), Path("plan.json")
RECEIPTS = Path(".callsheet/receipts")
SHORT = 150
"""Cases in the short form."""
VALUES: Final = {
    "file": "film.yaml",
    "old": "film.yaml",
    "new": "other.yaml",
    "address": 'still["dawn"]',
    "addresses": "cover",
    "number": "2",
    "words": "hunyuan",
    "folder": "fresh",
    "path": "theirs",
}
"""A value for each argument, by its name."""
FORMS: Final = {
    "run": (
        ("film.yaml", "--yes"),
        ("plan.json",),
        ("film.yaml", "--preview"),
        ("film.yaml", "--require-cached"),
    ),
    "resume": ((), ("--yes",), ("--fetch-only",)),
    "plan": (("film.yaml", "-v"), ("film.yaml", "--json"), ("film.yaml", "-o", "saved.json")),
    "lock": (("film.yaml",), ("film.yaml", "--check"), ("film.yaml", "--store", "common")),
    "open": (("out/film/parts/still-01-dawn.png",), ("out/film/parts/still-01-dawn.png", "-o", "made.yaml")),
    "pick": (("film.yaml", "cover", "2"),),
    "takes": (("film.yaml", "cover"),),
    "retake": (("film.yaml", "cover"),),
    "reconcile": ((), ('clip["dawn"]', "--lost"), ('clip["dusk"]', "--adopt", "no-such-id")),
    "show": ((), ("film-1", "--events")),
    "runs": ((), ("--bills",), ("--json",)),
    "costs": ((), ("--by", "shot"), ("--json",)),
    "substitute": (("film.yaml", f"still={STILL}"),),
    "diff": (("film.yaml", "other.yaml"), ("film-1", "film-1")),
    "gc": ((), ("--yes",), ("--all", "--yes")),
    "models": (("hunyuan",), ("show", STILL), ("diff", "--offline")),
    "approve": (("film.yaml", "cover"), ("film.yaml", "--all")),
    "emulator": (("--port", "no-port"),),
    "review": (("film.yaml", "--port", "no-port"),),
    "watch": (("film.yaml", "--port", "no-port"),),
}
"""What a verb is typed with, where its arguments alone are not enough."""


def commands(found: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command with its words, in each of its forms."""
    if isinstance(found, click.Group):
        context = click.Context(found)
        for name in found.list_commands(context):
            part = found.get_command(context, name)
            assert part is not None
            yield from commands(part, (*words, name))
        return
    usual = tuple(
        VALUES.get(p.name or "", "film.yaml") for p in found.params if isinstance(p, click.Argument)
    )
    for form in FORMS.get(words[-1], (usual,)):
        yield (*words, *form)


def change(path: Path, how: Callable[[bytearray, random.Random], bytes]) -> Callable[[random.Random], None]:
    def damage(rng: random.Random) -> None:
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            file.write_bytes(how(bytearray(file.read_bytes()), rng))

    return damage


def empty(content: bytearray, rng: random.Random) -> bytes:
    return b""


def cut(content: bytearray, rng: random.Random) -> bytes:
    return bytes(content[: rng.randrange(1, len(content))])


def flipped(content: bytearray, rng: random.Random) -> bytes:
    for _ in range(max(3, len(content) // 500)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def version(other: str) -> Callable[[bytearray, random.Random], bytes]:
    """Every number that tells a version is another one."""

    def written(content: bytearray, rng: random.Random) -> bytes:
        text = content.decode("utf-8", "replace")
        text = re.sub(
            r'((?:^lock|"version"|"callsheet"|^callsheet): ?)"?[\d.]+[^,\n]*', rf"\g<1>{other}", text
        )
        return re.sub(r'"program": ?"[^"]*"', f'"program": "{other}"', text).encode()

    return written


def escapes(content: bytearray, rng: random.Random) -> bytes:
    """Control characters in the text of every value."""
    text = content.decode("utf-8", "replace")
    return re.sub(
        r"(?<=[a-z])(?=[a-z])",
        lambda _: rng.choice(["\x1b[2J", "\\u001b]0;x\\u0007", "", "", "\x9b", "\u202e"]),
        text,
        count=400,
    ).encode()


def pragma(path: Path, number: int) -> Callable[[random.Random], None]:
    def damage(_: random.Random) -> None:
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute(f"PRAGMA user_version = {number}")

    return damage


def foreign(path: Path) -> Callable[[random.Random], None]:
    """Another program's database, with a table of the same name."""

    def damage(_: random.Random) -> None:
        path.unlink()
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE attempts (x)")

    return damage


def gone(*paths: Path) -> Callable[[random.Random], None]:
    def damage(_: random.Random) -> None:
        for path in paths:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def folder(path: Path) -> Callable[[random.Random], None]:
    """A folder lies where a file belongs."""

    def damage(_: random.Random) -> None:
        path.unlink()
        path.mkdir()

    return damage


BYTES = {"empty": empty, "cut": cut, "flipped": flipped}
VERSIONS = {"older": version("0"), "newer": version("99"), "with escapes": escapes}
DAMAGES: dict[str, Callable[[random.Random], None]] = {
    **{f"{path.name} {name}": change(path, how) for path in (LEDGER, CACHE) for name, how in BYTES.items()},
    **{f"{path.name} older": pragma(path, 1) for path in (LEDGER, CACHE)},
    **{f"{path.name} newer": pragma(path, 99) for path in (LEDGER, CACHE)},
    **{f"{path.name} of another program": foreign(path) for path in (LEDGER, CACHE)},
    **{f"{path.name} is a folder": folder(path) for path in (LEDGER, CACHE, LOCK, MANIFEST)},
    **{
        f"{path.name} {name}": change(path, how)
        for path in (LOCK, MANIFEST, PLAN, RECEIPTS)
        for name, how in {**BYTES, **VERSIONS}.items()
    },
    "film.yaml with escapes": change(Path("film.yaml"), escapes),
    "blobs gone": gone(Path(".callsheet/blobs")),
    "out/ gone": gone(Path("out")),
    "all databases gone": gone(LEDGER, CACHE),
    "state gone": gone(Path(".callsheet")),
}


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        yield


class Disk:
    """What the system says when something below this folder is written. kind: "full" or "read-only"."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root, self.kind = str(root.resolve()), kind
        self.open, self.io_open, self.connect = os.open, io.open, sqlite3.connect

    def _is_inside(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and str(Path(path).absolute()).startswith(self.root)

    def _refused(self, path: Any) -> OSError:
        return OSError(30, os.strerror(30), str(path))

    def os_open(self, path: Any, flags: int, *more: Any, **named: Any) -> int:
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not writes or not self._is_inside(path) or str(path).endswith("/lock"):
            return self.open(path, flags, *more, **named)
        if self.kind == "read-only":
            raise self._refused(path)
        return self.open("/dev/full", os.O_WRONLY)

    def any_open(self, path: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        if not set(mode) & set("wax+") or not self._is_inside(path):
            return self.io_open(path, mode, *more, **named)
        if self.kind == "read-only":
            raise self._refused(path)
        return self.io_open("/dev/full", mode.replace("x", "w"), *more, **named)

    def changing(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def changed(path: Any, *more: Any, **named: Any) -> Any:
            if self.kind == "read-only" and self._is_inside(path) and named.get("dir_fd") is None:
                raise self._refused(path)
            return function(path, *more, **named)

        return changed

    def database(self, path: Any, *more: Any, **named: Any) -> sqlite3.Connection:
        name = str(path).removeprefix("file://").partition("?")[0]
        if not self._is_inside(name):
            return self.connect(path, *more, **named)
        if self.kind == "read-only":
            named["uri"] = True
            return self.connect(f"{Path(name).absolute().as_uri()}?mode=ro&immutable=1", *more, **named)
        found = self.connect(path, *more, **named)
        found.execute("PRAGMA max_page_count = 1")
        return found


@contextlib.contextmanager
def disk(kind: str) -> Iterator[None]:
    broken = Disk(Path(), kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", broken.os_open)
        patch.setattr(io, "open", broken.any_open)
        patch.setattr("builtins.open", broken.any_open)
        patch.setattr(sqlite3, "connect", broken.database)
        for name in ("mkdir", "rename", "replace", "unlink", "chmod", "rmdir"):
            patch.setattr(os, name, broken.changing(getattr(os, name)))
        yield


@contextlib.contextmanager
def emptied(kind: str) -> Iterator[None]:
    """A disk with nothing but the pipeline, the lock and the plan."""
    for path in (Path(".callsheet"), Path("out")):
        shutil.rmtree(path)
    with disk(kind):
        yield


TROUBLES: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "ledger.db locked": lambda: locked(LEDGER),
    "cache.db locked": lambda: locked(CACHE),
    "project owned": lambda: project_owned(Path(".callsheet")),
    "read-only": lambda: disk("read-only"),
    "disk full": lambda: disk("full"),
    "read-only and empty": lambda: emptied("read-only"),
    "disk full and empty": lambda: emptied("full"),
}
ONLY_THE_LEDGER_KNEW = {"all databases gone": 2, "state gone": 2}
"""Requests that were under way; without the ledger they are bought again."""
CASES = [(words, state) for words in commands(verbs) for state in (*DAMAGES, *TROUBLES)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some cases, by a seed, and with --long all."""
    if "words" in metafunc.fixturenames:
        some = CASES if metafunc.config.getoption("--long") else random.Random(10).sample(CASES, SHORT)
        ids = [f"{' '.join(words)}, {state}" for words, state in some]
        metafunc.parametrize(("words", "state"), some, ids=ids)


@pytest.fixture(scope="module")
def seller() -> Iterator[Emulator]:
    with Emulator(tiny=True) as emulator:
        yield emulator


@pytest.fixture
def surroundings(seller: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLSHEET_FAL_URL", seller.url)
    monkeypatch.setenv("CALLSHEET_HF_URL", seller.url)
    monkeypatch.setenv("FAL_KEY", "test")
    monkeypatch.setattr("callsheet.runtime.calls.buyer.Clock", lambda: Clock(sleep=_shortly))
    monkeypatch.setattr("callsheet.runtime.calls.buyer.FetchRetry", lambda: FetchRetry(passing=2, gone=2))
    monkeypatch.setattr("callsheet.runtime.ledger.database.WAIT", 0.1)
    monkeypatch.setattr("callsheet.runtime.store.cache.WAIT", 0.1)


async def _shortly(seconds: float) -> None: ...


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template") / "film"


@pytest.fixture
def project(
    template: Path, seller: Emulator, surroundings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A copy of a project with a run: two stills, two takes of a cover, a clip that is paid and not fetched,
    one whose outcome is unknown, a receipt of another film, and a saved plan."""
    if not template.exists():
        template.mkdir()
        monkeypatch.chdir(template)
        fill(seller)
    shutil.copytree(template, tmp_path / "film")
    monkeypatch.chdir(tmp_path / "film")
    return tmp_path / "film"


def fill(seller: Emulator) -> None:
    Path("callsheet.toml").touch()
    Path("film.yaml").write_text(FILM)
    Path("other.yaml").write_text(FILM.replace("calm", "wild"))
    Path("common").mkdir()
    seller.fault("lost_reply", endpoint="fal-ai/t2v-turbo", times=1)
    seller.fault("media:html", endpoint="*")
    assert typed("run", "film.yaml", "--yes", "--only", "clip")[0] == 1
    heal(seller)
    seller.fault("status:http_503", endpoint="fal-ai/t2v-turbo")
    assert typed("run", "film.yaml", "--yes")[0] == 1
    heal(seller)
    free = FILM.replace("name: film", "name: done").replace(" approve: true,", "").partition("  clip")[0]
    Path("done.yaml").write_text(f"{free}outputs: {{}}\n")
    assert typed("run", "done.yaml", "--yes")[0] == 0
    assert typed("plan", "film.yaml", "-o", "plan.json")[0] == 0


def heal(seller: Emulator) -> None:
    import urllib.request

    request = urllib.request.Request(f"{seller.url}/_callsheet/faults", method="DELETE")
    urllib.request.urlopen(request).close()


def typed(*words: str) -> tuple[int, str]:
    """Exit code, and everything that was printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            main(words)
        except SystemExit as stop:
            return int(stop.code or 0), printed.getvalue()
    raise AssertionError("main never returns")


def test_every_verb(words: Sequence[str], state: str, project: Path, seller: Emulator) -> None:
    posts = len(seller.posts)
    rng = random.Random(f"{words} {state}")
    if state in DAMAGES:
        DAMAGES[state](rng)
    with TROUBLES.get(state, contextlib.nullcontext)():
        code, text = typed(*words)
    assert "Traceback" not in text and "bug in callsheet" not in text, text
    assert code in (0, 1, 2, 3, 4), text
    assert not HARMFUL.search(text), text
    assert len(seller.posts) - posts <= ONLY_THE_LEDGER_KNEW.get(state, 0), text
    if code == 3 or "error: " in text:
        assert any(step in text for step in ("help: ", "Usage: ", "`callsheet ")), text


@pytest.mark.parametrize("seed", range(60))
def test_a_ledger_with_flipped_bytes_buys_nothing(
    seed: int, project: Path, seller: Emulator, long: bool
) -> None:
    """Whatever can still be read of it, no request is sent that it knew of."""
    if seed >= 5 and not long:
        pytest.skip("in the long form")
    posts, rng = len(seller.posts), random.Random(seed)
    content = bytearray(LEDGER.read_bytes())
    for _ in range(rng.choice((1, 3, 10, 100, 1000))):
        content[rng.randrange(100, len(content))] ^= 1 << rng.randrange(8)
    LEDGER.write_bytes(content)
    _, text = typed("run", "film.yaml", "--yes")
    assert "bug in callsheet" not in text, text
    assert len(seller.posts) == posts, text
