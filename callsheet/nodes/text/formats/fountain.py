"""Reads shot lists from Fountain screenplays (fountain.io).

A note `[[shot: 12A size=WS dur=6 move="slow dolly in"]]` begins a shot; what follows up to the next one
is its action and dialogue. A scene without such notes is one shot, or with `Wanted.camera` one for each of
its camera lines, such as `CLOSE ON THE LAMP`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from callsheet.nodes.text.formats.camera_line import camera_size
from callsheet.nodes.text.formats.speaking_time import guessed_seconds
from callsheet.nodes.text.formats.table import ALIASES, Row, ShotListError, Tell, column
from callsheet.spec.plural import plural

HEADING: Final = re.compile(
    r"(?:\.(?=[^.\s])|(?=(?:INT\.?/EXT|EXT\.?/INT|INT|EXT|EST|I/E)[. ]))"
    r"(?P<words>.+?)(?:\s*#(?P<number>[\w.-]+)#)?\Z",
    re.IGNORECASE,
)
TRANSITION: Final = re.compile(
    r"(?:>\s*(?P<forced>[^<]+)|(?P<usual>[A-Z][A-Z ]* TO:|FADE OUT\.?|FADE IN:))\Z"
)
CHARACTER: Final = re.compile(r"@(?P<forced>[^(^]+)|(?P<usual>[^a-z(^]*[A-Z][^a-z(^]*)(?:\(.*)?\^?\Z")
EXTENSION: Final = re.compile(r"\(([^()]{1,80})\)\s*\^?\Z")
"""What stands behind a name: `(V.O.)`, `(CONT'D)`."""
STRUCTURE: Final = ("#", "=")
"""How sections, synopses and page breaks begin. A scene may follow without an empty line between."""
LEFT_OUT: Final = (*STRUCTURE, "~")
"""How lines begin that are no action; `~` begins lyrics."""
SHOT: Final = re.compile(r"\s*shot\s*:", re.IGNORECASE)
PART: Final = re.compile(
    r"""(?P<name>[A-Za-z_]\w*)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))|(?P<word>[^\s="]+)"""
)
TITLE_KEY: Final = re.compile(r"[A-Za-z][\w ]*:")
EMPHASIS: Final = re.compile(r"(?<!\\)[*_]{1,3}")
MARK: Final = "\x00"
"""Stands in a line for the shot note that began there."""
LONGEST: Final = 200
"""Characters of a heading, a name or a transition; a longer line is action."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list has beside the rest. lines: what is said, line by line. camera: camera lines begin shots.
    guess: lengths that are not written, from the words."""

    lines: bool = False
    camera: bool = False
    guess: bool = False


@dataclass(slots=True)
class Shot:
    """A shot while it is being read. noted: a shot note or a camera line began it."""

    line: int
    scene: str = ""
    heading: str = ""
    number: int = 1
    noted: bool = False
    cells: dict[str, str] = field(default_factory=dict)
    action: list[str] = field(default_factory=list)
    dialogue: list[str] = field(default_factory=list)
    lines: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.noted or self.action or self.dialogue)

    def row(self, wanted: Wanted) -> Row:
        action = " ".join(self.action)
        spoken = " ".join(line["text"] for line in self.lines)
        guess = {"duration": guessed_seconds(spoken, action)} if wanted.guess and (spoken or action) else {}
        gathered = {
            "id": f"{self.scene}-{self.number}" if self.noted else self.scene,
            "scene": self.scene,
            "description": action,
            "prompt": ". ".join(part.rstrip(". ") for part in (self.heading, action) if part),
            "dialogue": "\n".join(self.dialogue),
        }
        cells = {name: text for name, text in {**gathered, **guess, **self.cells}.items() if text}
        return Row(self.line, cells, self.lines if wanted.lines else ())


def screenplay(text: str, tell: Tell, wanted: Wanted = Wanted()) -> Iterator[Row]:
    """One row for each shot, in order. Tells what is left out. Raises ShotListError."""
    reader = _Reader(text, tell, wanted)
    shots = [shot.row(wanted) for shot in reader.shots()]
    reader.tell_of_rest()
    if not shots:
        help = "a scene begins with a line like `INT. LIGHTHOUSE - NIGHT`, with an empty line above it"
        raise ShotListError(0, "there is no scene with anything in it", help)
    yield from shots


class _Reader:
    """Reads the lines once. shot: the one being read. speaker: the person whose dialogue it is."""

    def __init__(self, text: str, tell: Tell, wanted: Wanted) -> None:
        self.tell, self.wanted = tell, wanted
        self.left: Counter[str] = Counter()
        self.notes: dict[int, dict[str, str]] = {}
        text = _without(
            text.replace(MARK, ""), "/*", "*/", lambda _, __: self._leave("passage between /* and */")
        )
        self.lines = _without(text, "[[", "]]", self._note).split("\n")
        self.shot = Shot(1)
        self.scenes = 0
        self.speaker = ""

    def shots(self) -> Iterator[Shot]:
        for index in range(self._after_title_page(), len(self.lines)):
            ended = self._take(index + 1)
            if ended is not None and self._holds(ended):
                yield ended
        if self.scenes and self._holds(self.shot):
            yield self.shot

    def _holds(self, shot: Shot) -> bool:
        """Whether there is something in a shot. Tells when there is not."""
        if shot.is_empty:
            self.tell(f"line {shot.line}: the scene `{shot.heading[:60]}` is empty, and left out")
        return not shot.is_empty

    def tell_of_rest(self) -> None:
        """Tell what of the file is in no shot."""
        if self.left:
            self.tell("left out: " + ", ".join(plural(count, what) for what, count in self.left.items()))

    def _leave(self, what: str) -> str:
        """Count something that is in no shot; the text that replaces it is empty."""
        self.left[what] += 1
        return ""

    def _note(self, line: int, note: str) -> str:
        """Keep the content of a shot note, and return what replaces it in the line."""
        if not (shot := SHOT.match(note)):
            return self._leave("note")
        if line in self.notes:
            raise ShotListError(line, "two shot notes begin on this line", "put each on a line of its own")
        self.notes[line] = _parts(line, note[shot.end() :])
        return MARK

    def _after_title_page(self) -> int:
        first = self.lines[0]
        if not TITLE_KEY.match(first) or TRANSITION.match(first.strip()):
            return 0
        return next((i for i, line in enumerate(self.lines) if not line.strip()), len(self.lines))

    def _words(self, number: int) -> str:
        """The text of line `number`, from 1; '' outside of the file."""
        return self.lines[number - 1].replace(MARK, "").strip() if 0 < number <= len(self.lines) else ""

    def _take(self, number: int) -> Shot | None:
        """Read one line, and return the shot that it ends, if any."""
        words, above = self._words(number), self._words(number - 1)
        alone = not above
        begins = alone or above.startswith(STRUCTURE) or TRANSITION.match(above[: LONGEST + 1])
        if begins and len(words) <= LONGEST and (heading := HEADING.match(words)):
            return self._scene(number, heading)
        if not self.scenes and self.shot.is_empty:
            self.shot.line = number
        if self._is_camera(words, alone):
            return self._camera(number, words)
        ended = self._noted(number) if number in self.notes else None
        self._line(words, alone, followed=bool(self._words(number + 1)))
        return ended

    def _is_camera(self, words: str, alone: bool) -> bool:
        wanted = self.wanted.camera and self.scenes and alone and self.shot.line not in self.notes
        return bool(wanted) and len(words) <= LONGEST and camera_size(words) is not None

    def _scene(self, number: int, heading: re.Match[str]) -> Shot | None:
        ended = self.shot if self.scenes else None
        if not self.scenes and not self.shot.is_empty:
            self.tell(f"line {self.shot.line}: what stands before the first scene is left out")
        self.scenes += 1
        self.shot = Shot(number, heading["number"] or str(self.scenes), heading["words"].strip())
        self.speaker = ""
        return ended

    def _noted(self, number: int) -> Shot | None:
        """Begin a shot with a note. Text between a heading and its first note belongs to that note."""
        if not self.scenes:
            help = "put it below a line like `INT. LIGHTHOUSE - NIGHT`"
            raise ShotListError(number, "this shot note stands before the first scene", help)
        before, self.speaker = self.shot, ""
        count = before.number + before.noted
        self.shot = Shot(number, before.scene, before.heading, count, True, self.notes[number])
        if before.noted:
            return before
        self.shot.action, self.shot.dialogue, self.shot.lines = before.action, before.dialogue, before.lines
        return None

    def _camera(self, number: int, words: str) -> Shot | None:
        """Begin a shot with a camera line, and return the one that it ends."""
        before = self.shot
        if before.is_empty:
            before.noted = True
            ended = None
        else:
            self.shot = Shot(number, before.scene, before.heading, before.number + 1, True)
            ended = before
        self.speaker = ""
        self.shot.action.append(_unmarked(words))
        if size := camera_size(words):
            self.shot.cells.setdefault("size", size)
        return ended

    def _said(self, words: str) -> None:
        """A line below a name: what is said, or how."""
        lines = self.shot.lines
        if words.startswith("("):
            if not self.wanted.lines:
                self._leave("direction such as (softly)")
            beside = {name: lines[-1][name] for name in ("extension",) if name in lines[-1]}
            fresh = {"who": self.speaker, "text": "", **beside, "parenthetical": words.strip("() ")}
            lines[-1:] = [*([lines[-1]] if lines[-1]["text"] else []), fresh]
            return
        self.shot.dialogue.append(f"{self.speaker}: {_unmarked(words)}")
        lines[-1]["text"] = f"{lines[-1]['text']} {_unmarked(words)}".strip()

    def _speaks(self, name: str, words: str) -> None:
        """Somebody begins to speak."""
        self.speaker = name.strip()
        extension = EXTENSION.search(words)
        if extension and not self.wanted.lines:
            self._leave("word behind a name, such as (V.O.)")
        beside = {"extension": extension[1].strip()} if extension else {}
        self.shot.lines.append({"who": self.speaker, "text": "", **beside})

    def _line(self, words: str, alone: bool, followed: bool) -> None:
        short = alone and len(words) <= LONGEST
        if not words:
            self.speaker = ""
        elif self.speaker:
            self._said(words)
        elif short and (transition := TRANSITION.match(words)):
            said = transition["forced"] or transition["usual"]
            self.shot.cells.setdefault("transition", said.rstrip(": ."))
        elif short and followed and (name := CHARACTER.match(words)):
            self._speaks(name["forced"] or name["usual"], words)
        elif words.startswith(LEFT_OUT):
            self._leave("line of lyrics" if words.startswith("~") else "line of structure (# or =)")
        else:
            self.shot.action.append(_unmarked(words.lstrip("!").removeprefix(">").removesuffix("<")))


def _without(text: str, opening: str, closing: str, replacement: Callable[[int, str], str]) -> str:
    """`text` with what is between `opening` and `closing` replaced, all its lines kept.

    replacement: line (from 1) and what is between → what stands there.
    """
    parts, at, line = [], 0, 1
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start)) >= 0:
        line += text.count("\n", at, start)
        inside = text[start + len(opening) : end]
        parts += [text[at:start], replacement(line, inside), "\n" * inside.count("\n")]
        line, at = line + inside.count("\n"), end + len(closing)
    return "".join([*parts, text[at:]])


def _parts(line: int, text: str) -> dict[str, str]:
    """`12A size=WS dur=6` as cells."""
    cells: dict[str, str] = {}
    for part in PART.finditer(text):
        if part["word"]:
            cells["id"] = f"{cells['id']} {part['word']}" if "id" in cells else part["word"]
            continue
        name = column(part["name"])
        if name is None:
            message = f"a shot note has no `{part['name'][:40]}`"
            raise ShotListError(line, message, f"it takes {', '.join(ALIASES)}")
        cells[name] = (part["quoted"] if part["bare"] is None else part["bare"]).strip()
    return cells


def _unmarked(line: str) -> str:
    """The words of a line without the marks of emphasis."""
    return EMPHASIS.sub("", line).strip()
