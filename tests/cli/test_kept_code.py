"""The code of dataclasses, kept between two starts."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from __future__ import annotations
import builtins, sys
compiled = []
before = builtins.compile
builtins.compile = lambda *a, **k: compiled.append(a[0]) or before(*a, **k)
from callsheet.cli.kept_code import kept_code
with kept_code(""):
    from dataclasses import FrozenInstanceError, dataclass, field
    @dataclass(frozen=True, slots=True, order=True)
    class Shot:
        name: str
        seconds: float = 2.0
        takes: list = field(default_factory=list, compare=False)
    @dataclass
    class Other:
        name: int
shot = Shot("dawn")
try:
    shot.name = "dusk"
except FrozenInstanceError:
    assert Other.__init__.__annotations__ == {"name": "int", "return": None}
    print(shot, hash(shot) == hash(Shot("dawn", 2.0)), Shot("a") < shot, Other(1), Shot.__init__.__qualname__)
print(len([source for source in compiled if "__create_fn__" in str(source) or "_dflt_" in str(source)]))
"""
SAID = "Shot(name='dawn', seconds=2.0, takes=[]) True True Other(name=1) Shot.__init__"


def start(folder: Path, **environ: str) -> tuple[str, int]:
    """Run the program. Returns what its classes say, and how many methods it compiled."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**kept, "PYTHONPYCACHEPREFIX": str(folder), **environ},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, compiled = done.stdout.splitlines()
    return said, int(compiled)


def test_a_second_start_compiles_nothing(tmp_path: Path) -> None:
    said, compiled = start(tmp_path)
    assert said == SAID and compiled > 5
    assert start(tmp_path) == (SAID, 0)


def kept_in(folder: Path) -> Path:
    """The file in which a start has kept its code in `folder`."""
    start(folder)
    (file,) = folder.rglob("*.code")
    return file


@pytest.mark.parametrize("damage", [b"", b"\x00", b"not marshal", b"i\x01\x00\x00\x00"])
def test_a_damaged_file_is_written_anew(damage: bytes, tmp_path: Path) -> None:
    kept_in(tmp_path).write_bytes(damage)
    assert start(tmp_path)[0] == SAID
    assert start(tmp_path) == (SAID, 0)


def test_code_that_was_changed_is_not_executed(tmp_path: Path) -> None:
    file = kept_in(tmp_path)
    changed = file.read_bytes().replace(b"takes=", b"TAKES=")
    file.write_bytes(changed)
    said, compiled = start(tmp_path)
    assert said == SAID and compiled > 5
    assert file.read_bytes() != changed
    assert start(tmp_path) == (SAID, 0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_others_may_write_is_not_read(tmp_path: Path) -> None:
    file = kept_in(tmp_path)
    file.chmod(0o666)
    assert start(tmp_path)[1] > 5
    assert file.stat().st_mode & 0o777 == 0o644 and start(tmp_path) == (SAID, 0)
    file.parent.chmod(0o777)
    before = file.read_bytes()
    assert start(tmp_path)[1] > 5 and file.read_bytes() == before


def test_nothing_is_written_where_python_may_not(tmp_path: Path) -> None:
    assert start(tmp_path, PYTHONDONTWRITEBYTECODE="1")[0] == SAID
    (tmp_path / "file").write_text("no folder")
    assert start(tmp_path / "file")[0] == SAID
    assert not list(tmp_path.rglob("*.code*"))


def test_afterwards_dataclasses_are_as_before() -> None:
    from callsheet.cli.kept_code import kept_code

    with kept_code(""):
        assert "exec" in vars(dataclasses)
    assert "exec" not in vars(dataclasses)


PATTERNS = r"""
import re, sys
compiled = []
before = re._compiler.compile
re._compiler.compile = lambda pattern, flags=0: compiled.append(pattern) or before(pattern, flags)
from callsheet.cli.kept_code import kept_code
with kept_code("check"):
    A = re.compile(r"(?P<year>[0-9]{4})-(?P<day>\d\d)|(x)?", re.IGNORECASE)
    class Reader:
        ODD = re.compile("[^\t\n -~\x85\xa0-\ud7ff]")
    LETTERS = re.compile(b"a+")
    def of_a_function(text):
        return re.compile(text)
    B = of_a_function("from a pipeline")
found = A.fullmatch("2026-11")
print(found["year"], found.groupdict(), A.groupindex, A.flags, A == re.compile(A.pattern, re.IGNORECASE))
print(bool(Reader.ODD.search("\x07")), len(Reader.ODD.pattern), B.match("from a pipeline"), LETTERS.pattern)
print(sum(one in (A.pattern, Reader.ODD.pattern) for one in compiled[:-1]), "from a pipeline" in compiled)
"""


def test_the_patterns_of_modules_are_kept_and_no_others(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    said = [
        subprocess.run(
            [sys.executable, "-c", PATTERNS],
            env={**kept, "PYTHONPYCACHEPREFIX": str(tmp_path)}, capture_output=True, text=True, check=True,
        ).stdout.splitlines()
        for _ in range(3)
    ]  # fmt: skip
    assert said[0][:2] == said[1][:2] == said[2][:2]
    assert [one[2] for one in said] == ["2 True", "0 True", "0 True"]


def test_each_verb_has_a_file_of_its_own(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for verb in ("check", "plan"):
        code = f"from callsheet.cli.main import main; main(['{verb}', '--help'])"
        subprocess.run(
            [sys.executable, "-c", code],
            env={**kept, "PYTHONPYCACHEPREFIX": str(tmp_path)}, capture_output=True, check=True,
        )  # fmt: skip
    assert {path.name.split(".")[0] for path in tmp_path.rglob("*.code")} == {
        "generated-check", "generated-plan",
    }  # fmt: skip
