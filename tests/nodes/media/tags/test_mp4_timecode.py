"""The time code of a film, in a track of its own: read by FFmpeg, with the same packets as before."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from callsheet.nodes.media import tags
from callsheet.nodes.media.tags.mp4_timecode import StartCode, start_code, with_start_code
from callsheet.spec.timecode import frame_of

NTSC = Fraction(30_000, 1001)


def film(path: Path, rate: Fraction, timecode: str = "", faststart: bool = False) -> Path:
    with av.open(str(path), "w", options={"movflags": "faststart"} if faststart else {}) as container:
        picture = container.add_stream("libx264" if path.suffix != ".webm" else "libvpx-vp9", rate=rate)
        picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
        if timecode:
            picture.metadata["timecode"] = timecode
        for k in range(30):
            frame = av.VideoFrame(64, 36, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([4 * k]) * plane.buffer_size)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
    return path


def packets(path: Path) -> list[tuple[int | None, int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(packet.pts, packet.dts, bytes(packet)) for packet in container.demux(video=0)]


def written(path: Path, code: StartCode) -> Path:
    pieces = with_start_code(path, code, 30)
    assert pieces is not None
    target = path.with_stem("coded")
    target.write_bytes(b"".join(tags.content(pieces, path)))
    return target


@pytest.mark.parametrize("ending", ["mp4", "mov"])
@pytest.mark.parametrize("faststart", [False, True])
@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(24), "02:17:10:00"),
        (Fraction(24_000, 1001), "09:00:10:00"),
        (NTSC, "02:17:10;00"),
        (Fraction(60), "22:59:10:00"),
    ],
)
def test_it_is_read_back(tmp_path: Path, ending: str, faststart: bool, rate: Fraction, text: str) -> None:
    source = film(tmp_path / f"clip.{ending}", rate, faststart=faststart)
    code = StartCode(frame_of(text, rate), rate, ";" in text, "A1B2C3D4")
    target = written(source, code)
    assert start_code(source) is None and start_code(target) == code
    assert packets(target) == packets(source)
    with av.open(str(target)) as container:
        picture, track = container.streams
        assert picture.metadata["timecode"] == track.metadata["timecode"] == text
        assert track.metadata["reel_name"] == "A1B2C3D4"


def test_what_another_program_wrote_is_read(tmp_path: Path) -> None:
    source = film(tmp_path / "clip.mov", NTSC, "10:00:00;02")
    code = start_code(source)
    assert code == StartCode(frame_of("10:00:00;02", NTSC), NTSC, True)
    assert with_start_code(source, code, 30) is None, "it stays as it is"


def test_a_text_goes_on_to_fit_beside_it(tmp_path: Path) -> None:
    code = StartCode(86_400, Fraction(24), reel="A1B2C3D4")
    target = written(film(tmp_path / "clip.mp4", Fraction(24)), code)
    noted = tmp_path / "noted.mp4"
    assert tags.write(target, noted, "a note") and next(tags.texts(noted)) == "a note"
    assert start_code(noted) == code and packets(noted) == packets(target)


def test_what_cannot_carry_one(tmp_path: Path) -> None:
    code = StartCode(0, Fraction(24))
    webm = film(tmp_path / "clip.webm", Fraction(24))
    assert with_start_code(webm, code, 30) is None and start_code(webm) is None
    whole = film(tmp_path / "clip.mp4", Fraction(24)).read_bytes()
    for name, content in (("cut.mp4", whole[: len(whole) // 2]), ("endless.mp4", _endless(whole))):
        (tmp_path / name).write_bytes(content)
        assert with_start_code(tmp_path / name, code, 30) is None and start_code(tmp_path / name) is None


def _endless(whole: bytes) -> bytes:
    """The film with a last box that ends where the file ends."""
    return whole + b"\0\0\0\0mdat" + b"\0" * 8
