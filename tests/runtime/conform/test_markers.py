"""Notes go to the editing program as markers, and markers come back as notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import callsheet as api
from tests.conftest import Typed
from tests.grey_film import grey_shot, write_film

DAWN, DUSK = 'clip["dawn"]', 'clip["dusk"]'
OTIO = Path("given/harbour.otio")
Timeline = dict[str, Any]


@pytest.fixture
def typed(callsheet: Typed, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A film that is made, with an answered note on frames 6 to 11 of dusk; types `callsheet` and more."""
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Ann")
    write_film()
    assert api.run("film.yaml").status == "done"
    assert (
        callsheet("notes", "film.yaml", "--add", "too dark", "--on", DUSK, "--at", "6", "--to", "11")[0] == 0
    )
    (note,) = notes(callsheet)
    callsheet("notes", "film.yaml", "--reply", note["id"], "will do", "--author", "Bea")
    return callsheet


def notes(typed: Typed) -> list[dict[str, Any]]:
    done, out, err = typed("notes", "film.yaml", "--json")
    assert done == 0, err
    found: list[dict[str, Any]] = json.loads(out)["notes"]
    return found


def export(typed: Typed, form: str = "otio") -> str:
    done, out, err = typed("export", "film.yaml", "-o", "given", "-f", form)
    assert done == 0, (out, err)
    return err


def clips(timeline: Timeline) -> list[Any]:
    children: list[Any] = timeline["tracks"]["children"][0]["children"]
    return children


def back(typed: Typed, change: Callable[[Timeline], None]) -> str:
    timeline = json.loads(OTIO.read_text(encoding="utf-8"))
    change(timeline)
    OTIO.with_name("edited.otio").write_text(json.dumps(timeline), encoding="utf-8")
    done, out, err = typed("conform", "given/edited.otio", "film.yaml")
    assert done == 0, err
    return out


def mark(name: str, text: str, first: float, frames: float, **more: object) -> Timeline:
    def time(value: float) -> Timeline:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": value}

    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(first), "duration": time(frames)}
    return {"OTIO_SCHEMA": "Marker.2", "name": name, "comment": text, "marked_range": span, **more}


def test_a_note_is_a_marker_with_its_author_and_answers(typed: Typed) -> None:
    export(typed)
    (shot, note) = clips(json.loads(OTIO.read_text()))[1]["markers"]
    assert shot["name"] == DUSK and note["color"] == "YELLOW"
    assert note["name"] == f"note {notes(typed)[0]['id']}"
    assert note["comment"] == "Ann: too dark\n> Bea: will do"
    first = clips(json.loads(OTIO.read_text()))[1]["source_range"]["start_time"]["value"]
    span = note["marked_range"]
    assert (span["start_time"]["value"] - first, span["duration"]["value"]) == (6, 6)


@pytest.mark.parametrize(
    ("form", "name"), [("fcp7", "harbour.xml"), ("edl", "harbour.edl"), ("mlt", "harbour.mlt")]
)
def test_other_forms_have_it_too(typed: Typed, form: str, name: str) -> None:
    export(typed, form)
    said = form != "mlt"
    assert ("too dark" in Path("given", name).read_text()) == said


def test_what_is_not_shown_has_no_marker_and_is_said(typed: Typed) -> None:
    grey_shot("dusk", 90, frames=4)
    assert api.run("film.yaml").status == "done"
    assert "1 note on pictures that the film does not show: no marker" in export(typed)


@pytest.mark.parametrize("form", ["otio", "fcp7", "edl"])
def test_our_own_markers_are_no_notes(typed: Typed, form: str) -> None:
    export(typed, form)
    name = {"otio": "harbour.otio", "fcp7": "harbour.xml", "edl": "harbour.edl"}[form]
    before = Path("film.notes.jsonl").read_bytes()
    done, out, err = typed("conform", f"given/{name}", "film.yaml")
    assert done == 0 and "from markers" not in out, (out, err)
    assert Path("film.notes.jsonl").read_bytes() == before


def test_our_own_markers_are_none_in_capitals_either(typed: Typed) -> None:
    """As other software writes the comments of an EDL."""
    export(typed, "edl")
    path, before = Path("given/harbour.edl"), Path("film.notes.jsonl").read_bytes()
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line.upper() if "LOC:" in line else line for line in lines), encoding="utf-8")
    done, out, err = typed("conform", str(path), "film.yaml")
    assert done == 0 and "from markers" not in out, (out, err)
    assert Path("film.notes.jsonl").read_bytes() == before


def test_markers_come_back_once(typed: Typed) -> None:
    """Of a clip, of the timeline, of Resolve; one that says nothing, one without a place, and nonsense."""

    def marked(timeline: Timeline) -> None:
        dawn = clips(timeline)[0]
        start = dawn["source_range"]["start_time"]["value"]
        resolve = {"Resolve_OTIO": {"Note": "from Resolve"}}
        dawn["markers"] += [mark("Marker 1", "a cut here", start + 3, 2, color="RED")]
        dawn["markers"] += [mark("Marker 2", "", start, 1, metadata=resolve), mark("Marker 3", "", start, 1)]
        dawn["markers"] += [
            {"OTIO_SCHEMA": "Marker.2", "name": "nowhere"},
            7,
            mark("x", "", 1e300, 1),
        ]
        timeline["tracks"]["markers"] += [mark("music", "comes late", 50, 0)]

    export(typed)
    assert "3 notes from markers" in back(typed, marked)
    found = {n["text"]: n for n in notes(typed)}
    one, two, three = found["a cut here"], found["from Resolve"], found["music\ncomes late"]
    assert (one["shot"], one["frame"], one["frames"], one["color"]) == (DAWN, 3, 2, "RED")
    assert (
        one["digest"]
        == json.loads(OTIO.read_text())["tracks"]["children"][0]["children"][0]["metadata"]["callsheet"][
            "digest"
        ]
    )
    assert (two["shot"], two["frame"]) == (DAWN, 0)
    assert (three["shot"], three["frame"]) == ('clip["night"]', 2)
    typed("notes", "film.yaml", "--close", one["id"])
    assert "from markers" not in back(typed, marked), "the same cut brings no note again"
    assert len(notes(typed)) == 4 and {n["text"]: n["status"] for n in notes(typed)}["a cut here"] == "done"


def test_what_is_written_into_the_marker_of_a_note_is_an_answer(typed: Typed) -> None:
    def answered(timeline: Timeline) -> None:
        clips(timeline)[1]["markers"][1]["comment"] += "\nbetter now"

    export(typed)
    assert "1 note from markers" in back(typed, answered)
    (note,) = notes(typed)
    assert [reply["text"] for reply in note["replies"]] == ["will do", "better now"]
    assert "from markers" not in back(typed, answered)


def test_a_list_of_markers_alone_changes_no_cut(typed: Typed) -> None:
    Path("markers.edl").write_text(
        "TITLE: harbour\nFCM: NON-DROP FRAME\n\n"
        "001  001      V     C        01:00:01:02 01:00:01:03 01:00:01:02 01:00:01:03\n"
        " |C:ResolveColorRed |M:too fast |D:4\n\n"
    )
    done, out, err = typed("conform", "markers.edl", "film.yaml")
    assert done == 0 and "1 note from markers" in out, err
    assert not Path("film.cut.otio").exists()
    note = notes(typed)[1]
    assert (note["text"], note["shot"], note["frame"], note["frames"]) == ("too fast", DUSK, 2, 4)
