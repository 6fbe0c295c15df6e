"""The types of `callsheet` as users see them: a script of theirs, read by two type checkers."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("user_script.py")


def found_by(checker: str, *options: str) -> str:
    """What a type checker finds; "" for nothing."""
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    command = [sys.executable, "-m", checker, *options, str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT.parent, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_mypy_understands_the_script(tmp_path: Path) -> None:
    assert not found_by("mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}")


def test_pyright_understands_the_script() -> None:
    assert not found_by("pyright", "--pythonpath", sys.executable)
