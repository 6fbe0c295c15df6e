"""Sound that goes on behind a stored one: of that, packets are copied, and only its end is encoded again.

A packet of AAC is heard together with the one before. So the encoder begins some packets before the first
one that is taken from it, with the stored sound: from there on both describe the same. Where one follows the
other, the error is about as small as that of a sound that was encoded at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.writer import sound_stream

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, Packet
    from av.container import OutputContainer

PACKET: Final = 1024
"""Samples of a packet. The first one holds what comes before the beginning."""
AGAIN: Final = 16
"""Packets that are encoded and thrown away, a third of a second: the encoder needs them to get started."""
LAST: Final = 2
"""Packets at the end of the stored sound that are different because it ends there."""


class LongerTrack:
    """The sound of a clip and new sound behind it, beside packets that are copied. kept: how many packets are
    copied. samples: how many of the clip are heard."""

    def __init__(
        self, target: OutputContainer, clip: Clip, kept: int, samples: int, after: Iterable[AudioFrame]
    ) -> None:
        self._target = target
        self._stream = sound_stream(target, "aac", "fltp")
        self._packets = chain(_stored(clip, kept), self._encoded(clip, kept, samples, after))
        self._at = Fraction(0)

    def advance(self, until: Fraction) -> None:
        """Append sound up to `until` seconds."""
        while self._at < until and (packet := next(self._packets, None)):
            self._append(packet)

    def finish(self) -> None:
        """Append what is left."""
        for packet in self._packets:
            self._append(packet)

    def _append(self, packet: Packet[AudioStream]) -> None:
        self._at = Fraction((packet.pts or 0) + PACKET, sound.RATE)
        packet.stream = self._stream
        self._target.mux(packet)

    def _encoded(
        self, clip: Clip, kept: int, samples: int, after: Iterable[AudioFrame]
    ) -> Iterator[Packet[AudioStream]]:
        """The packets from the one with the number `kept` on."""
        begin, first = (kept - AGAIN) * PACKET, (kept - 1) * PACKET
        end = sound.exactly(_decoded(clip, begin), Fraction(samples - begin, sound.RATE))
        for frame in chain(sound.numbered(chain(end, after)), [None]):
            for packet in self._stream.encode(frame):
                packet.pts = packet.dts = (packet.pts or 0) + begin
                if packet.pts >= first:
                    yield packet


class LongerSound:
    """The first `seconds` of the sound of a clip, of which packets can be copied, and `after` behind them."""

    def __init__(self, clip: Clip, seconds: Fraction, after: Iterable[AudioFrame]) -> None:
        self.clip, self.after, self.samples = clip, after, sound.samples(seconds)
        self.kept = _alike(clip, self.samples) - LAST

    @property
    def copies(self) -> bool:
        """Whether any packets can be copied: those that were encoded here, and are enough."""
        return self.kept > AGAIN

    def track(self, target: OutputContainer) -> LongerTrack:
        """A track of `target` with this sound."""
        return LongerTrack(target, self.clip, self.kept, self.samples, self.after)


def _alike(clip: Clip, most: int) -> int:
    """How many packets, from the first one on, are as they are encoded here and end by the sample `most`."""
    if not clip.sound or clip.start:
        return 0
    with engine.opened(clip.path) as source:
        stream = source.streams.audio[0]
        written_here = (stream.codec_context.name, stream.codec_context.extradata) == ("aac", _head())
        if not written_here or stream.time_base != Fraction(1, sound.RATE):
            return 0
        count = 0
        for packet in source.demux(stream):
            place = (count - 1) * PACKET
            if packet.pts != place or place + PACKET > most:
                break
            count += 1
        return count


@cache
def _head() -> bytes | None:
    """What a file says about sound that is encoded here."""
    import av

    context = av.CodecContext.create("aac", "w")
    context.sample_rate = sound.RATE
    context.layout, context.format = av.AudioLayout(sound.LAYOUT), av.AudioFormat(sound.FORMAT)
    context.open()
    return context.extradata


def _stored(clip: Clip, count: int) -> Iterator[Packet[AudioStream]]:
    with engine.opened(clip.path) as source:
        packets = (packet for packet in source.demux(source.streams.audio[0]) if packet.size)
        yield from islice(packets, count)


def _decoded(clip: Clip, begin: int) -> Iterator[AudioFrame]:
    """The stored sound from a sample on that begins a packet. What is decoded first is not right yet."""
    with engine.opened(clip.path) as source:
        stream = source.streams.audio[0]
        source.seek(begin - 3 * PACKET, stream=stream)
        yield from (frame for frame in source.decode(stream) if (frame.pts or 0) >= begin)
