"""Brings pictures of any kind to the one form that is worked in: eight bits, BT.709 or sRGB, without alpha.

The only place that knows of transfer functions, primaries, matrices, ranges, bit depths, alpha and ICC
profiles. What is transparent is black. PQ and HLG (HDR) are mapped to the range of an ordinary screen: their
reference white (203 nits, ITU-R BT.2408) stays nearly white, and what is brighter is pressed together above
it. What is not understood is refused.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, cast

from callsheet.errors import NodeError

if TYPE_CHECKING:
    from av import VideoFrame
    from av.filter import Graph
    from PIL.Image import Image

FULL_RANGE: Final = 2
UNSAID: Final = (0, 2)
MATRIX_709, MATRIX_RGB = 1, 0
MATRICES: Final = {1: "ITU709", 4: "FCC", 5: "ITU601", 6: "ITU601", 7: "SMPTE240M"}
MATRIX_2020: Final = 9
HD_LINES: Final = 720
PQ, HLG = 16, 18
TRANSFERS: Final = (1, 4, 5, 6, 7, 11, 13, 14, 15, PQ, HLG)
"""Transfer functions that are read (ITU-T H.273). Those of ordinary screens count as the same."""
NARROW: Final = (1, 4, 5, 6, 7)
WIDE: Final = {9: "bt2020", 11: "smpte431", 12: "smpte432"}
"""Primaries of BT.709 and its like, which count as the same, and those of a wider range of colours."""
WHITE: Final = 203
"""Reference white of HDR in nits (ITU-R BT.2408)."""
KNEE: Final = 0.8
"""Share of reference white from which bright parts are pressed together."""
CURVES: Final = {
    PQ: "st(2,pow(ld(1),1/78.84375));"
    f"pow(max(ld(2)-0.8359375,0)/(18.8515625-18.6875*ld(2)),1/0.1593017578125)*{10_000 / WHITE:.6f}",
    HLG: "pow(if(lte(ld(1),0.5),ld(1)*ld(1)/3,(exp((ld(1)-0.55991073)/0.17883277)+0.28466892)/12),1.2)"
    f"*{1000 / WHITE:.6f}",
}
"""Expressions of FFmpeg's: from a sample in variable 1 to light, white being 1 (SMPTE ST 2084; BT.2100,
1000 nits)."""
WHAT_TO_DO: Final = "export it for an ordinary screen (SDR, BT.709)"


def understood(frame: VideoFrame, name: str) -> None:
    """Raises NodeError (*local*) when the colours of a frame of the file `name` are not read here."""
    said = {
        "matrix": (frame.colorspace, {MATRIX_RGB, 2, *MATRICES, MATRIX_2020}),
        "transfer function": (int(frame.color_trc), {*UNSAID, *TRANSFERS}),
        "primaries": (int(frame.color_primaries), {*UNSAID, *NARROW, *WIDE}),
    }
    for what, (code, known) in said.items():
        if code not in known:
            raise NodeError(
                f"{name} has colours that are not read here: {what} {code} of ITU-T H.273",
                "local",
                WHAT_TO_DO,
            )


def standard(frame: VideoFrame) -> VideoFrame:
    """A decoded frame of any format as yuv420p in BT.709, video range."""
    if is_wide(frame):
        frame = _narrowed(frame)
    if _has_form(frame):
        return frame
    return frame.reformat(
        format="yuv420p",
        src_colorspace=_matrix(frame),
        dst_colorspace="ITU709",
        dst_color_range="MPEG",
        interpolation="BICUBIC",
    )


def is_standard(frame: VideoFrame) -> bool:
    """Whether a decoded frame has this form already."""
    return _has_form(frame) and not is_wide(frame)


def _has_form(frame: VideoFrame) -> bool:
    return frame.format.name == "yuv420p" and frame.color_range != FULL_RANGE and is_709(frame)


def has_alpha(frame: VideoFrame) -> bool:
    """Whether a frame says what is transparent."""
    return any(part.is_alpha for part in frame.format.components)


def with_alpha(frame: VideoFrame) -> Image:
    """A frame with alpha as an RGBA image."""
    from PIL import Image

    whole = frame.reformat(format="rgba", src_colorspace=_matrix(frame), dst_color_range="JPEG")
    plane, size = whole.planes[0], (whole.width, whole.height)
    return Image.frombytes("RGBA", size, bytes(plane), "raw", "RGBA", plane.line_size, 1)


def is_709(frame: VideoFrame) -> bool:
    """What the frame says of its matrix, or, when it is silent, what players assume by its size."""
    if frame.colorspace in MATRICES:
        return frame.colorspace == MATRIX_709
    return min(frame.width, frame.height) >= HD_LINES


def is_wide(frame: VideoFrame) -> bool:
    """Whether a frame is HDR, or has more colours than BT.709."""
    return (
        int(frame.color_trc) in (PQ, HLG)
        or int(frame.color_primaries) in WIDE
        or frame.colorspace == MATRIX_2020
    )


def plain(image: Image) -> Image:
    """An image of any mode in eight bits and sRGB: its mode is RGB, RGBA, L or LA.

    Raises NodeError (*local*) for samples whose range nobody knows.
    """
    image = _profiled(_eight_bits(image))
    if image.mode in ("RGB", "RGBA", "L", "LA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def opaque(image: Image) -> Image:
    """The same as RGB; what is transparent is black."""
    from PIL import Image as Pillow

    image = plain(image)
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Pillow.alpha_composite(Pillow.new("RGBA", layer.size, "black"), layer).convert("RGB")
    return image.convert("RGB")


def _matrix(frame: VideoFrame) -> str:
    return MATRICES.get(frame.colorspace, "ITU709" if is_709(frame) else "ITU601")


def _eight_bits(image: Image) -> Image:
    """Samples of 16 bits as eight."""
    if image.mode.startswith("I;16") or (image.mode == "I" and _within_16_bits(image)):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("I", "F"):
        raise NodeError(
            "an image has samples of 32 bits, whose range is not known",
            "local",
            "export it with 8 or 16 bits",
        )
    return image


def _within_16_bits(image: Image) -> bool:
    low, high = cast("tuple[float, float]", image.getextrema())
    return 0 <= low <= high < 1 << 16


def _profiled(image: Image) -> Image:
    """The colours of an ICC profile as sRGB. A profile that cannot be read is passed over, as browsers do."""
    import io

    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
        bare = image.convert(image.mode.removesuffix("A")) if alpha else image
        bare = bare.convert("RGB") if bare.mode == "P" else bare
        flat = ImageCms.profileToProfile(bare, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    if flat is None:
        return image
    if alpha:
        flat.putalpha(alpha)
    flat.info.pop("icc_profile", None)
    return flat


_graphs = threading.local()


def _narrowed(frame: VideoFrame) -> VideoFrame:
    """A frame of HDR or of a wider range of colours, mapped to BT.709."""
    import av

    shape = (frame.width, frame.height, frame.format.name, *_said(frame))
    if getattr(_graphs, "shape", None) != shape:
        try:
            _graphs.graph, _graphs.shape = _graph(frame), shape
        except (av.FFmpegError, ValueError) as error:
            _graphs.shape = None
            raise NodeError("this build of FFmpeg does not convert HDR", "local", WHAT_TO_DO) from error
    frame.pts, turned = 0, frame.rotation
    _graphs.graph.push(frame)
    made = _graphs.graph.pull()
    assert isinstance(made, av.VideoFrame) and not made.rotation - turned
    return made


def _said(frame: VideoFrame) -> tuple[int, int, int, int]:
    return frame.colorspace, int(frame.color_trc), int(frame.color_primaries), int(frame.color_range)


def _graph(frame: VideoFrame) -> Graph:
    """Filters that bring frames like this one to yuv420p in BT.709: first HDR to the range of an ordinary
    screen, each of red, green and blue by one curve, then the primaries in linear light."""
    from av.filter import Graph

    transfer = int(frame.color_trc)
    wide = frame.colorspace == MATRIX_2020
    rgb = frame.colorspace == MATRIX_RGB
    matrix = "gbr" if rgb else "bt2020nc" if wide else "bt709" if is_709(frame) else "smpte170m"
    full = "pc" if rgb or frame.color_range == FULL_RANGE else "tv"
    shape = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:time_base=1/24"
    steps = []
    if transfer in CURVES:
        curve = _curve(transfer)
        steps += [("format", "gbrp10"), ("lutrgb", f"r='{curve}':g='{curve}':b='{curve}'")]
    out = "bt2020" if wide else "bt709"
    primaries = WIDE.get(int(frame.color_primaries), "bt2020" if wide else "bt709")
    steps += [
        ("scale", f"out_color_matrix={out}:out_range=tv"),
        ("format", "yuv420p10"),
        (
            "colorspace",
            f"all=bt709:iprimaries={primaries}:itrc=bt709:ispace={out}{'nc' if wide else ''}:irange=tv",
        ),
        ("format", "yuv420p"),
        ("buffersink", ""),
    ]
    graph = Graph()
    last = graph.add("buffer", f"{shape}:colorspace={matrix}:range={full}")
    for name, arguments in steps:
        following = graph.add(name, arguments or None)
        last.link_to(following)
        last = following
    graph.configure()
    return graph


def _curve(transfer: int) -> str:
    """An expression of FFmpeg's: a sample of HDR as one of an ordinary screen.

    Light in shares of reference white, the brightest pressed together, then the gamma of a screen.
    """
    pressed = f"if(lte(ld(0),{KNEE}),ld(0),{KNEE}+{1 - KNEE:g}*(1-exp(({KNEE}-ld(0))/{1 - KNEE:g})))"
    return f"st(1,min(1,val/maxval));st(0,{CURVES[transfer]});round(maxval*pow({pressed},1/2.2))"
