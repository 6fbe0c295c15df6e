"""Markers of an edit: shots, gates and notes, and one for each frame where a program drops others."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.runtime.export.cut import EditClip, EditCut, Marker, Medium, Origin
from callsheet.runtime.export.edl import as_edl, as_marker_edl
from callsheet.runtime.export.markers import NOWHERE, markers, merged, of_clips

FILM = Medium("f" * 64, Path("z"), "harbour.mp4", Fraction(24), 96)
CLIPS = (
    EditClip(1, "dawn", FILM, 0, 48, origin=Origin('clip["dawn"]', prompt="waves", decision="approved")),
    EditClip(2, "dusk", FILM, 60, 36, origin=Origin('clip["dusk"]', decision="rejected")),
)
CUT = EditCut("harbour", Fraction(24), 96, CLIPS, FILM, 86_400)
NOTES = (
    Marker(60, "Ann", "too dark | really", "ORANGE", 12, "note"),
    Marker(50, "Ben", "a gap?", "ORANGE", kind="note"),
    Marker(0, "Ann", "lovely", "ORANGE", kind="note"),
)


def test_shots_gates_and_notes_in_order() -> None:
    found = [(m.at, m.kind, m.name, m.color) for m in markers(CUT, NOTES)]
    assert found == [
        (0, "note", "Ann", "ORANGE"), (0, "gate", "approved", "GREEN"), (0, "shot", 'clip["dawn"]', "BLUE"),
        (50, "note", "Ben", "ORANGE"),
        (60, "note", "Ann", "ORANGE"), (60, "gate", "rejected", "RED"), (60, "shot", 'clip["dusk"]', "BLUE"),
    ]  # fmt: skip


def test_one_for_each_frame_keeps_every_text() -> None:
    first, alone, last = merged(markers(CUT, NOTES))
    assert (first.name, first.color, first.text) == ('clip["dawn"]', "ORANGE", "Ann\nlovely\napproved\nwaves")
    assert alone == NOTES[1]
    assert (last.name, last.frames, last.text) == ('clip["dusk"]', 12, "Ann\ntoo dark | really\nrejected")
    plain = next(merged(markers(CUT)))
    assert (plain.color, plain.text) == ("GREEN", "approved\nwaves")


def test_they_are_with_their_clips() -> None:
    found = of_clips(replace(CUT, markers=markers(CUT, NOTES)))
    assert {number: len(several) for number, several in found.items()} == {1: 3, NOWHERE: 1, 2: 3}


def test_an_edl_has_each_under_its_event() -> None:
    cut = replace(CUT, markers=markers(CUT, NOTES))
    lines = [line for line in as_edl(cut).splitlines() if line[:3] in ("001", "002") or "LOC" in line]
    assert lines[1:3] == [
        '* LOC: 01:00:00:00 ORANGE  clip["dawn"] Ann lovely approved waves',
        "* LOC: 01:00:02:02 ORANGE  Ben a gap?",
    ]


def test_the_markers_alone_as_resolve_reads_them() -> None:
    assert as_marker_edl(replace(CUT, markers=markers(CUT, NOTES[:1]))) == (
        "TITLE: harbour\n"
        "FCM: NON-DROP FRAME\n"
        "\n"
        "001  001      V     C        01:00:00:00 01:00:00:01 01:00:00:00 01:00:00:01\n"
        ' |C:ResolveColorGreen |M:clip["dawn"]: approved waves |D:1\n'
        "\n"
        "002  001      V     C        01:00:02:12 01:00:02:13 01:00:02:12 01:00:02:13\n"
        ' |C:ResolveColorYellow |M:clip["dusk"]: Ann too dark / really rejected |D:12\n'
        "\n"
    )
