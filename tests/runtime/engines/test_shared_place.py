"""Media of tasks in a shared store: tried while it is away, refused when damaged, cleared by nobody else."""

import os
import shutil
import time
from pathlib import Path

import pytest

from callsheet.errors import NodeError
from callsheet.runtime.engines import shared_place
from callsheet.runtime.engines.scratch import make_room
from callsheet.runtime.engines.shared_place import SharedPlace, without_waiting
from callsheet.runtime.remote_store.backend import Unreachable
from callsheet.runtime.remote_store.blob_names import blob_name
from callsheet.runtime.remote_store.folder import Folder
from callsheet.runtime.store.blobs import Store
from callsheet.spec.node import Made
from tests.runtime.engines.shop import Shop


class Away(Folder):
    """A folder that is not reached so many times."""

    def __init__(self, root, times):
        super().__init__(root)
        self.times = times

    def read(self, name):
        self._come()
        return super().read(name)

    def put(self, name, path, **more):
        self._come()
        return super().put(name, path, **more)

    def _come(self):
        self.times -= 1
        if self.times >= 0:
            raise Unreachable("the store cannot be reached")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_place, "FIRST_PAUSE", 0.01)
    return Shop(tmp_path)


def shared(tmp_path, shop, times=0, most=None):
    store = Store(tmp_path / "worker")
    store.prepare()
    return SharedPlace("there", store, most, Away(tmp_path / "there", times))


def test_a_store_that_is_away_is_tried_again(tmp_path, shop):
    place = shared(tmp_path, shop, times=3)
    place.put(shop.clip)
    place._backend.times = 3
    assert place.path(shop.clip.digest, ".mp4").read_bytes() == shop.clip.path.read_bytes()


def test_it_is_not_waited_for_where_it_is_only_looked_at(tmp_path, shop):
    place = shared(tmp_path, shop, times=1)
    with without_waiting(), pytest.raises(NodeError, match="cannot be reached") as failed:
        place.put(shop.clip)
    assert failed.value.kind == "local" and failed.value.next_step


def test_the_patience_is_for_the_store_and_not_for_each_file(tmp_path, shop, monkeypatch):
    """Else a thousand clips would wait a minute each."""
    now, slept = [0.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(shared_place.time, "sleep", sleep)
    monkeypatch.setattr(shared_place.time, "monotonic", lambda: now[0])
    place = shared(tmp_path, shop, times=10_000)

    def waited():
        slept.clear()
        with pytest.raises(NodeError, match="cannot be reached"):
            place.put(shop.clip)
        return sum(slept)

    assert 50 < waited() <= 60
    assert waited() < 10
    now[0] += 100  # nobody needed it: it may have been back
    assert 50 < waited() <= 60
    place._backend.times = 0
    place.put(shop.clip)
    place._there.clear()
    place._backend.times = 10_000
    assert 50 < waited() <= 60


def test_a_result_is_stored_again_where_the_store_was_cleared(tmp_path, shop):
    """A worker that lives long makes it once more."""
    place = shared(tmp_path, shop)
    for _ in range(2):
        shutil.copy(shop.clip.path, tmp_path / "made.mp4")
        kept = place.keep(Made("video", tmp_path / "made.mp4"))
        file = tmp_path / "there" / blob_name(kept.digest)
        assert file.is_file()
        file.unlink()


def test_a_damaged_file_is_not_used(tmp_path, shop):
    place = shared(tmp_path, shop)
    place.put(shop.clip)
    file = tmp_path / "there" / blob_name(shop.clip.digest)
    file.chmod(0o644)
    file.write_bytes(b"cut off")
    with pytest.raises(NodeError, match="is damaged"):
        place.path(shop.clip.digest, ".mp4")
    assert not place.path_of(shop.clip.digest, ".mp4").exists()


def test_a_worker_keeps_no_more_than_it_may(tmp_path, shop):
    place = shared(tmp_path, shop, most=0)
    place.put(shop.clip)
    other = place.local.root / "blobs/ab/cd.mp4"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"read long ago")
    place.path(shop.clip.digest, ".mp4")
    assert not other.exists() and place.path_of(shop.clip.digest, ".mp4").exists()


def test_what_was_used_last_is_kept(tmp_path, shop):
    place = shared(tmp_path, shop, most=100)
    place.put(shop.clip)
    one, other = (place.path_of(letter * 64, ".mp4") for letter in "ab")
    for age, path in ((7200, one), (3600, other)):
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(80))
        os.utime(path, (time.time() - age,) * 2)
    assert place.path("a" * 64, ".mp4") == one
    place.path(shop.clip.digest, ".mp4")
    assert one.exists() and not other.exists()


def test_two_workers_make_room_at_once(tmp_path, monkeypatch):
    """What the other one has deleted just before is no error."""
    for name in "abc":
        (tmp_path / f"{name}.mp4").write_bytes(b"1234")
    look = Path.stat

    def late(path, **how):
        if path.name == "b.mp4":
            path.unlink(missing_ok=True)
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", late)
    make_room(tmp_path, 4)
    monkeypatch.undo()
    assert len(list(tmp_path.iterdir())) == 1
