"""A disk that is full at any moment of a run: nothing half-written, a sentence, and the next run is whole."""

import errno
import os
from itertools import count
from pathlib import Path

import pytest

from callsheet.errors import CallsheetError
from callsheet.spec.types import IMAGE, STRING, VIDEO, ListOf
from callsheet.spec.values import Ref
from callsheet.testing.fakes import fake_graph, fake_instance, fake_spec

TEXT = fake_spec("fake/text", {"text": STRING})
CLIP = fake_spec("fake/clip", {"video": VIDEO, "boards": ListOf(IMAGE)})
FILES = {"film.mp4", "clip-boards-1.png", "clip-boards-2.png", "spare.mp4", "words.txt"}
OPEN = os.open
CALLS = {
    "write": (os, "write"),
    "fsync": (os, "fsync"),
    "rename": (Path, "replace"),
    "link": (os, "link"),
    "open": (os, "open"),
    "folder": (Path, "mkdir"),
}


def film():
    """A clip with two pictures and the words for it, and a spare one."""
    clip = fake_instance("clip", CLIP, {"of": Ref("text", ("text",))})
    return fake_graph(
        [fake_instance("text", TEXT), clip, fake_instance("spare", CLIP)],
        {"film": Ref("clip", ("video",)), "words": Ref("text", ("text",))},
    )


class Disk:
    """Takes `room` calls of one kind; the one after them fails. Opening what is there takes no room."""

    def __init__(self, real, room):
        self.real, self.room, self.failed = real, room, False

    def __call__(self, *args, **options):
        if self.real is OPEN and not args[1] & os.O_CREAT:
            return self.real(*args, **options)
        self.room -= 1
        if self.room == -1:
            self.failed = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.real(*args, **options)


def disk_with_room_for(patch, call, room):
    """Let call number `room` + 1 of this kind fail."""
    owner, name = CALLS[call]
    disk = Disk(getattr(owner, name), room)
    patch.setattr(owner, name, lambda *args, **options: disk(*args, **options))
    return disk


def whole_or_absent():
    """Every file of the run is as the provider wrote it; no temporary one is left."""
    paths = [path for path in Path().rglob("*") if path.is_file()]
    assert not [path for path in paths if path.name.startswith(".callsheet-")]
    for path in paths:
        if path.suffix in (".mp4", ".png"):
            assert path.read_text().endswith(("['of']", "[]"))
        if path.suffix == ".txt":
            assert path.read_text() == "words"
    assert list(Path(".callsheet/preview").glob("work/*")) == []


@pytest.fixture
def folders(studio):
    """Empty folders, one after the other, each the current one in its turn."""

    def each():
        home = Path.cwd()
        for number in count():
            folder = home / str(number)
            folder.mkdir()
            os.chdir(folder)
            yield number

    return each()


@pytest.mark.parametrize("call", CALLS)
def test_full_at_any_moment(studio, folders, monkeypatch, call):
    """Every call of this kind in turn is the one that fails."""
    for room in folders:
        with monkeypatch.context() as patch:
            disk = disk_with_room_for(patch, call, room)
            status, error = outcome(studio)
        if not disk.failed:
            break
        whole_or_absent()
        if status != "done":
            assert "disk is full" in error.message
            assert "free some space" in error.next_step
        assert outcome(studio) == ("done", None)
        assert {path.name for path in Path("out/fake/preview").rglob("*")} >= FILES
        whole_or_absent()
    assert room >= 4, "a run has several such calls"
    assert (status, error) == ("done", None)


def outcome(studio):
    """How a run ended, and what it said: at its end, or instead of beginning."""
    try:
        result = studio.run(film())
    except CallsheetError as error:
        assert studio.heard == []
        return "refused", error
    assert studio.heard[-1].event == "run_finished"
    assert result.exit_code == (0 if result.status == "done" else 3)
    return result.status, result.error


def test_where_no_link_can_be_made_a_copy_is(studio, monkeypatch):
    disk = disk_with_room_for(monkeypatch, "link", 0)
    assert outcome(studio) == ("done", None)
    assert disk.failed
    whole_or_absent()
