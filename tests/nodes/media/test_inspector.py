"""The facts of files: read once as long as a file stays the same, and a picture by its header in a plan."""

import os

import pytest
from PIL import ExifTags, Image

from callsheet.errors import NodeError
from callsheet.nodes.media import probe as probing
from callsheet.nodes.media.inspector import MediaInspector, facts_of
from callsheet.nodes.media.probe import from_header, probe
from callsheet.spec.media import Facts

ENDINGS = ("png", "jpg", "webp", "gif", "bmp", "tiff", "avif")


@pytest.fixture
def reads(monkeypatch):
    """The names of the files that were opened to be probed or to read their header."""
    names = []
    for name in ("probe", "from_header"):
        real = getattr(probing, name)
        monkeypatch.setattr(probing, name, lambda path, real=real: (names.append(path.name), real(path))[1])
    return names


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_header_tells_the_facts_of_the_decoded_picture(ending, turn, tmp_path):
    path = tmp_path / f"a.{ending}"
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    more = {} if ending in ("gif", "bmp") else {"exif": exif}
    Image.new("RGB", (40, 30)).save(path, **more)
    assert from_header(path) == probe(path)


def test_many_questions_about_one_file_open_it_once(tmp_path, reads):
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    for _ in range(20):
        assert facts_of(tmp_path / "a.png") == Facts(width=40, height=30)
        assert MediaInspector().probe(tmp_path / "a.png") == Facts(width=40, height=30)
    assert reads == ["a.png", "a.png"]


def test_a_file_that_was_written_anew_is_read_anew(tmp_path):
    path = tmp_path / "a.bmp"
    Image.new("RGB", (40, 32)).save(path)
    assert facts_of(path).width == 40
    before = path.stat()
    Image.new("RGB", (32, 40)).save(tmp_path / "b.bmp")
    (tmp_path / "b.bmp").replace(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert facts_of(path).width == 32
    assert MediaInspector().probe(path).width == 32


def test_a_file_that_comes_later_is_found(tmp_path):
    assert facts_of(tmp_path / "a.png") == Facts()
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    assert facts_of(tmp_path / "a.png").height == 30


def test_a_plan_reads_no_more_than_the_header_and_a_call_reads_all(tmp_path):
    whole = tmp_path / "whole.jpg"
    Image.effect_noise((400, 300), 60).convert("RGB").save(whole)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:2_000])
    assert facts_of(cut) == Facts(width=400, height=300)
    with pytest.raises(NodeError, match=r"cut\.jpg"):
        MediaInspector().probe(cut)


def test_a_broken_file_has_no_facts(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    assert facts_of(tmp_path / "a.png") == Facts()


def test_no_picture_of_too_many_pixels_has_facts(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "a.png")
    assert facts_of(tmp_path / "a.png") == Facts()
