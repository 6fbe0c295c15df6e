"""Writes subtitles as SubRip (SRT), WebVTT and Advanced SubStation Alpha (ASS); `subtitles` reads them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from callsheet.nodes.media.text.cue import Cue, Word
from callsheet.nodes.text.formats.subtitles import ARROW, BACKSLASH, EVENT

STYLE: Final = (
    "Name:Default Fontname:Noto_Sans Fontsize:54 PrimaryColour:&H0047D4FF SecondaryColour:&H00FFFFFF "
    "OutlineColour:&H00000000 BackColour:&H00000000 Bold:0 Italic:0 Underline:0 StrikeOut:0 ScaleX:100 "
    "ScaleY:100 Spacing:0 Angle:0 BorderStyle:1 Outline:4 Shadow:0 Alignment:2 MarginL:96 MarginR:96 "
    "MarginV:54 Encoding:1"
)
HEADER: Final = f"""\
[Script Info]
ScriptType: v4.00+
PlayResX: 1920
PlayResY: 1080
WrapStyle: 0
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: {", ".join(pair.partition(":")[0] for pair in STYLE.split())}
Style: {",".join(pair.partition(":")[2].replace("_", " ") for pair in STYLE.split())}

[Events]
"""
"""The words of a karaoke line turn from white, the secondary colour, to the primary one; a plain line is
white by an override."""
WHITE: Final = r"{\1c&HFFFFFF&}"


def written(cues: Iterable[Cue], form: str) -> str:
    """The text of a file. Times are rounded to what the format can say."""
    return {"srt": _srt, "vtt": _vtt, "ass": _ass}[form](list(cues))


def _srt(cues: Sequence[Cue]) -> str:
    blocks = (
        f"{i}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_lines(cue.text)}\n"
        for i, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def _vtt(cues: Sequence[Cue]) -> str:
    blocks = [f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_vtt_text(cue)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _vtt_text(cue: Cue) -> str:
    voice = f"<v {_escaped(cue.who).replace(chr(10), ' ')}>" if cue.who else ""
    words = tuple(replace(word, text=_escaped(word.text)) for word in cue.words)
    pieces = [
        (piece if word is None or word.start <= cue.start else f"<{_clock(word.start, '.')}>{piece}")
        for word, piece in _pieces(replace(cue, text=_escaped(_lines(cue.text)), words=words))
    ]
    return voice + "".join(pieces)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _lines(text: str) -> str:
    """The text without what would end it: empty lines and arrows."""
    return "\n".join(line for line in text.replace(ARROW, "→").split("\n") if line.strip())


def _pieces(cue: Cue) -> Iterator[tuple[Word | None, str]]:
    """The text of a cue in pieces, each with the word that it begins with; one piece where the words are not
    found in it one after the other."""
    places, at = [], 0
    for word in cue.words:
        found = cue.text.find(word.text, at)
        if found < 0:
            yield None, cue.text
            return
        places.append(found)
        at = found + 1
    edges = [*places, len(cue.text)]
    if places and places[0]:
        yield None, cue.text[: places[0]]
    if not places:
        yield None, cue.text
    for word, first, last in zip(cue.words, edges, edges[1:], strict=False):
        yield word, cue.text[first:last]


def _ass(cues: Sequence[Cue]) -> str:
    lines = [f"Format: {', '.join(EVENT)}"]
    for cue in cues:
        times = f"{_clock(cue.start, '.', 2)},{_clock(cue.end, '.', 2)}"
        who = cue.who.replace(",", ";").replace("\n", " ")
        lines.append(f"Dialogue: 0,{times},Default,{who},0,0,0,,{_ass_text(cue)}")
    return HEADER + "\n".join(lines) + "\n"


def _ass_text(cue: Cue) -> str:
    text = _lines(cue.text).replace("\\", BACKSLASH).replace("{", "\\{").replace("}", "\\}")
    if not cue.words or text != cue.text.replace("\n\n", "\n"):
        return WHITE + text.replace("\n", "\\N")
    found, time = "", cue.start
    for word, piece in _pieces(cue):
        if word is None:
            found += piece
            continue
        gap, length = round((word.start - time) * 100), round((word.end - word.start) * 100)
        found += (f"{{\\k{gap}}}" if gap > 0 else "") + f"{{\\k{max(0, length)}}}" + piece
        time = word.end
    return found.replace("\n", "\\N")


def _clock(value: float, mark: str, digits: int = 3) -> str:
    """Hours, minutes and seconds; with two digits, as ASS writes them, hours have one."""
    scale = 10**digits
    units = round(value * scale)
    hours, rest = divmod(units, 3600 * scale)
    minutes, rest = divmod(rest, 60 * scale)
    whole, part = divmod(rest, scale)
    return f"{hours:0{2 if digits == 3 else 1}d}:{minutes:02d}:{whole:02d}{mark}{part:0{digits}d}"
