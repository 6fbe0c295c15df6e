"""Takes that show the same are drawn once, and are files of their own."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import av
import pytest

from callsheet.errors import NodeError
from callsheet.nodes.preview import video
from callsheet.nodes.preview.reels import Reels
from callsheet.spec.media import Facts

ROLES = {"first": "first_frame", "last": "last_frame", "refs": "reference"}


@pytest.fixture
def drawn(monkeypatch):
    """The reels that were drawn."""
    found, pictures = [], video._pictures

    def counted(reel):
        found.append(reel)
        return pictures(reel)

    monkeypatch.setattr(video, "_pictures", counted)
    return found


def clip(studio, **params):
    facts = Facts(0.5, 160, 90, 24.0, True)
    return studio.path(studio.spec({"video": "video"}, facts, roles=ROLES), **params)


def pictures(path):
    """What the file shows, apart from its sound and title."""
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    return hashlib.sha256(b"".join(packets)).hexdigest()


def test_takes_with_the_same_move_over_the_same_picture_are_drawn_once(studio, drawn):
    first = studio.picture("first.png")
    takes = [clip(studio, prompt="slow dolly in", seed=n, first=first) for n in (1, 2, 3)]
    assert len(drawn) == 1 and len({pictures(path) for path in takes}) == 1
    assert len({path.read_bytes() for path in takes}) == 3


def test_a_take_is_the_same_file_whether_it_was_drawn_or_found(studio, monkeypatch):
    params = {"prompt": "slow dolly in", "first": studio.picture("first.png")}
    clip(studio, seed=1, **params)
    found = clip(studio, seed=2, **params).read_bytes()
    monkeypatch.setattr(video, "REELS", Reels())
    assert clip(studio, seed=2, **params).read_bytes() == found


@pytest.mark.parametrize(
    "other",
    [
        {"prompt": "pan left"},
        {"picture": 200},
        {"last": 200},
        {"prompt": "slow dolly in on the sea at night", "picture": None},
    ],
    ids=["move", "picture", "last", "scene"],
)
def test_what_shows_something_else_is_drawn(studio, drawn, other):
    def shown(prompt="slow dolly in", picture=40, last=None):
        given = {"first": picture, "last": last}
        files = {k: studio.picture(f"{k}{v}.png", blue=v) for k, v in given.items() if v is not None}
        return pictures(clip(studio, prompt=prompt, seed=1, **files))

    assert shown() != shown(**other) and len(drawn) == 2


def test_two_at_once_get_what_the_first_one_makes(tmp_path):
    reels, begun, made = Reels(), threading.Event(), []

    def make(path):
        made.append(path)
        begun.wait(60)
        path.write_bytes(b"pictures")

    def asked(name):
        reels.write("what", tmp_path / name, make)
        return (tmp_path / name).read_bytes()

    with ThreadPoolExecutor(4) as pool:
        files = [pool.submit(asked, str(n)) for n in range(4)]
        begun.set()
        assert [file.result() for file in files] == [b"pictures"] * 4
    assert len(made) == 1


def test_what_fails_is_made_by_the_next(tmp_path):
    reels = Reels()

    def fail(path):
        raise NodeError("stopped", "local")

    with pytest.raises(NodeError):
        reels.write("what", tmp_path / "a", fail)
    reels.write("what", tmp_path / "a", lambda path: path.write_bytes(b"new"))
    assert (tmp_path / "a").read_bytes() == b"new"


def test_memory_is_bound_and_the_oldest_is_forgotten(tmp_path):
    reels, made = Reels(most=25), []

    def ask(what):
        def make(path):
            made.append(what)
            path.write_bytes(bytes(10))

        reels.write(what, tmp_path / what, make)

    for what in ("a", "b", "a", "c", "a", "b"):
        ask(what)
    assert made == ["a", "b", "c", "b"]
