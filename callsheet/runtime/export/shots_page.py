"""The shots of an edit as a page for people: one HTML file with their pictures, which can be printed.

Every text is escaped, no script is in it, and its policy lets it load nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from html import escape
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.thumbnail import thumbnail
from callsheet.runtime.export.cut import EditClip, EditCut, Marker
from callsheet.runtime.export.markers import of_clips
from callsheet.spec.plural import plural
from callsheet.spec.timecode import timecode

WIDTH: Final = 240
"""Pixels of a picture."""
LONGEST: Final = 1500
"""Characters of a prompt that are shown."""
STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #777; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
p { margin: 0 0 .5rem; }
.soft { color: var(--soft); }
table { border-collapse: collapse; width: 100%; margin-top: 1.5rem; }
th { text-align: left; font-weight: 600; }
td, th { border-bottom: 1px solid var(--line); padding: .6rem .75rem .6rem 0; vertical-align: top; }
td img { display: block; width: 200px; height: auto; border-radius: 3px; }
td.number { font-size: 1.25rem; width: 2.5rem; }
.code { font-family: ui-monospace, monospace; font-size: 12px; white-space: nowrap; }
.mark { border-left: 4px solid #36c; padding-left: .4rem; margin-top: .35rem; }
.GREEN { border-color: #2a2; } .RED { border-color: #c33; } .ORANGE, .YELLOW { border-color: #d90; }
.words { overflow-wrap: anywhere; max-width: 30rem; }
@media print {
  body { margin: 0; max-width: none; font-size: 11px; }
  tr { break-inside: avoid; } thead { display: table-header-group; } td img { width: 140px; }
}
"""
HEADINGS: Final = ("", "", "Shot", "In the film", "In its file")
Still = Callable[[EditClip, Fraction], str]
"""The picture of a clip in a film of that many frames a second, as HTML."""


def as_page(cut: EditCut, still: Still) -> str:
    """The page. still: draws the picture of a clip; `drawn`, or `named` where only what changes counts."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'"
    length = timecode(cut.frames, cut.rate)
    told = f"{plural(len(cut.clips), 'shot')}, {length} at {float(cut.rate):g} frames a second"
    rows = "\n".join(_rows(cut, still))
    head = "".join(f"<th>{escape(title)}</th>" for title in HEADINGS)
    notes = "".join(f'<p class="soft">{escape(note)}</p>' for note in cut.notes)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(cut.name)}: shots</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(cut.name)}</h1>\n<p>{escape(told)}</p>\n{notes}\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</body>\n</html>\n"
    )


def drawn(clip: EditClip, rate: Fraction) -> str:
    """The first picture of a clip, inside of the page; "" for one that cannot be read."""
    medium = clip.medium
    if medium is None:
        return ""
    place = clip.start / rate if medium.rate else Fraction(0)
    try:
        content = base64.b64encode(thumbnail(medium.source, place, WIDTH)).decode()
    except (NodeError, OSError):
        return ""
    return f'<img alt="" src="data:image/jpeg;base64,{content}">'


def named(clip: EditClip, rate: Fraction) -> str:
    """What a picture is of, without drawing it."""
    return f"{clip.medium.digest} {clip.start / rate}" if clip.medium else ""


def _rows(cut: EditCut, still: Still) -> Iterator[str]:
    found = of_clips(cut)
    for clip in cut.clips:
        cells = (_about(clip, found.get(clip.number, [])), _in_film(cut, clip), _in_file(cut, clip))
        yield (
            f'<tr><td class="number">{clip.number}</td><td>{still(clip, cut.rate)}</td>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )


def _about(clip: EditClip, markers: list[Marker]) -> str:
    origin = clip.origin
    parts = [f'<div class="words"><b>{escape(origin.address or clip.name)}</b></div>']
    take = f"take {origin.take}" if origin.take > 1 else ""
    price = f"${origin.usd:.2f}" if origin.usd else ""
    told = " · ".join(text for text in (origin.uses, take, price) if text)
    if told:
        parts.append(f'<div class="soft">{escape(told)}</div>')
    if origin.prompt:
        more = "…" if len(origin.prompt) > LONGEST else ""
        parts.append(f'<div class="words">{escape(origin.prompt[:LONGEST] + more)}</div>')
    for marker in markers:
        if marker.kind != "shot":
            said = ": ".join(text for text in (marker.name, marker.text) if text and text != origin.address)
            parts.append(f'<div class="mark {marker.color}">{escape(said)}</div>')
    return "".join(parts)


def _in_film(cut: EditCut, clip: EditClip) -> str:
    lines = [timecode(cut.start + clip.at, cut.rate), timecode(cut.start + clip.end, cut.rate)]
    lines.append(f"{clip.frames} frames, {float(clip.frames / cut.rate):.2f} s")
    lines += [f"comes in over {clip.dissolve} frames"] if clip.dissolve else []
    lines += [f"on track {clip.track + 1}"] if clip.track else []
    return _lines(lines)


def _in_file(cut: EditCut, clip: EditClip) -> str:
    medium = clip.medium
    if medium is None:
        return "the file is not here"
    first, (before, after) = medium.begins_at(cut.rate) + clip.start, clip.handles(cut.rate)
    lines = [medium.name, f"reel {medium.reel}"]
    lines += [timecode(place, cut.rate) for place in (first, first + clip.used)] if medium.rate else []
    lines += [f"handles: {before} before, {after} after"] if medium.rate else []
    lines += [f"{float(clip.speed):g} times as fast"] if clip.speed != 1 else []
    return _lines(lines)


def _lines(lines: list[str]) -> str:
    return "".join(f'<div class="code">{escape(line)}</div>' for line in lines)
