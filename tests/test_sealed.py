"""The fixture that keeps tests on this machine does bite."""

import os
import socket
from pathlib import Path

import pytest


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match="tried to reach"):
        client.connect(("192.0.2.1", 80))


def test_home_is_not_the_real_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert Path.home().is_relative_to(tmp_path_factory.getbasetemp())
    written = {path.relative_to(Path.home()).as_posix() for path in Path.home().rglob("*")}
    assert {name for name in written if not name.startswith(".config/pulse") and name != ".config"} == set()
    assert "FAL_KEY" not in os.environ
