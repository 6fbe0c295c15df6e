"""The folder of a project's state: what is opened, how often, and where it lies."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

import callsheet
from callsheet.errors import InputError
from callsheet.runtime.ledger import NewRun
from callsheet.runtime.lock import Lock
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import STATE as FOLDER
from tests.lock_files import decided, read, write


def with_a_run(workspace: Workspace) -> None:
    async def start() -> None:
        async with workspace.open_for_payment(("fal",)) as project:
            await project.ledger.start_run(NewRun("film-1", "{}", None, False))

    asyncio.run(start())


def test_previews_lie_apart_from_results(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    assert workspace.store().root == workspace.cache().store.root == tmp_path / FOLDER
    assert workspace.store(preview=True).root == workspace.cache(preview=True).path.parent
    assert workspace.folder(preview=True) == tmp_path / FOLDER / "preview"
    assert Workspace(tmp_path, state=tmp_path / "elsewhere").folder() == tmp_path / "elsewhere"


def test_to_look_writes_nothing(tmp_path: Path) -> None:
    with Workspace(tmp_path) as workspace:
        assert workspace.ledger_reader() is None
        assert workspace.cache().find("key") is None
        assert workspace.owner() is None
        with pytest.raises(InputError, match="has bought anything"):
            workspace.require_ledger()
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_is_read_again_after_close(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with_a_run(workspace)
    assert [run.name for run in workspace.require_ledger().runs()] == ["film-1"]
    workspace.close()
    assert [run.name for run in workspace.require_ledger().runs()] == ["film-1"]
    workspace.close()


def test_a_lock_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    pipeline, workspace = tmp_path / "film.yaml", Workspace(tmp_path)
    file = workspace.lock_file(pipeline)
    assert file.lock == Lock()
    picked = decided(Lock(), "clip", pick=2)
    write(picked, file.path)
    assert workspace.lock_file(pipeline) is file
    assert file.lock == picked
    file.write(decided(picked, "clip", pick=1))
    assert read(file.path) == workspace.lock_file(pipeline).lock
    file.path.unlink()
    assert workspace.lock_file(pipeline).lock == Lock()


def test_a_project_has_one_owner(tmp_path: Path) -> None:
    async def twice() -> None:
        async with workspace.open_for_payment(("fal",)):
            assert workspace.owner() == os.getpid()
            async with Workspace(tmp_path).open_for_payment(("fal",)):
                raise AssertionError

    workspace = Workspace(tmp_path)
    with pytest.raises(InputError, match="is working on this project"):
        asyncio.run(twice())


def test_the_folder_is_named_in_one_place() -> None:
    package = Path(callsheet.__file__).parent
    found = [path.name for path in package.rglob("*.py") if f'"{FOLDER}"' in path.read_text(encoding="utf-8")]
    assert found == ["project.py"]
