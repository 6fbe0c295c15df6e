"""What a preview tells in its band: the beats of a film, and what is said in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Beat:
    """One shot, or one part of a take that goes on. start: seconds of the film. address: of the instance.
    made: the model. action: what happens. offset: seconds of the clip before its first picture here."""

    start: float
    address: str
    made: str = ""
    action: str = ""
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """What is said between two places of a film, in seconds. narrated: by somebody who is not in the
    picture."""

    start: float
    until: float
    text: str
    narrated: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """beats and lines, each in the order of their starts. Where lines overlap, the one that began last is
    heard."""

    beats: tuple[Beat, ...] = ()
    lines: tuple[Line, ...] = ()

    def part(self, start: float, until: float, at: float, speed: float = 1.0) -> Story:
        """What is told from `start` to `until` seconds, `speed` times as fast, moved to `at` seconds."""

        def moved(second: float) -> float:
            return at + (max(start, second) - start) / speed

        ends = [*(beat.start for beat in self.beats[1:]), float("inf")]
        beats = tuple(
            replace(beat, start=moved(beat.start), offset=beat.offset + max(0.0, start - beat.start))
            for beat, end in zip(self.beats, ends, strict=False)
            if beat.start < until and end > start
        )
        lines = tuple(
            replace(line, start=moved(line.start), until=at + (min(until, line.until) - start) / speed)
            for line in self.lines
            if line.start < until and line.until > start
        )
        return Story(beats, lines)

    def __add__(self, other: Story) -> Story:
        lines = sorted((*self.lines, *other.lines), key=lambda line: line.start)
        return Story(tuple(sorted((*self.beats, *other.beats), key=lambda b: b.start)), tuple(lines))

    def changes(self, seconds: float) -> Iterator[tuple[float, Beat | None, Line | None]]:
        """Each place where another beat or line begins, with what is shown from there on."""
        places = {0.0, *(b.start for b in self.beats), *(s for x in self.lines for s in (x.start, x.until))}
        for place in sorted(p for p in places if 0 <= p < seconds):
            beat = next((b for b in reversed(self.beats) if b.start <= place), None)
            line = next((x for x in reversed(self.lines) if x.start <= place < x.until), None)
            yield place, beat, line


def said(text: str, start: float, seconds: float, narrated: bool, longest: int = 120) -> Iterator[Line]:
    """The lines of a speech: one for a short text, else one for every sentence or two, each as long as its
    share of the text."""
    pieces = list(_pieces(text, longest))
    whole = sum(map(len, pieces)) or 1
    for piece in pieces:
        until = start + seconds * len(piece) / whole
        yield Line(start, until, piece, narrated)
        start = until


def _pieces(text: str, longest: int) -> Iterator[str]:
    """Parts of a text of at most so many characters, broken after sentences, else after words."""
    piece = ""
    for word in text.split():
        ended = piece.endswith((".", "!", "?", "…")) and len(piece) > longest / 2
        if piece and (ended or len(piece) + 1 + len(word) > longest):
            yield piece
            piece = ""
        piece = f"{piece} {word}".strip()
    if piece:
        yield piece


def told(carried: str, own: str) -> str:
    """The action of what is made from something: what was told before, then what its own prompt adds."""
    before = [clause.strip() for clause in carried.split(",") if clause.strip()]
    known = {clause.casefold() for clause in before}
    after = [c.strip() for c in own.split(",") if c.strip() and c.strip().casefold() not in known]
    if own.casefold().startswith(carried.casefold()):
        return own
    return ", ".join([*before, *after])
