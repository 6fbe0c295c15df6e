"""Pictures of any kind become eight bits of BT.709: HDR, alpha, sixteen bits, profiles; what is unknown is
refused."""

from __future__ import annotations

import array
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageCms

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import color
from callsheet.nodes.media.codec.frames import of_frame, of_image, to_image
from callsheet.spec.media import Artifact

SIZE = (64, 36)
PQ, HLG, BT2020 = 16, 18, 9
RED, BLACK = (220, 20, 20), (0, 0, 0)


def near(one: Any, other: Any, by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def wide_frame(luma: int, transfer: int, matrix: int = BT2020) -> av.VideoFrame:
    """Grey in ten bits, video range."""
    frame = av.VideoFrame(*SIZE, "yuv420p10le")
    for plane, value in zip(frame.planes, (luma, 512, 512), strict=True):
        plane.update(array.array("H", [value] * (plane.buffer_size // 2)).tobytes())
    frame.colorspace, frame.color_range = matrix, 1
    frame.color_trc, frame.color_primaries = transfer, BT2020
    return frame


def pixel(frame: av.VideoFrame) -> Any:
    return to_image(of_frame(frame)).getpixel((5, 5))


def hdr_clip(path: Path, bench: Any) -> Artifact:
    with av.open(str(path), "w") as file:
        stream = file.add_stream(
            "libx265", rate=24, options={"preset": "ultrafast", "x265-params": "log-level=0"}
        )
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p10le"
        context = stream.codec_context
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = (
            BT2020,
            BT2020,
            PQ,
            1,
        )
        for i in range(12):
            frame = wide_frame(573, PQ)
            frame.pts, frame.time_base = i, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    found: Artifact = bench.given(path)
    return found


def clear_clip(path: Path, bench: Any) -> Artifact:
    """Red in VP9, the right half transparent."""
    image = Image.new("RGBA", SIZE, (*RED, 255))
    image.paste((*RED, 0), (32, 0, 64, 36))
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libvpx-vp9", rate=24)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuva420p"
        for i in range(6):
            frame = av.VideoFrame(*SIZE, "rgba")
            plane = frame.planes[0]
            plane.update(image.tobytes("raw", "RGBA", plane.line_size, 1).ljust(plane.buffer_size, b"\0"))
            frame = frame.reformat(format="yuva420p", dst_colorspace="ITU601")
            frame.pts, frame.time_base = i, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    found: Artifact = bench.given(path)
    return found


class TestHdr:
    @pytest.mark.parametrize(("transfer", "white"), [(PQ, 573), (HLG, 721)])
    def test_reference_white_is_nearly_white_and_grey_is_grey(self, transfer: int, white: int) -> None:
        lumas = (64, 300, 450, white, 940)
        values = [pixel(wide_frame(luma, transfer))[0] for luma in lumas]
        assert values == sorted(values) and len(set(values)) == len(values)
        assert values[0] < 6 and 60 < values[2] < 160 and 230 <= values[3] < 255 and values[4] >= 252

    def test_a_film_of_hdr_and_ordinary_clips(self, bench: Any) -> None:
        hdr = hdr_clip(bench._new("hdr.mp4"), bench)
        image = bench.made("media/frame", video=hdr)
        assert min(Image.open(image.path).convert("RGB").getpixel((5, 5))) >= 230
        film = bench.made("media/concat", videos=[bench.clip([BLACK] * 12), hdr])
        seen = bench.seen(film)
        assert near(seen[3][1], BLACK, 10) and min(seen[18][1]) >= 230
        with av.open(str(film.path)) as file:
            context = file.streams.video[0].codec_context
            assert (context.color_trc, context.colorspace, context.pix_fmt) == (1, 1, "yuv420p")

    @pytest.mark.parametrize(("what", "code"), [("matrix", 14), ("transfer function", 8), ("primaries", 10)])
    def test_what_is_not_understood_is_refused(self, what: str, code: int) -> None:
        frame = wide_frame(573, PQ)
        name = {"matrix": "colorspace", "transfer function": "color_trc", "primaries": "color_primaries"}[
            what
        ]
        setattr(frame, name, code)
        with pytest.raises(
            NodeError, match=rf"raw\.mov has colours that are not read here: {what} {code}"
        ) as told:
            color.understood(frame, "raw.mov")
        assert "SDR" in told.value.next_step

    def test_ordinary_frames_are_not_touched(self) -> None:
        frame = av.VideoFrame.from_image(Image.new("RGB", SIZE, RED)).reformat(
            format="yuv420p", dst_colorspace="ITU709"
        )
        frame.colorspace = 1
        assert color.standard(frame) is frame and near(pixel(frame), RED)


class TestAlpha:
    def test_transparent_video_is_black_there(self, bench: Any) -> None:
        clip = clear_clip(bench._new("clear.webm"), bench)
        image = Image.open(bench.made("media/frame", video=clip).path)
        assert near(image.getpixel((10, 18)), RED, 12) and near(image.getpixel((52, 18)), BLACK, 12)
        film = bench.made("media/concat", videos=[clip, bench.clip([RED] * 6)])
        with av.open(str(film.path)) as file:
            picture = next(file.decode(video=0)).to_image()
        assert near(picture.getpixel((10, 18)), RED, 14) and near(picture.getpixel((52, 18)), BLACK, 14)

    def test_a_build_that_cannot_decode_it_says_so(self, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        clip = clear_clip(bench._new("clear.webm"), bench)
        monkeypatch.setattr(av, "codecs_available", av.codecs_available - {"libvpx-vp9"})
        with pytest.raises(NodeError, match="has transparent parts that are not read here"):
            bench.run("media/frame", video=clip)


class TestImages:
    @pytest.mark.parametrize("value", [0, 32_768, 65_535])
    def test_sixteen_bits_of_grey(self, value: int, bench: Any) -> None:
        path = bench._new("depth.png")
        Image.new("I;16", (40, 30), value).save(path)
        grey = (value // 256,) * 3
        fitted = bench.made("media/fit_image", image=bench.given(path), width=32)
        assert near(Image.open(fitted.path).getpixel((5, 5)), grey, 2)
        sheet = bench.made("media/contact_sheet", images=[bench.given(path)], width=160)
        assert near(Image.open(sheet.path).getpixel((80, 60)), grey, 2)

    def test_a_profile_is_applied(self, bench: Any) -> None:
        path = bench._new("photo.png")
        Image.new("RGB", (40, 30), (172, 53, 28)).save(path, icc_profile=adobe_rgb())
        video = bench.made("media/image_to_video", image=bench.given(path), seconds=0.1)
        assert near(bench.seen(video)[0][1], (200, 50, 20), 8)

    def test_a_profile_of_srgb_or_a_broken_one_changes_nothing(self) -> None:
        image = Image.new("RGB", (8, 8), (172, 53, 28))
        plain = to_image(of_image(image)).tobytes()
        for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"no profile"):
            image.info["icc_profile"] = profile
            assert to_image(of_image(image)).tobytes() == plain

    def test_samples_of_unknown_range_are_refused(self) -> None:
        with pytest.raises(NodeError, match="32 bits, whose range is not known"):
            color.plain(Image.new("F", (4, 4), 0.5))


def adobe_rgb() -> bytes:
    """An ICC profile (version 2) with the primaries of Adobe RGB, adapted to D50, and a gamma of 2.2."""
    import struct

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 6) + b"Adobe\0" + b"\0" * 78 + b"\0\0"
    parts = {
        b"desc": text,
        b"cprt": b"text\0\0\0\0none",
        b"wtpt": xyz(0.9505, 1.0, 1.0891),
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    at, table, body = 128 + 4 + 12 * len(parts), b"", b""
    for name, data in parts.items():
        data = data.ljust((len(data) + 3) // 4 * 4, b"\0")
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    whole = struct.pack(">I", len(parts)) + table + body
    head = struct.pack(">I4sI4s4s4s", 128 + len(whole), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28
    head += b"".join(struct.pack(">i", round(v * 65536)) for v in (0.9642, 1.0, 0.8249))
    data = head.ljust(128, b"\0") + whole
    ImageCms.ImageCmsProfile(io.BytesIO(data))
    return data
