"""Processes sound as a stream of frames in one format: 48 kHz, stereo, planar float.

Every function gives an iterator of such frames, which decodes only what is read from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.spec.media import SAMPLE_RATE

if TYPE_CHECKING:
    from av import AudioFrame
    from av.container import InputContainer
    from av.filter import FilterContext, Graph

RATE: Final = SAMPLE_RATE
LAYOUT: Final = "stereo"
FORMAT: Final = "fltp"
SAMPLES: Final = 1024

Filter = tuple[str, str]
Build = Callable[["Graph", "Sequence[FilterContext]"], "FilterContext"]

FIXED_FORM: Final[Filter] = (
    "aformat",
    f"sample_fmts={FORMAT}:sample_rates={RATE}:channel_layouts={LAYOUT}",
)
FROM_ZERO: Final[Filter] = (
    "aresample",
    f"async=1:first_pts=0:out_sample_rate={RATE}:out_chlayout={LAYOUT}:rematrix_maxval=1",
)
ON_BOTH_SIDES: Final[Filter] = ("pan", f"{LAYOUT}|c0=c0|c1=c0")
"""Copies a single channel to both sides at full level; FFmpeg's own mixing makes it 3 dB softer."""
NUMBERS_ALONE: Final[Filter] = ("aeval", "if(isnan(val(ch))+isinf(val(ch)),0,val(ch)):c=same")
"""Silences samples that are no number or endless: one of them would spoil every sum it is part of."""
WITH_FLOATS: Final = ("pcm_f", "wavpack")
"""How the names of codecs begin that store samples as floats, so that one may be no number."""


def samples(seconds: Fraction | float) -> int:
    """How many samples of each channel `seconds` are."""
    return round(seconds * RATE)


def of_file(path: Path, origin: Fraction = Fraction(0)) -> Iterator[AudioFrame]:
    """The sound of a file in the fixed form. `origin` is the time in the file's clock that counts as 0
    (a picture's first time: what sounds earlier is cut, what begins later is preceded by silence).

    Raises NodeError (*local*) when there is no sound or it cannot be decoded.
    """
    with engine.opened(path) as container:
        frames = _decoded(container, path, origin)
        first = next(frames, None)
        if first is None:
            raise NodeError(f"{path.name} holds no sound", "local", "pass a file with sound")
        codec = container.streams.audio[0].codec_context.name
        filters = [NUMBERS_ALONE] if codec.startswith(WITH_FLOATS) else []
        filters += [ON_BOTH_SIDES] if len(first.layout.channels) == 1 else []
        yield from _filtered(chain([first], frames), [*filters, FROM_ZERO], first)


def exactly(
    frames: Iterable[AudioFrame], seconds: Fraction | float, start: Fraction | float = 0
) -> Iterator[AudioFrame]:
    """The part from `start` on, cut or filled with silence to `seconds`."""
    return through(
        frames,
        ("apad", ""),
        ("atrim", f"start_sample={samples(start)}:end_sample={samples(start) + samples(seconds)}"),
        ("asetpts", "N/SR/TB"),
    )


def silence(seconds: Fraction | float) -> Iterator[AudioFrame]:
    """Silence of `seconds`."""
    left = samples(seconds)
    while left > 0:
        yield _silent_frame(min(left, SAMPLES))
        left -= SAMPLES


def through(frames: Iterable[AudioFrame], *filters: Filter) -> Iterator[AudioFrame]:
    """Frames in the fixed form sent through a chain of FFmpeg filters."""
    return _filtered(numbered(frames), filters, None)


def analysed(frames: Iterable[AudioFrame], *filters: Filter) -> Iterator[AudioFrame]:
    """What a chain of filters that measure makes of frames, in whatever form they leave it."""
    return woven([frames], lambda graph, sources: link(graph, sources[0], *filters), form=())


def mixed(tracks: Sequence[Iterable[AudioFrame]]) -> Iterator[AudioFrame]:
    """Mix several tracks; the result is as long as the longest."""
    if len(tracks) == 1:
        return iter(tracks[0])
    return woven(tracks, _added)


def _added(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
    end = graph.add("amix", f"inputs={len(sources)}:normalize=0:dropout_transition=0")
    for i, source in enumerate(sources):
        source.link_to(end, 0, i)
    return end


def woven(
    tracks: Sequence[Iterable[AudioFrame]], build: Build, form: Sequence[Filter] = (FIXED_FORM,)
) -> Iterator[AudioFrame]:
    """Send several tracks through one filter graph. build: links the sources and returns the last filter.
    form: the last filters; none for frames as a filter that measures leaves them.

    The track that is furthest behind is fed first, so that little waits inside the graph.
    """
    from av.filter import Graph

    graph = Graph()
    sources = [_source(graph) for _ in tracks]
    sink = graph.add("abuffersink")
    link(graph, build(graph, sources), *form).link_to(sink)
    graph.configure()
    feeds = [numbered(track) for track in tracks]
    fed = dict.fromkeys(range(len(tracks)), 0)
    while fed:
        behind = min(fed, key=lambda i: fed[i])
        frame = next(feeds[behind], None)
        if frame is None:
            del fed[behind]
        else:
            fed[behind] += frame.samples
        if _pushed(sources[behind], frame):
            yield from _ready(sink)


def _filtered(
    frames: Iterator[AudioFrame], filters: Sequence[Filter], like: AudioFrame | None
) -> Iterator[AudioFrame]:
    from av.filter import Graph

    graph = Graph()
    source = _source(graph, like)
    sink = graph.add("abuffersink")
    link(graph, source, *filters, FIXED_FORM).link_to(sink)
    graph.configure()
    for frame in chain(frames, [None]):
        if not _pushed(source, frame):
            return
        yield from _ready(sink)


def link(graph: Graph, source: FilterContext, *filters: Filter) -> FilterContext:
    """Hang a chain of filters on `source`; returns the last."""
    for name, arguments in filters:
        following = graph.add(name, arguments or None)
        source.link_to(following)
        source = following
    return source


def _source(graph: Graph, like: AudioFrame | None = None) -> FilterContext:
    if like is None:
        return graph.add_abuffer(sample_rate=RATE, format=FORMAT, layout=LAYOUT, time_base=Fraction(1, RATE))
    return graph.add_abuffer(
        sample_rate=like.sample_rate,
        format=like.format.name,
        layout=like.layout.name,
        time_base=like.time_base,
    )


def _pushed(source: FilterContext, frame: AudioFrame | None) -> bool:
    """Push a frame; False when the graph needs no more, as after a finished trim."""
    try:
        source.push(frame)
    except EOFError:
        return False
    return True


def _ready(sink: FilterContext) -> Iterator[AudioFrame]:
    """What the graph has finished so far."""
    while True:
        try:
            frame = sink.pull()
        except (BlockingIOError, EOFError):
            return
        yield frame  # type: ignore[misc]


def _decoded(container: InputContainer, path: Path, origin: Fraction) -> Iterator[AudioFrame]:
    if not container.streams.audio:
        return
    base, shift, most = Fraction(0), 0, 0
    for frame in container.decode(container.streams.audio[0]):
        if frame.pts is not None and frame.time_base:
            if frame.time_base != base:
                base = frame.time_base
                shift, most = round(origin / base), int(engine.MAX_SECONDS / base)
            frame.pts -= shift
            if frame.pts > most:
                engine.within_length(Fraction(frame.pts * base), path)
        yield frame


def numbered(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    """Frames with times that follow from the number of samples before them."""
    at, base = 0, Fraction(1, RATE)
    for frame in frames:
        frame.pts, frame.time_base = at, base
        at += frame.samples
        yield frame


def _silent_frame(count: int) -> AudioFrame:
    from av import AudioFrame

    frame = AudioFrame(format=FORMAT, layout=LAYOUT, samples=count)
    frame.sample_rate = RATE
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame
