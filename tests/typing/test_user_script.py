"""The types of `callsheet` as users see them: a script and a plug-in of theirs, read by two type checkers."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("user_script.py")
PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
READ = {SCRIPT: (SCRIPT,), PLUGIN: (PLUGIN / "inkwell", PLUGIN / "tests")}


def found_by(checker: str, what: Path, *options: str) -> str:
    """What a type checker finds; "" for nothing."""
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    command = [sys.executable, "-m", checker, *options, *map(str, READ[what])]
    folder = what if what.is_dir() else what.parent
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy keeps of callsheet, for all that is read with it."""
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("what", READ, ids=["script", "plug-in"])
def test_mypy_understands_it(what: Path, cache: Path) -> None:
    assert not found_by("mypy", what, "--strict", "--config-file=", f"--cache-dir={cache}")


@pytest.mark.parametrize("what", READ, ids=["script", "plug-in"])
def test_pyright_understands_it(what: Path) -> None:
    assert not found_by("pyright", what, "--pythonpath", sys.executable)
