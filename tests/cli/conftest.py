"""The command line, as it is typed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.cli.main import main

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def callsheet(in_folder: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Types a command; (exit code, standard output, standard error)."""

    def typed(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return typed
