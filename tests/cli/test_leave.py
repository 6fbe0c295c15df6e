"""A command ends at once, and still says and does all that it has to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FILM = Path(__file__).parents[2] / "examples" / "lighthouse" / "film.yaml"
BEFORE = """
import atexit, os, sys, threading
class Told:
    def __del__(self, write=os.write):
        write(1, b"taken apart\\n")
told = Told()
atexit.register(print, "atexit")
"""
MAIN = "from callsheet.cli.main import main; main()"


def ended(before: str, *words: str) -> tuple[int, list[str]]:
    code = f"{BEFORE}\n{before}\n{MAIN}"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.splitlines()[-2:]


def test_what_was_printed_arrives_and_nothing_is_taken_apart() -> None:
    code, said = ended("", "check", str(FILM))
    assert code == 0 and said[0].endswith("10 instances") and said[1] == "atexit"


def test_the_exit_code_is_that_of_the_command() -> None:
    assert ended("", "check", "nofile.yaml") == (1, ["atexit"])
    assert ended("", "check", "--nonsense")[0] == 2


@pytest.mark.parametrize(
    "somebody",
    [
        "threading.Thread(target=threading.main_thread().join).start()",
        "sys.settrace(lambda *_: None)",
        "sys.setprofile(lambda *_: None)",
    ],
)
def test_where_somebody_has_something_to_do_python_ends_as_usual(somebody: str) -> None:
    assert ended(somebody, "check", str(FILM)) == (0, ["atexit", "taken apart"])


def test_nobody_reads_any_more() -> None:
    command = [sys.executable, "-c", MAIN, "models"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait() in (0, 1)
