"""The content store: whole or not at all."""

import errno
import hashlib
import os
import stat

import pytest

from callsheet.errors import NodeError, StoreError
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store, extension
from callsheet.spec.media import Facts
from callsheet.spec.node import Made
from callsheet.testing.fakes import FakeInspector

NO_PROCESS = 2**22 + 7
"""More than the largest process number of Linux."""


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "state", FakeInspector())
    store.prepare()
    return store


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"video " + bytes(range(256)) * 10_000)
    return Made("video", path)


def files(folder):
    return sorted(p for p in folder.rglob("*") if p.is_file())


def test_a_file_is_kept_under_the_digest_of_its_bytes(store, clip):
    artifact = store.ingest(clip)
    digest = hashlib.sha256(clip.path.read_bytes()).hexdigest()
    assert artifact.digest == artifact.identity == digest
    assert artifact.path == store.root / "blobs" / digest[:2] / f"{digest[2:]}.mp4"
    assert artifact.path.read_bytes() == clip.path.read_bytes()
    assert artifact.facts == Facts(seconds=2.0, width=64, height=36, fps=24.0, audio=False)
    assert stat.S_IMODE(artifact.path.stat().st_mode) & 0o222 == 0


def test_the_same_bytes_are_kept_once(store, clip):
    assert store.ingest(clip) == store.ingest(clip)
    assert len(files(store.root)) == 1


def test_a_file_that_is_nobody_elses_is_moved(store, clip):
    content, number = clip.path.read_bytes(), clip.path.stat().st_ino
    artifact = store.take_over(clip)
    assert artifact.path.read_bytes() == content and store.holds(artifact)
    assert artifact.path.stat().st_ino == number and not clip.path.exists()
    assert stat.S_IMODE(artifact.path.stat().st_mode) & 0o222 == 0


def test_a_file_with_another_name_is_copied(store, clip, tmp_path):
    other = tmp_path / "mine.mp4"
    other.hardlink_to(clip.path)
    artifact = store.take_over(clip)
    other.write_bytes(b"changed")
    assert store.holds(artifact) and artifact.path != clip.path


def test_a_damaged_file_is_noticed_and_mended(store, clip):
    artifact = store.ingest(clip)
    artifact.path.chmod(0o644)
    artifact.path.write_bytes(b"video !")
    assert not store.holds(artifact)
    store.ingest(clip)
    assert store.holds(artifact)


def test_what_is_gone_is_not_held(store, clip):
    artifact = store.ingest(clip)
    artifact.path.unlink()
    assert not store.holds(artifact)


@pytest.mark.parametrize(
    "content, said", [(b"image x", "the file holds an image"), (b"<html>", "no media that can be read")]
)
def test_a_file_must_be_what_it_claims(store, clip, content, said):
    clip.path.write_bytes(content)
    with pytest.raises(NodeError, match=said) as caught:
        store.ingest(clip)
    assert caught.value.kind == "failed"
    assert files(store.root) == []


def test_a_file_must_be_there(store, tmp_path):
    with pytest.raises(NodeError, match="was not written"):
        store.ingest(Made("video", tmp_path / "none.mp4"))


def test_a_move_that_cannot_be_synced_leaves_nothing_behind(store, clip, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(StoreError, match="could not be written"):
        store.take_over(clip)
    assert files(store.root) == []


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_disk_leaves_nothing_behind(store, clip, monkeypatch, call, code):
    real, left = getattr(os, call), [1 if call == "write" else 0]

    def failing(*args):
        if not left[0]:
            raise OSError(code, os.strerror(code))
        left[0] -= 1
        return real(*args)

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(StoreError, match=r"disk is full|could not be written") as caught:
        store.ingest(clip)
    assert caught.value.next_step
    assert files(store.root) == []


def test_a_name_that_cannot_be_given_leaves_nothing_behind(store, clip, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(StoreError, match="may not be written to"):
        store.ingest(clip)
    assert files(store.root) == []


def test_a_file_is_on_the_disk_before_it_has_its_name(store, clip, monkeypatch):
    seen = []
    sync, rename = os.fsync, os.rename
    monkeypatch.setattr(os, "fsync", lambda fd: (seen.append(_kind(fd)), sync(fd))[1])
    monkeypatch.setattr("pathlib.Path.replace", lambda a, b: (seen.append("rename"), rename(a, b))[1])
    store.ingest(clip)
    assert seen == ["file", "rename", "folder"]


def _kind(descriptor):
    return "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"


def test_what_dead_processes_left_is_swept(store):
    blobs, work = store.root / "blobs", store.root / "work"
    mine = disk.temporary(blobs)
    mine.write_bytes(b"half")
    dead = blobs / f"{disk.TEMPORARY}{NO_PROCESS}-abc"
    dead.write_bytes(b"half")
    (work / f"{NO_PROCESS}-abc").mkdir()
    (work / f"{os.getpid()}-abc").mkdir()
    store.prepare()
    assert files(blobs) == [mine]
    assert [p.name for p in work.iterdir()] == [f"{os.getpid()}-abc"]


def test_a_work_folder_is_gone_when_the_job_is_over(store):
    with pytest.raises(RuntimeError), store.workdir() as folder:
        (folder / "frame.png").write_bytes(b"x")
        raise RuntimeError
    assert not folder.exists()


def test_a_file_in_place_of_the_state_folder_is_explained(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreError, match="could not be written"):
        Store(tmp_path / "state", FakeInspector()).prepare()


@pytest.mark.parametrize(
    "kind, name, ending",
    [
        ("video", "a.MP4", ".mp4"),
        ("video", "a.exe", ".mp4"),
        ("image", "a", ".png"),
        ("image", "a.webp", ".webp"),
        ("file", "model.glb", ".glb"),
        ("file", "a.ex e", ".bin"),
        ("file", "a.averylongending", ".bin"),
    ],
)
def test_the_ending_suits_the_kind(tmp_path, kind, name, ending):
    assert extension(Made(kind, tmp_path / name)) == ending


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("kind, name", [("video", "clip.mp4"), ("image", "still.png")])
def test_real_media_that_is_cut_off_is_refused(tmp_path, kind, name, part):
    store = Store(tmp_path / "state")
    store.prepare()
    path = tmp_path / name
    {"video": _video, "image": _image}[kind](path)
    assert store.ingest(Made(kind, path)).facts.width == 64
    before = files(store.root)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(NodeError, match=r"cut off|cannot be decoded|holds no picture"):
        store.ingest(Made(kind, path))
    assert files(store.root) == before


def _image(path):
    from PIL import Image

    Image.effect_noise((64, 36), 50).save(path)


def _video(path):
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame(64, 36, "yuv420p")))
        container.mux(stream.encode())
