"""Subtitles as tracks of an MP4, which a player shows or not (3GPP timed text, TS 26.245)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.encode import stop_if_asked
from callsheet.nodes.media.codec.writer import MP4, whole_file
from callsheet.nodes.media.text.cue import Cue
from callsheet.spec.node import Job

if TYPE_CHECKING:
    from av import Packet
    from av.container import OutputContainer
    from av.stream import Stream
    from av.subtitles.stream import SubtitleStream

MILLISECOND: Final = Fraction(1, 1000)
LONGEST: Final = 65_535
"""Bytes of a text in a sample."""
STYLE: Final = (
    "Name:Default Fontname:Arial Fontsize:16 PrimaryColour:&Hffffff SecondaryColour:&Hffffff "
    "OutlineColour:&H0 BackColour:&H0 "
    "Bold:0 Italic:0 Underline:0 StrikeOut:0 ScaleX:100 ScaleY:100 Spacing:0 Angle:0 "
    "BorderStyle:1 Outline:1 Shadow:0 Alignment:2 MarginL:10 MarginR:10 MarginV:10 Encoding:1"
)
LOOK: Final = "\r\n".join(
    (
        "[Script Info]",
        "ScriptType: v4.00+",
        "PlayResX: 384",
        "PlayResY: 288",
        "",
        "[V4+ Styles]",
        "Format: " + ", ".join(pair.partition(":")[0] for pair in STYLE.split()),
        "Style: " + ",".join(pair.partition(":")[2] for pair in STYLE.split()),
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        "",
    )
).encode()
"""The usual look, from which FFmpeg makes the description that such a track has to have."""
UNKNOWN_LANGUAGE: Final = "is no language that is known here"
LANGUAGE_HELP: Final = "write its three letters (ISO 639-2), such as `deu`"
LANGUAGES: Final = {
    "ar": "ara",
    "bg": "bul",
    "bn": "ben",
    "ca": "cat",
    "cs": "ces",
    "cy": "cym",
    "da": "dan",
    "de": "deu",
    "el": "ell",
    "en": "eng",
    "es": "spa",
    "et": "est",
    "eu": "eus",
    "fa": "fas",
    "fi": "fin",
    "fr": "fra",
    "ga": "gle",
    "gl": "glg",
    "he": "heb",
    "hi": "hin",
    "hr": "hrv",
    "hu": "hun",
    "hy": "hye",
    "id": "ind",
    "is": "isl",
    "it": "ita",
    "ja": "jpn",
    "ka": "kat",
    "ko": "kor",
    "lt": "lit",
    "lv": "lav",
    "mk": "mkd",
    "ms": "msa",
    "nb": "nob",
    "nl": "nld",
    "no": "nor",
    "pl": "pol",
    "pt": "por",
    "ro": "ron",
    "ru": "rus",
    "sk": "slk",
    "sl": "slv",
    "sq": "sqi",
    "sr": "srp",
    "sv": "swe",
    "ta": "tam",
    "te": "tel",
    "th": "tha",
    "tr": "tur",
    "uk": "ukr",
    "ur": "urd",
    "vi": "vie",
    "zh": "zho",
}
"""ISO 639-1 → ISO 639-2, which MP4 has."""


@dataclass(frozen=True, slots=True)
class SoftTrack:
    """Cues that are never there at once, in order. language: ISO 639, of two letters or three. name: what a
    player calls it, "" for its language."""

    cues: tuple[Cue, ...]
    language: str
    name: str = ""


def with_tracks(job: Job, path: Path, tracks: Sequence[SoftTrack]) -> Path:
    """The film at `path`, an MP4, with tracks of subtitles: pictures and sound are copied.

    Raises NodeError (*local*) for a language that is not known.
    """
    target = job.workdir / "subtitled.mp4"
    languages = [_language(track.language, job.address) for track in tracks]
    with engine.opened(path) as source, whole_file(target, "mp4", MP4) as film:
        kept = [*source.streams.video[:1], *source.streams.audio[:1]]
        streams = {stream.index: film.add_stream_from_template(stream) for stream in kept}
        added = [_stream(film, track, code) for track, code in zip(tracks, languages, strict=True)]
        waiting = _latest_first(tracks, added)
        for packet in source.demux(kept):
            stop_if_asked(job)
            if not packet.size or packet.dts is None:
                continue
            time = packet.dts * packet.time_base
            while waiting and (waiting[-1].pts or 0) * MILLISECOND <= time:
                film.mux(waiting.pop())
            packet.stream = streams[packet.stream.index]
            film.mux(packet)
        while waiting:
            film.mux(waiting.pop())
    return target


def code_of(language: str) -> str:
    """The three letters of a language (ISO 639-2), "" where it is not known."""
    code = LANGUAGES.get(language.lower().partition("-")[0], language.lower())
    return code if len(code) == 3 and code.isascii() and code.isalpha() else ""


def _language(given: str, address: str) -> str:
    code = code_of(given)
    if not code:
        raise NodeError(f'{address}: "{given}" {UNKNOWN_LANGUAGE}', "local", LANGUAGE_HELP)
    return code


def _stream(film: OutputContainer, track: SoftTrack, language: str) -> SubtitleStream:
    stream = film.add_stream("mov_text")
    context = stream.codec_context
    context.subtitle_header = LOOK
    stream.time_base = context.time_base = MILLISECOND
    context.open()
    stream.metadata["language"] = language
    if track.name:
        stream.metadata["handler_name"] = track.name
    return stream


def _latest_first(tracks: Sequence[SoftTrack], streams: Sequence[SubtitleStream]) -> list[Packet[Stream]]:
    """The samples of all tracks, the one that is written next at the end."""
    found = (
        packet for track, stream in zip(tracks, streams, strict=True) for packet in _packets(track, stream)
    )
    return sorted(found, key=lambda packet: packet.pts or 0, reverse=True)


def _packets(track: SoftTrack, stream: SubtitleStream) -> Iterator[Packet[Stream]]:
    """A sample for each cue: the length of its text in two bytes, then the text."""
    from av import Packet

    for cue in track.cues:
        text = cue.text.encode()[:LONGEST].decode(errors="ignore").encode()
        packet = Packet(len(text).to_bytes(2, "big") + text)
        packet.stream, packet.time_base = stream, MILLISECOND
        packet.pts = packet.dts = round(cue.start * 1000)
        packet.duration = max(1, round(cue.end * 1000) - packet.pts)
        yield packet
