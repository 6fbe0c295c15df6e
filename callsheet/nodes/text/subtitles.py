"""text/subtitles: subtitles from lines with times, from the voices that speak them, or from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import local
from callsheet.nodes.media.text.cue import CUE, LONGEST, MOST, Cue, record
from callsheet.nodes.text.formats.subtitle_writer import written
from callsheet.nodes.text.formats.subtitles import SubtitleError, Tell, detect, read
from callsheet.nodes.text.reading import notes, shortened
from callsheet.nodes.text.speech import of_clips, of_lines, of_words
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters, Rule
from callsheet.spec.types import (
    AUDIO,
    FILE,
    INTEGER,
    JSON,
    NUMBER,
    STRING,
    VIDEO,
    Choice,
    Field,
    ListOf,
    Maybe,
    OneOf,
    Record,
)

LARGEST: Final = 8 * 1024 * 1024
TIME: Final = Field(NUMBER, minimum=0, maximum=LONGEST)
LINE: Final = Record(
    {
        "text": Field(STRING, required=True, max_length=5000),
        "start": TIME,
        "end": TIME,
        "voice": Field(OneOf((AUDIO, VIDEO))),
        "who": Field(Maybe(STRING)),
        "words": Field(Maybe(JSON)),
    }
)
FORMATS: Final = ("srt", "vtt", "ass")
ENCODINGS: Final = (
    "utf-8",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "iso-8859-1",
    "iso-8859-2",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
)


def _facts(_: Parameters) -> Mapping[str, Facts]:
    return {}


def _sources(params: Parameters) -> int:
    """How many sources are given; texts may have the times of their words beside them."""
    return sum(name in params for name in ("lines", "texts", "words", "file")) - (
        "texts" in params and "words" in params
    )


def _count(params: Parameters, name: str) -> int | None:
    """The elements of a list; None where it is not there."""
    given = params.get(name)
    return len(given) if isinstance(given, list | tuple) else None


def _file_mistake(params: Parameters) -> str:
    """What is wrong with the file of subtitles, "" for nothing."""
    path, encoding = getattr(params.get("file"), "path", None), params.get("encoding", ENCODINGS[0])
    if not isinstance(path, Path) or not path.is_file() or encoding not in ENCODINGS:
        return ""
    return _mistake(path, path.stat().st_mtime_ns, str(encoding))


@lru_cache(maxsize=64)
def _mistake(path: Path, stamp: int, encoding: str) -> str:
    """The same of a file that was written at `stamp`; a check asks for each instance."""
    try:
        _cues_in(path, encoding, lambda _: None)
    except NodeError as error:
        return error.message
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    return ""


SPEC: Final = local(
    "text/subtitles",
    "Subtitles from lines with times, from the voices that speak them, or from a file: SRT, WebVTT or ASS.",
    {
        "lines": Field(ListOf(LINE), min_items=1, max_items=MOST),
        "texts": Field(ListOf(STRING), min_items=1, max_items=MOST),
        "clips": Field(ListOf(OneOf((AUDIO, VIDEO))), min_items=1, max_items=MOST),
        "who": Field(ListOf(STRING)),
        "words": Field(Maybe(JSON)),
        "file": Field(FILE),
        "encoding": Field(Choice(ENCODINGS), default="utf-8"),
        "format": Field(Choice(FORMATS), default="srt"),
        "shift": Field(NUMBER, default=0, minimum=-LONGEST, maximum=LONGEST),
        "speed": Field(NUMBER, minimum=1, maximum=100),
        "line_length": Field(INTEGER, minimum=5, maximum=200),
        "most_words": Field(INTEGER, minimum=1, maximum=50),
    },
    {"lines": ListOf(CUE), "file": FILE, "notes": ListOf(STRING)},
    _facts,
    rules=(
        Rule(
            ("lines", "texts", "words", "file"),
            "subtitles come from `lines`, from `texts`, from `words` or from a `file`",
            "give one of them",
            lambda params: _sources(params) != 1,
        ),
        Rule(
            ("texts", "clips"),
            "each text is spoken by one of `clips`",
            "give as many `clips` as `texts`",
            lambda params: "texts" in params and _count(params, "texts") != _count(params, "clips"),
        ),
        Rule(
            ("file",),
            "this file has no subtitles that can be read",
            "pass SRT, WebVTT or ASS, and its `encoding` where it is not UTF-8",
            lambda params: bool(_file_mistake(params)),
            _file_mistake,
        ),
    ),
    task="text",
)
DOC: Final = {
    "lines": "Each with `text`; `start` and `end` in seconds; or `voice`, the sound that speaks it, for as"
    " long as that is. Without `start` it begins where the one before ends. `who` speaks it. `words`:"
    " the times of its words, as a speech model or recognition gives them, for karaoke; of a line with"
    " a `voice` they count from its beginning, else from that of the film. A text with a `voice` that"
    " is longer than two lines is cut into several. As an output, all of them with their times, in"
    " order.",
    "texts": "Instead of `lines`: what is said, one text for each of `clips`.",
    "clips": "Voices, or videos of people who speak, one after the other from the beginning of the film. A"
    " text is there as long as its clip; one that is longer than two lines is cut into several.",
    "who": "Who speaks each of `clips`.",
    "words": "Instead of `lines`: what is said in a film, with the time of each word, as recognition gives"
    " it (`fal-ai/elevenlabs/speech-to-text`: `${{ heard.words }}`; `fal-ai/whisper` with"
    " `chunk_level: word`: `${{ heard.chunks }}`). It is cut into texts at sentences, clauses and"
    " pauses. With `clips`: a list for each of them, which counts from its beginning. With `texts`:"
    " their times.",
    "file": "A file of subtitles, at most 8 MiB. Looks, positions and drawings are left out, and the run says"
    " so. As an output, the subtitles as a file.",
    "encoding": "Of the file; UTF-16, and UTF-8 with a mark, are known by themselves.",
    "format": "Of the file that is written: `srt`, `vtt` or `ass`. `who` is kept by `vtt` and `ass`, and"
    " so are times of words.",
    "shift": "Seconds by which all texts come later; a number below 0 for earlier.",
    "speed": "Characters a second above which a note says so. If left out: 20, Chinese 9, Japanese 4,"
    " Korean 12.",
    "line_length": "Characters of a line: spoken texts are cut to it, and a longer line gets a note. If left"
    " out: 42, Chinese and Korean 16, Japanese 13.",
    "most_words": "Words of a text, where it comes from speech; 2 to 4 for captions of films for phones.",
    "notes": "What is hard to read: too fast, too long, too short, over each other. At most a hundred.",
}
EXAMPLE: Final = {
    "lines": """
      - {text: "Where does this road end?", voice: "${{ ask.audio }}", start: 1.5}
      - {text: "At the sea.", start: 4, end: 5.5}""",
    "format": "vtt",
}


def run(job: Job) -> Outputs:
    cues = list(_shifted(job, _cues(job)))
    form = asked.one_of(FORMATS, asked.text(job, "format"), "format")
    target = job.workdir / f"subtitles.{form}"
    target.write_text(written(cues, form), encoding="utf-8", newline="\n")
    found = shortened(notes(cues, asked.maybe_number(job, "speed"), asked.whole(job, "line_length")))
    return {"lines": list(map(record, cues)), "file": Made("file", target), "notes": found}


def _cues(job: Job) -> list[Cue]:
    if path := next(iter(asked.files(job, "file")), None):
        return _cues_in(path, asked.one_of(ENCODINGS, asked.text(job, "encoding"), "encoding"), job.tell)
    if asked.value(job, "lines"):
        return of_lines(job)
    found = of_clips(job) if asked.value(job, "clips") else of_words(job)
    if not found:
        job.tell("no word with its time was heard, so there are no subtitles")
    return found[:MOST]


def _shifted(job: Job, cues: list[Cue]) -> Iterator[Cue]:
    """The cues, later by `shift`. One that would begin before the film begins with it; how many end before
    the film begins is told."""
    shift = asked.number(job, "shift")
    if not shift:
        yield from cues
        return
    lost = 0
    for cue in cues:
        if cue.end + shift <= 0:
            lost += 1
            continue
        words = tuple(
            replace(word, start=max(0.0, word.start + shift), end=max(0.0, word.end + shift))
            for word in cue.words
        )
        yield replace(cue, start=max(0.0, cue.start + shift), end=cue.end + shift, words=words)
    if lost:
        job.tell(f"{lost} of {len(cues)} texts end before the film begins, by `shift`, and are left out")


def _cues_in(path: Path, encoding: str, tell: Tell) -> list[Cue]:
    """The cues of a file. Raises NodeError (*local*)."""
    try:
        text = _text(path, encoding, tell).replace("\r\n", "\n").replace("\r", "\n")
        return read(text, detect(text), tell)
    except SubtitleError as error:
        place = f"{path.name}, line {error.line}" if error.line else path.name
        raise NodeError(f"{place}: {error.message}", "local", error.help) from None


def _text(path: Path, encoding: str, tell: Tell) -> str:
    if path.stat().st_size > LARGEST:
        raise SubtitleError(0, f"it is larger than {LARGEST >> 20} MiB", "split it")
    data = path.read_bytes()
    encoding = _marked(data) or encoding
    if encoding in ENCODINGS[1:] and _is_utf8(data):
        tell(f"{path.name} looks like UTF-8, and is read as {encoding}")
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SubtitleError(
            line,
            f"this is not text in {encoding}",
            "say its `encoding`, such as `windows-1252` for the west of Europe, or save it as UTF-8",
        ) from None
    if "\0" in text:
        raise SubtitleError(0, "this is no text file", "pass SRT, WebVTT or ASS")
    return text


def _is_utf8(data: bytes) -> bool:
    """Whether bytes that are more than ASCII are UTF-8, which text in another encoding hardly ever is."""
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _marked(data: bytes) -> str:
    """The form of Unicode that a file is in, by its mark, or by the zeros of UTF-16; "" for none."""
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = [data[first:200:2].count(0) for first in (0, 1)]
    if min(zeros) == 0 and max(zeros) > 20:
        return "utf-16-le" if zeros[1] else "utf-16-be"
    return ""
