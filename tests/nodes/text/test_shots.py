"""text/shots on lists as people keep them, and on what only looks like one."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.errors import NodeError
from callsheet.nodes.text.formats.camera_line import camera_size
from callsheet.nodes.text.formats.duration import seconds
from callsheet.nodes.text.formats.table import CANONICAL, ShotListError, plain
from callsheet.nodes.text.shots import READERS, SPEC, detect, shots
from callsheet.nodes.text.shots import run as run_shots
from callsheet.spec.conform import delivered
from callsheet.spec.node import Job

LISTS = Path(__file__).parent / "lists"


def listed(run, name):
    found = run("text/shots", file=LISTS / name)
    assert delivered(SPEC.outputs, found, lambda made, _: made) == found
    return found["shots"]


def test_a_spreadsheet_with_semicolons(run):
    assert listed(run, "studio.csv") == [
        {
            "id": "1-1", "scene": "1", "shot": "1", "size": "WS", "move": "slow dolly in",
            "description": "The lighthouse; black waves below", "prompt": "The lighthouse; black waves below",
            "duration": 6.0, "refs": "mara.png, stair.png",
        },
        {
            "id": "1-2", "scene": "1", "shot": "2", "size": "CU", "move": "static",
            "description": 'Mara says "no".', "prompt": 'Mara says "no".', "dialogue": "MARA: No.",
            "duration": 4.5,
        },
        {
            "id": "2-1", "scene": "2", "shot": "1", "size": "ECU", "move": "handheld",
            "description": "Her hand on the lever", "prompt": "Her hand on the lever", "duration": 3.0,
        },
    ]  # fmt: skip


def test_a_markdown_table(run):
    assert listed(run, "board.md") == [
        {
            "id": "1",
            "shot": "1",
            "prompt": "a lamp | a storm",
            "motion": "slow dolly in\nthen hold",
            "duration": 90.0,
        },
        {"id": "2", "shot": "2", "prompt": "*dawn* over the cliff", "duration": 6.0},
    ]


def test_tabs(run):
    assert listed(run, "tabs.tsv") == [
        {"id": "dusk", "prompt": "climbing the stair", "duration": 8.0, "notes": "magic hour"},
        {"id": "dawn", "prompt": "asleep at the window", "duration": 5.0},
    ]


def test_a_screenplay(run):
    first, second, third = listed(run, "lamp.fountain")
    assert first == {
        "id": "1A",
        "scene": "1",
        "size": "WS",
        "move": "slow dolly in",
        "description": "A red-haired keeper climbs. Rain on the glass.",
        "prompt": "INT. LIGHTHOUSE - NIGHT. A red-haired keeper climbs. Rain on the glass",
        "dialogue": "MARA: Nobody comes anymore.",
        "duration": 6.0,
    }
    assert (second["id"], second["duration"], second["transition"]) == ("1B", 4.0, "CUT TO")
    assert (third["id"], third["dialogue"]) == ("2", "KEEPER: Good morning.")
    assert "not" not in third["description"]


def test_a_storyboard(run):
    assert listed(run, "film.storyboarder") == [
        {
            "id": "1A",
            "shot": "1A",
            "description": "The keeper climbs.",
            "prompt": "The keeper climbs.",
            "notes": "wide",
            "image": "board-1-A1B2C.png",
            "duration": 4.0,
        },
        {
            "id": "1B",
            "shot": "1B",
            "dialogue": "Nobody comes.",
            "image": "board-2-D3E4F.png",
            "duration": 2.5,
        },
    ]


@pytest.mark.parametrize("name", sorted(path.name for path in LISTS.iterdir()))
def test_the_text_itself_says_what_it_is(run, name):
    text = (LISTS / name).read_text(encoding="utf-8-sig")
    assert run("text/shots", text=text)["shots"] == listed(run, name)


def test_a_spreadsheet_in_utf_16(run, tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes("id,prompt\nä,Möwe\n".encode("utf-16"))
    assert run("text/shots", file=path)["shots"] == [{"id": "ä", "prompt": "Möwe"}]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Scene #", "scene"), ("Shot#", "shot"), ("#", "shot"), ("**Duration (s)**", "duration"),
        ("shot_id", "id"), ("Voice-Over", "dialogue"), ("Negative Prompt", "negative"), ("SFX", "audio"),
        ("Camera movement", "move"), ("Dur.", "duration"), ("Price", None), ("", None),
    ],
)  # fmt: skip
def test_headers(header, column):
    assert CANONICAL.get(plain(header)) == column


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("6", 6), ("6.5", 6.5), ("6,5", 6.5), ("6s", 6), ("~6 sec", 6), ("0:06", 6), ("1:02:03", 3723),
        ("1m 30s", 90),
        ("1'30\"", 90), ("2 min", 120), ("2500ms", 2.5),
        ("soon", None), ("6-8", None), ("", None), ("-3", None),
    ],
)  # fmt: skip
def test_durations(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize(
    ("form", "text", "message"),
    [
        ("csv", "", "the shot list is empty"),
        ("csv", "id,prompt\n", "there is no shot in it"),
        (
            "csv",
            "price,colour\n1,red\n",
            "line 1: none of these is a column of a shot list: `price`, `colour`",
        ),
        ("csv", 'id,prompt\na,"b\nc', "line 2: this is no line of a table"),
        ("csv", "id,prompt\na,b\nc,d,e\n", "line 3: this line has 3 cells, the header 2"),
        ("csv", "id,prompt\na,b\n\na,c\n", "line 4: the shot `a` is there already (line 2)"),
        ("csv", "id,duration\na,soon\n", "line 2: `soon` is no duration"),
        ("markdown", "no table", "there is no Markdown table in it"),
        ("markdown", "| price |\n|---|\n| 1 |", "line 1: none of these"),
        ("fountain", "Once upon a time.", "there is no scene"),
        ("fountain", "[[shot: 1]]\n\nINT. A\n\nx", "line 1: this shot note stands before the first scene"),
        ("fountain", "INT. A\n\n[[shot: 1 colour=red]]\nx", "line 3: a shot note has no `colour`"),
        ("fountain", "INT. A\n\n[[shot: 1]] [[shot: 2]]\nx", "line 3: two shot notes begin on this line"),
        ("fountain", "INT. A #1#\n\nx\n\nINT. B #1#\n\ny", "line 5: the shot `1` is there already (line 1)"),
        ("storyboarder", "{", "the Storyboarder file is not JSON"),
        ("storyboarder", '{"boards": []}', "no list of `boards`"),
        ("storyboarder", '{"boards": [3]}', "line 1: this board is no object"),
        ("storyboarder", '{"boards": ' + "[" * 200 + "]" * 200 + "}", "nests deeper than 100"),
        ("auto", "Once upon a time.", "no shot list in a format that is known"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(run, form, text, message):
    with pytest.raises(NodeError) as caught:
        run("text/shots", text=text, format=form)
    assert message in caught.value.message and caught.value.kind == "local" and caught.value.next_step


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"id,prompt\na,\xff\xfe\n", "bad.csv, line 2: this is not UTF-8"),
        (b"PK\x03\x04\0\0", "is no text file"),
    ],
)
def test_a_file_that_is_no_text(run, tmp_path, data, message):
    path = tmp_path / "bad.csv"
    path.write_bytes(data)
    with pytest.raises(NodeError) as caught:
        run("text/shots", file=path)
    assert message in caught.value.message


@given(st.sampled_from(sorted(READERS)), st.text(alphabet='ab1|-;,"\n\t [](){}/*#=>.:INTEX@\0', max_size=300))
def test_garbage_is_read_or_refused(form, text):
    try:
        detect(text)
    except ShotListError as error:
        assert error.message
    try:
        found = shots(READERS[form](text, print))
    except ShotListError as error:
        assert error.message and error.help
    else:
        assert len({shot["id"] for shot in found}) == len(found) > 0


@pytest.mark.parametrize("form", sorted(READERS))
@pytest.mark.parametrize(
    "piece", ["/*", "[[", "[[shot:", "| - ", "INT. A#", "A" * 400 + "\n\n", '"', "a=", ":-", "(A ", "#", "* "]
)
def test_hostile_texts_take_no_time(form, piece):
    text, began = "INT. A\n\n" + piece * (200_000 // len(piece)), time.process_time()
    with suppress(ShotListError):
        shots(READERS[form](text, print))
    assert time.process_time() - began < 2


SCRIPT = """Title: The Lamp

# Act one

INT. LIGHTHOUSE - NIGHT

Rain. [[ask about the rain]] Mara climbs the stair with a lamp in her hand, slowly, for the last time.

CLOSE ON THE LAMP

It flickers.

MARA (V.O.)
(softly)
Nobody comes anymore.
(louder)
Nobody!

BACK TO SCENE

She stops.

EXT. CLIFF - DAWN

WIDE SHOT

~A song of the sea
The beam goes out.
"""


class TestScreenplay:
    """What a list has beside the rest, if it is asked for. Without, lists are as they always were: their
    texts are in requests that were paid."""

    def listed(self, run, **wanted):
        found = run("text/shots", text=SCRIPT, format="fountain", **wanted)
        assert delivered(SPEC.outputs, found, lambda made, _: made) == found
        return found["shots"]

    def test_as_it_always_was(self, run):
        shots = self.listed(run)
        assert [shot["id"] for shot in shots] == ["1", "2"]
        assert shots[0]["dialogue"] == "MARA: Nobody comes anymore.\nMARA: Nobody!"
        assert not any(shot.keys() & {"lines", "duration", "size"} for shot in shots)
        assert self.listed(run, lines=False, camera=False, guess=False) == shots

    def test_lines(self, run):
        shots = self.listed(run, lines=True)
        assert shots[0]["lines"] == [
            {"who": "MARA", "text": "Nobody comes anymore.", "extension": "V.O.", "parenthetical": "softly"},
            {"who": "MARA", "text": "Nobody!", "extension": "V.O.", "parenthetical": "louder"},
        ]
        assert "lines" not in shots[1]

    def test_camera_lines_begin_shots(self, run):
        shots = self.listed(run, camera=True)
        assert [(shot["id"], shot.get("size")) for shot in shots] == [
            ("1", None), ("1-2", "CU"), ("1-3", None), ("2-1", "WS"),
        ]  # fmt: skip
        assert shots[1]["description"] == "CLOSE ON THE LAMP It flickers."
        assert shots[1]["prompt"].startswith("INT. LIGHTHOUSE - NIGHT. CLOSE ON")
        assert "dialogue" in shots[1] and "dialogue" not in shots[2]

    def test_notes_of_the_writer_win_over_camera_lines(self, run):
        text = "INT. HUT - DAY\n\n[[shot: 1A dur=3]]\nA door.\n\nCLOSE ON THE DOOR\n\nIt opens.\n"
        (shot,) = run("text/shots", text=text, format="fountain", camera=True)["shots"]
        assert shot["id"] == "1A" and shot["description"] == "A door. CLOSE ON THE DOOR It opens."

    def test_lengths_are_guessed_where_none_is_written(self, run):
        first, second = self.listed(run, guess=True)
        assert first["duration"] == 9.5 and second["duration"] == 2.0
        (written,) = run(
            "text/shots", text="INT. HUT - DAY\n\n[[shot: dur=3]]\nA door.\n", format="fountain", guess=True
        )["shots"]
        assert written["duration"] == 3.0

    @pytest.mark.parametrize(
        ("line", "size"),
        [
            ("EXTREME CLOSE-UP - AN EYE", "ECU"), ("INSERT - THE LETTER", "INSERT"), ("MARA'S POV", "POV"),
            ("ANGLE ON THE DOOR", ""), ("CLOSER THAN EVER", None), ("Close on the lamp", None),
            ("MARA", None), ("WIDER", None), ("CLOSE THE DOOR", None), ("CLOSE - MARA", "CU"), ("WIDE", "WS"),
        ],
    )  # fmt: skip
    def test_which_lines_are_of_the_camera(self, line, size):
        assert camera_size(line) == size

    def test_what_is_left_out_is_named(self, run, tmp_path):
        told: list[str] = []
        job = Job("n", SPEC, {"text": SCRIPT, "format": "fountain"}, tmp_path, tell=told.append)
        run_shots(job)
        assert told == [
            "left out: 1 note, 1 line of structure (# or =), 1 word behind a name, such as (V.O.), "
            "2 directions such as (softly), 1 line of lyrics"
        ]

    def test_other_lists_are_told_that_it_means_nothing_for_them(self, tmp_path):
        told: list[str] = []
        run_shots(Job("n", SPEC, {"text": "id,prompt\na,b\n", "lines": True}, tmp_path, tell=told.append))
        assert told == ["this is no screenplay, so `lines` changes nothing"]
