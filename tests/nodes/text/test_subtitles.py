"""text/subtitles: from lines, voices and files; to SRT, WebVTT and ASS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import callsheet
from callsheet.errors import NodeError
from callsheet.nodes.local import perform
from callsheet.nodes.text import subtitles
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job

SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\nHello <i>you</i>\nthere\n\n"
    "2\n00:00:03,000 --> 00:00:04,000 X1:5\n{\\an8}Bye\n"
)
VTT = (
    "WEBVTT - a film\n\nNOTE nothing\n\nSTYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.500"
    " align:start\n"
    "<v Maria>Hello <00:01.500>you &amp; me\n\n01:00:03.000 --> 01:00:04.000\nBye\n"
)
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,no\n"
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Maria,0,0,0,,{\\k50}Hello {\\k100}you, me\\Nthere\n"
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\p1}m 0 0 l 100 0\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\pos(1,2)}Bye\n"
)


def made(tmp_path: Path, **params: Any) -> tuple[list[dict[str, Any]], str, list[str], list[str]]:
    """Lines, the text of the file, notes, and what was told."""
    told: list[str] = []
    folder = tmp_path / f"work-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    outputs: Any = perform(Job("subs", subtitles.SPEC, params, folder, tell=told.append))
    return outputs["lines"], outputs["file"].path.read_text(encoding="utf-8"), outputs["notes"], told


def given(tmp_path: Path, text: str | bytes, name: str = "subs.srt") -> Artifact:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Artifact("file", path)


def test_srt_is_read_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    lines, _, _, told = made(tmp_path, file=given(tmp_path, SRT))
    assert lines == [
        {"start": 1.0, "end": 2.5, "text": "Hello you\nthere"},
        {"start": 3.0, "end": 4.0, "text": "Bye"},
    ]
    assert sorted(told) == [
        "italics, colours and other looks are not kept (in 2 texts)",
        "places on the screen are not kept (in 1 text)",
    ]


def test_webvtt_is_read_with_voices_and_words(tmp_path: Path) -> None:
    lines, _, _, told = made(tmp_path, file=given(tmp_path, VTT))
    words = [{"text": "Hello", "start": 1.0, "end": 1.5}, {"text": "you & me", "start": 1.5, "end": 2.5}]
    assert lines[0] == {"start": 1.0, "end": 2.5, "text": "Hello you & me", "who": "Maria", "words": words}
    assert lines[1] == {"start": 3603.0, "end": 3604.0, "text": "Bye"}
    assert "styles and regions are not kept (in 1 text)" in told


def test_ass_is_read_with_its_karaoke(tmp_path: Path) -> None:
    lines, _, _, told = made(tmp_path, file=given(tmp_path, ASS))
    assert [line["text"] for line in lines] == ["Hello you, me\nthere", "Bye"]
    assert lines[0]["who"] == "Maria"
    assert lines[0]["words"][0] == {"text": "Hello", "start": 1.0, "end": 1.5}
    assert "drawings are not kept (in 1 text)" in told


def test_a_drawing_in_a_text_is_left_out_alone(tmp_path: Path) -> None:
    line = ASS.replace("{\\pos(1,2)}Bye", "Bye {\\p1}m 0 0 l 9 9{\\p0}now")
    lines, _, _, told = made(tmp_path, file=given(tmp_path, line))
    assert lines[-1]["text"] == "Bye now" and "drawings are not kept (in 2 texts)" in told


@pytest.mark.parametrize("form", ["srt", "vtt", "ass"])
def test_what_is_written_is_read_again(tmp_path: Path, form: str) -> None:
    lines = [
        {"start": 0.5, "end": 1.75, "text": "A <x> & {c}\n--> d", "who": "Maria"},
        {"start": 3599.99, "end": 3601.25, "text": "שלום 日本"},
    ]
    _, text, _, _ = made(tmp_path, lines=lines, format=form)
    again, same, _, _ = made(tmp_path, file=given(tmp_path, text), format=form)
    assert same == text
    assert [(line["start"], line["end"]) for line in again] == [(0.5, 1.75), (3599.99, 3601.25)]
    assert again[1]["text"] == "שלום 日本"


@pytest.mark.parametrize("form", ["vtt", "ass"])
def test_times_of_words_are_kept(tmp_path: Path, form: str) -> None:
    words = [{"text": "Good", "start": 1.0, "end": 1.5}, {"text": "bye", "start": 1.5, "end": 2.0}]
    line = {"start": 1.0, "end": 2.0, "text": "Good bye", "words": words}
    _, text, _, _ = made(tmp_path, lines=[line], format=form)
    assert made(tmp_path, file=given(tmp_path, text))[0] == [line]


def test_a_line_is_as_long_as_its_voice(tmp_path: Path) -> None:
    voice = Artifact("audio", tmp_path / "voice.wav", facts=Facts(seconds=1.5, audio=True))
    lines, *_ = made(
        tmp_path, lines=[{"text": "One", "voice": voice, "start": 1}, {"text": "Two", "voice": voice}]
    )
    assert [(line["start"], line["end"]) for line in lines] == [(1, 2.5), (2.5, 4.0)]
    with pytest.raises(NodeError, match="line 1 has no `end`"):
        made(tmp_path, lines=[{"text": "One", "start": 1}])


def test_a_format_that_is_known_late_is_an_error_with_a_next_step(tmp_path: Path) -> None:
    for name in ("format", "encoding"):
        with pytest.raises(NodeError, match=f'`{name}` is "sub"'):
            made(tmp_path, file=given(tmp_path, SRT), **{name: "sub"})


def test_all_of_it_is_shifted(tmp_path: Path) -> None:
    lines, _, _, told = made(tmp_path, file=given(tmp_path, SRT), shift=-2)
    assert [(line["start"], line["end"]) for line in lines] == [(0, 0.5), (1, 2)]
    lines, _, _, told = made(tmp_path, file=given(tmp_path, SRT), shift=-2.5)
    assert len(lines) == 1 and "1 of 2 texts end before the film begins, by `shift`, and are left out" in told


def test_what_is_hard_to_read_is_noted(tmp_path: Path) -> None:
    lines = [
        {"start": 0, "end": 1, "text": "Far too many words for one short second"},
        {"start": 2, "end": 4.5, "text": "a very long line that goes on and on and on"},
        {"start": 5, "end": 5.5, "text": "Hi"},
        {"start": 6, "end": 14, "text": "one\ntwo\nthree"},
        {"start": 13, "end": 15, "text": "日本語の字幕です"},
    ]
    _, _, notes, _ = made(tmp_path, lines=lines)
    assert [note.partition(" ")[0] for note in notes] == ["1", "2", "3", "4", "4", "4"]
    assert "1 (0:00.000): 39 characters a second, at most 20: show it 2.0 s" in notes
    assert "2 (0:02.000): a line of 43 characters, at most 42" in notes
    assert "3 (0:05.000): 0.50 s on the screen, at least 0.83" in notes
    assert "4 (0:06.000): is still there when the next one comes, for 1.00 s" in notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1\n-00:00:01,000 --> 00:00:02,000\nHi\n", "line 2: `-00:00:01,000` is no time"),
        ("1\n00:00:05,000 --> 00:00:02,000\nHi\n", "line 2: the text ends at 2 s and begins at 5 s"),
        ("1\n00:00:01,000 --> 99:00:00,000\nHi\n", "line 2: `99:00:00,000` is later than 24 hours"),
        ("Just a text.", "no subtitles in a format"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", "there is no text in it"),
        (SRT.encode().replace(b"Bye", b"Gr\xfc\xdfe"), "line 8: this is not text in utf-8"),
        (b"\0\1\2\3", "no text file"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi\n\n" * 20_001, "more than 20,000 texts"),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than 8 MiB"),
        ("1\n" * 1_000_000, "no subtitles in a format"),
        ("1\n00:00:01,000 -> 00:00:02,000\nHi\n\n" + SRT, "line 2: .* has no `-->` between its times"),
        (SRT + "3\n00:00:05,000 --> soon\nHi\n", "line 10: `soon` is no time"),
        ("1\n00:00:01,000 --> 00:00:02,000\n" + "a" * 5001, "line 2: the text has 5,001 characters"),
        (ASS.replace("0,0:00:03.00", "0,-0:00:03.00"), "line 9: `-0:00:03.00` is no time"),
        (ASS + "Dialogue: 0,0:00:01.00\n", "line 10: this line has too few fields"),
    ],
)
def test_files_that_are_not_right(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(NodeError, match=message):
        made(tmp_path, file=given(tmp_path, text))


def test_other_encodings(tmp_path: Path) -> None:
    text = SRT.replace("Bye", "Grüße")
    for data, more in (
        (text.encode("utf-16"), {}),
        (text.encode("utf-16-le"), {}),
        (text.encode("utf-16-be"), {}),
        (text.encode("utf-8-sig"), {}),
        (text.encode("utf-8-sig"), {"encoding": "windows-1252"}),
        (text.encode("windows-1252"), {"encoding": "windows-1252"}),
    ):
        assert made(tmp_path, file=given(tmp_path, data), **more)[0][1]["text"] == "Grüße"


def test_a_wrong_encoding_is_told_where_it_shows(tmp_path: Path) -> None:
    text = SRT.replace("Bye", "Grüße")
    *_, told = made(tmp_path, file=given(tmp_path, text), encoding="windows-1252")
    assert "subs.srt looks like UTF-8, and is read as windows-1252" in told
    *_, told = made(tmp_path, file=given(tmp_path, text.encode("windows-1252")), encoding="windows-1252")
    assert not any("UTF-8" in line for line in told)


def test_the_check_reads_a_file_that_is_there(tmp_path: Path) -> None:
    """So that nothing is paid for before the subtitles turn out to be none."""
    (tmp_path / "de.srt").write_bytes(SRT.replace("Bye", "Grüße").encode("windows-1252"))
    (tmp_path / "film.yaml").write_text(
        "callsheet: 1\nname: film\nnodes:\n"
        "  wrong: {uses: text/subtitles, with: {file: ./de.srt}}\n"
        "  right: {uses: text/subtitles, with: {file: ./de.srt, encoding: windows-1252}}\n"
    )
    (found,) = callsheet.check(tmp_path / "film.yaml").diagnostics
    assert (found.to_json()["line"], found.message) == (4, "de.srt, line 8: this is not text in utf-8")


def test_lines_that_belong_to_no_text_are_told_and_counted(tmp_path: Path) -> None:
    strays = "\n\n".join(f"stray {i}" for i in range(1000))
    *_, told = made(tmp_path, file=given(tmp_path, f"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n{strays}\n"))
    assert told[0] == "line 6 belongs to no text and is left out: stray 0"
    assert len(told) == 4 and told[3] == "997 more lines belong to no text and are left out"


def test_html_and_empty_lines_inside_a_text(tmp_path: Path) -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\n<font color='red'>one</font><br/>1 &lt; 2 <3\n\n\n7\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\n<script>x</script>\n"
    )
    lines, _, _, told = made(tmp_path, file=given(tmp_path, text))
    assert [line["text"] for line in lines] == ["one\n1 < 2 <3\n7", "x"]
    assert told == ["italics, colours and other looks are not kept (in 2 texts)"]


@pytest.mark.parametrize("mark", ["<", "<b ", "<v ", "<00:01.000>", "{\\k1", "{\\p1", "{\\p1}", "&amp;", "{"])
def test_a_hostile_file_is_read_in_time_that_grows_with_its_length(tmp_path: Path, mark: str) -> None:
    """Half a megabyte of what begins and never ends: minutes if it were read once for each beginning."""
    head = "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n00:03.000 --> 00:04.000\n"
    long = mark * (500_000 // len(mark))
    for text in (head + long, ASS + "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,," + long + "\n"):
        try:
            made(tmp_path, file=given(tmp_path, text))
        except NodeError as error:
            assert "characters" in str(error)
