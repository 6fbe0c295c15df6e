"""Reads subtitles: SubRip (SRT), WebVTT and Advanced SubStation Alpha (ASS, and the older SSA).

What of a file is not read is told: positions, colours, drawings, lines that belong to no cue. Formats:
https://www.w3.org/TR/webvtt1/; for ASS the notes of Aegisub and libass.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from callsheet.nodes.media.text.cue import LONGEST, MOST, Cue, Word

Tell = Callable[[str], None]
TIME: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?")
ARROW: Final = "-->"
TAG: Final = re.compile(
    r"</?(?:a|b|big|c|center|div|em|font|i|img|lang|p|rt|ruby|s|script|small|span|strike|strong|style|sub|sup"
    r"|u|v)(?:[ .][^<>]*)?/?>",
    re.IGNORECASE,
)
"""Those of WebVTT, and those of HTML that programs write into subtitles."""
NEW_LINE: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
NO_ARROW: Final = re.compile(r"\d:\d\d[.,]?\d* *-{0,2}> *\d*:?\d+:\d\d|\d:\d\d[.,]\d+ *[-–—→]+ *\d+:\d\d")
"""Times with something else between them than an arrow."""
LONGEST_TEXT: Final = 5000
FEW: Final = 3
SPOKEN: Final = re.compile(r"<((?:\d+:)?\d{1,2}:\d{2}\.\d{1,3})>")
VOICE: Final = re.compile(r"<v(?:\.[^ <>]*)? ([^<>]+)>")
OVERRIDE: Final = re.compile(r"(?<!\\)\{[^{}]*\}")
IN_SRT: Final = re.compile(r"\{\\[^{}]*\}")
"""The overrides of ASS that some programs write into SRT."""
KARAOKE: Final = re.compile(r"\\(?:k|kf|ko|K)(\d+(?:\.\d+)?)")
PIECES: Final = re.compile(r"(\{[^{}]*\})")
DRAWING: Final = re.compile(r"\\p(\d)")
"""What an override begins a drawing with, and ends it with where the number is 0."""
BLOCKS: Final = ("NOTE", "STYLE", "REGION")
EVENT: Final = ("Layer", "Start", "End", "Style", "Name", "MarginL", "MarginR", "MarginV", "Effect", "Text")
BACKSLASH: Final = "\\\u2060"
"""One that begins no command of ASS: a word joiner, which is not seen, stands behind it."""


class SubtitleError(Exception):
    """What is wrong in a file of subtitles. line: its number, 0 for the whole. help: what to do."""

    def __init__(self, line: int, message: str, help: str) -> None:
        super().__init__(message)
        self.line, self.message, self.help = line, message, help


def detect(text: str) -> str:
    """The format that a text is in: `vtt`, `ass` or `srt`. Raises SubtitleError."""
    head = text.lstrip()
    if head.startswith("WEBVTT"):
        return "vtt"
    if head.startswith("[") and re.search(r"^\[Events\]", text, re.MULTILINE | re.IGNORECASE):
        return "ass"
    if ARROW in text:
        return "srt"
    raise SubtitleError(0, "these are no subtitles in a format that is known", "pass SRT, WebVTT or ASS")


def read(text: str, form: str, tell: Tell) -> list[Cue]:
    """The cues of a text, whose lines end with "\\n", in the order of their times. Raises SubtitleError."""
    found: list[Cue] = []
    for number, cue in _events(text, tell) if form == "ass" else _timed(text, form, tell):
        if cue.end <= cue.start:
            raise SubtitleError(
                number,
                f"the text ends at {cue.end:g} s and begins at {cue.start:g} s",
                "let it end after it begins",
            )
        if len(cue.text) > LONGEST_TEXT:
            raise SubtitleError(
                number,
                f"the text has {len(cue.text):,} characters; at most {LONGEST_TEXT:,} are read",
                "cut it into several",
            )
        found.append(cue)
        if len(found) > MOST:
            raise SubtitleError(number, f"there are more than {MOST:,} texts", "split the file")
    if not found:
        raise SubtitleError(0, "there is no text in it", "check that it is the right file")
    return sorted(found, key=lambda cue: cue.start)


def _seconds(text: str, number: int) -> float:
    """A time as files write it: `01:02:03,456`, `02:03.4`. Raises SubtitleError; number: of the line."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise SubtitleError(
            number, f"`{text.strip()[:30]}` is no time", "write hours:minutes:seconds, `00:01:02.500`"
        )
    hours, minutes, whole, part = found.groups()
    value = int(hours or 0) * 3600 + int(minutes) * 60 + int(whole) + float(f"0.{part or 0}")
    if value > LONGEST:
        raise SubtitleError(
            number, f"`{text.strip()}` is later than {LONGEST // 3600} hours", "correct the time"
        )
    return value


def _timed(text: str, form: str, tell: Tell) -> Iterator[tuple[int, Cue]]:
    """The cues of SRT and WebVTT, each with the number of its line of times."""
    lines = text.split("\n")
    lost = Lost(tell)
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if ARROW in line:
            number, begin = at, at
            at = _after(lines, at, form)
            start, _, rest = line.partition(ARROW)
            end, _, settings = rest.strip().partition(" ")
            lost.count("places on the screen", bool(settings.strip()))
            span = _seconds(start, number), _seconds(end, number)
            if cue := _cue(lines[begin:at], span, form, lost):
                yield number, cue
        elif NO_ARROW.search(line):
            raise SubtitleError(
                at, f"`{line[:40]}` has no `{ARROW}` between its times", f"write `{ARROW}` between them"
            )
        elif form == "vtt" and line.partition(" ")[0] in BLOCKS:
            lost.count("styles and regions", not line.startswith("NOTE"))
            while at < len(lines) and lines[at].strip():
                at += 1
        elif line and not _names_cue(lines, at) and not line.lstrip("\ufeff").startswith("WEBVTT"):
            lost.stray(at, line)
    lost.say()


def _after(lines: Sequence[str], at: int, form: str) -> int:
    """The first line after the text that begins at `at`. In SRT it may have empty lines inside."""
    end = at
    while at < len(lines) and not _begins(lines, at, form):
        if lines[at].strip():
            end = at + 1
        elif form == "vtt":
            break
        at += 1
    return end


def _begins(lines: Sequence[str], at: int, form: str) -> bool:
    """Whether the next cue begins in a line."""
    if ARROW in lines[at] or NO_ARROW.search(lines[at]):
        return True
    return form == "srt" and lines[at].strip().isdecimal() and _names_cue(lines, at + 1)


def _names_cue(lines: Sequence[str], at: int) -> bool:
    """Whether the line before `at` is the number or the name of the cue that begins there."""
    return at < len(lines) and (ARROW in lines[at] or NO_ARROW.search(lines[at]) is not None)


def _cue(lines: Sequence[str], span: tuple[float, float], form: str, lost: Lost) -> Cue | None:
    raw = NEW_LINE.sub("\n", "\n".join(stripped for line in lines if (stripped := line.strip())))
    voice = VOICE.search(raw)
    words = tuple(_spoken(raw, span)) if SPOKEN.search(raw) else ()
    plain = SPOKEN.sub("", VOICE.sub("", raw).replace("</v>", ""))
    bare = IN_SRT.sub("", TAG.sub("", plain)) if form == "srt" else TAG.sub("", plain)
    lost.count("italics, colours and other looks", bare != plain)
    text = html.unescape(bare).strip()
    return Cue(*span, text, html.unescape(voice[1]).strip() if voice else "", words) if text else None


def _spoken(raw: str, span: tuple[float, float]) -> Iterator[Word]:
    """The words between times of WebVTT: each begins at the time before it."""
    first, *rest = SPOKEN.split(VOICE.sub("", raw))
    starts = [span[0], *(_seconds(time, 0) for time in rest[::2])]
    texts = [first, *rest[1::2]]
    for text, start, end in zip(texts, starts, [*starts[1:], span[1]], strict=True):
        word = html.unescape(TAG.sub("", text)).strip()
        if word:
            yield Word(word, start, end)


def _events(text: str, tell: Tell) -> Iterator[tuple[int, Cue]]:
    """The cues of ASS."""
    section, order = "", [name.lower() for name in EVENT]
    lost = Lost(tell)
    for number, line in enumerate(text.split("\n"), 1):
        key, _, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip().lower()
        elif section != "[events]":
            continue
        elif key.strip().lower() == "format":
            order = [name.strip().lower() for name in rest.split(",")]
        elif key.strip().lower() == "dialogue":
            cells = rest.split(",", len(order) - 1)
            if len(cells) < len(order):
                raise SubtitleError(
                    number, "this line has too few fields", f"it has to have {', '.join(order)}"
                )
            if cue := _event(dict(zip(order, cells, strict=True)), number, lost):
                yield number, cue
    lost.say()


def _event(fields: dict[str, str], number: int, lost: Lost) -> Cue | None:
    raw = fields.get("text", "")
    bare = _undrawn(raw)
    lost.count("drawings", bare != raw)
    raw = bare
    start, end = (_seconds(fields.get(name, ""), number) for name in ("start", "end"))
    words = tuple(_sung(raw, start)) if KARAOKE.search(raw) else ()
    lost.count(
        "italics, colours and other looks", bool(OVERRIDE.search(KARAOKE.sub("", raw).replace("{}", "")))
    )
    text = _unescaped(OVERRIDE.sub("", raw))
    return Cue(start, end, text, fields.get("name", "").strip(), words) if text else None


def _undrawn(raw: str) -> str:
    """The text of a line without what is drawn between its letters."""
    found, drawing = "", False
    for piece in PIECES.split(raw):
        if PIECES.fullmatch(piece):
            levels = DRAWING.findall(piece)
            drawing = levels[-1] != "0" if levels else drawing
        elif drawing:
            continue
        found += piece
    return found


def _unescaped(text: str) -> str:
    """Text of ASS as it is shown; the opposite of `_ass_text`."""
    text = re.sub(r"\\[Nn]", "\n", text).replace("\\h", "\u00a0")
    return text.replace("\\{", "{").replace("\\}", "}").replace(BACKSLASH, "\\").strip()


def _sung(raw: str, start: float) -> Iterator[Word]:
    """The syllables of a karaoke line; each has its length in hundredths of a second before it."""
    time = start
    for piece in re.split(r"(?=\{[^{}]*\\(?:k|kf|ko|K)\d)", raw):
        lengths = KARAOKE.findall(piece)
        until = time + sum(map(float, lengths)) / 100
        word = _unescaped(OVERRIDE.sub("", piece))
        if word:
            yield Word(word, time, until)
        time = until


class Lost:
    """Counts what is not read, and tells it once."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._counts: dict[str, int] = {}
        self._strays = 0

    def count(self, what: str, is_there: bool) -> None:
        """Note `what` of one text, where it is there."""
        if is_there:
            self._counts[what] = self._counts.get(what, 0) + 1

    def stray(self, number: int, line: str) -> None:
        """Tell of a line that belongs to no text; of the first few one by one."""
        self._strays += 1
        if self._strays <= FEW:
            self._tell(f"line {number} belongs to no text and is left out: {line[:60]}")

    def say(self) -> None:
        """Tell what was noted."""
        if self._strays > FEW:
            self._tell(f"{self._strays - FEW} more lines belong to no text and are left out")
        for what, count in self._counts.items():
            self._tell(f"{what} are not kept (in {count} {'text' if count == 1 else 'texts'})")
