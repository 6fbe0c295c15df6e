"""One owner for each project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callsheet.errors import InputError, StoreError
from callsheet.runtime.store.project_lock import owner, project_owned


def test_a_second_owner_is_refused_by_name(tmp_path: Path) -> None:
    with (
        project_owned(tmp_path),
        pytest.raises(InputError, match=f"process {os.getpid()} is working"),
        project_owned(tmp_path),
    ):
        pass
    with project_owned(tmp_path):
        assert owner(tmp_path) == os.getpid()


def test_the_lock_of_a_dead_owner_is_free(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("4194999\n")
    with project_owned(tmp_path):
        assert owner(tmp_path) == os.getpid()


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreError, match="could not be written"),
        project_owned(tmp_path / "file" / "project"),
    ):
        pass
