"""Reads a scene out of the words of a prompt: where, when, how close, who and what.

The words are looked up in `lexicon`. Equal prompts give equal scenes, whatever the shape of the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callsheet.nodes.preview import lexicon
from callsheet.nodes.preview.lexicon import INSIDE, OUTSIDE, said
from callsheet.nodes.preview.negation import shown

LONGEST_PHRASE: Final = 4
MOST_PEOPLE: Final = 7
NEAR: Final = 12
"""Words around a person that may say how they look."""
BETWEEN: Final = ("of", "on", "at", "in", "the", "a", "an", "'s")
PLACE_OF: Final = {
    "car": "street", "bus": "street", "bicycle": "street", "train": "railway", "boat": "sea", "plane": "sky",
    "balloon": "sky", "rocket": "space", "horse": "garden", "fish": "underwater", "lighthouse": "sea",
    "house": "garden", "bird": "sky",
}  # fmt: skip
"""Where a thing is when nothing says it."""
RIDES: Final = ("car", "bus", "train", "plane", "rocket")
TABLES: Final = (
    OUTSIDE, INSIDE, lexicon.HINTS, lexicon.THINGS, lexicon.OBJECTS, lexicon.TIMES, lexicon.WEATHERS,
    lexicon.SIZES,
)  # fmt: skip
"""What phrases are looked up in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the picture. name: what they are called, which alone decides how they look, but for what is
    said about it: colour of the clothes as a hue or as a grey, hat, age, length and colour
    of the hair, beard."""

    name: str
    hue: float | None = None
    grey: float | None = None
    hat: bool | None = None
    old: bool = False
    long_hair: bool | None = None
    beard: bool | None = None
    hair: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """place: a key of `lexicon.OUTSIDE` or `INSIDE`. spot: the word for it, which decides its details.
    size: detail, close, medium, full or wide. people: who is seen, at most 7. things: large ones. objects:
    small ones. hues: of things and objects whose colour is said. part: hands, eyes or feet, where the shot
    is of them. is_named: whether any word said it, or all of it is made up."""

    place: str = "hills"
    spot: str = ""
    size: str = "full"
    time: str = "day"
    weather: str = "clear"
    people: tuple[Person, ...] = ()
    things: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    hues: tuple[tuple[str, float], ...] = ()
    part: str = ""
    is_named: bool = True

    @property
    def is_inside(self) -> bool:
        return self.place in INSIDE


@lru_cache(maxsize=512)
def scene_of(prompt: str) -> Scene:
    """The scene that a prompt describes."""
    return _Reading(prompt).scene()


class _Reading:
    """The words of one prompt, looked up. phrases: runs of words, in their order. seen: buildings that are
    seen from outside."""

    def __init__(self, prompt: str) -> None:
        self.shown = shown(prompt)
        self.tokens = re.findall(r"[\w'’-]+", self.shown.text)
        self.words = [_plain(token) for token in self.tokens]
        self.seen = {word for i, word in enumerate(self.words) if self._is_seen(i)}
        self.phrases = list(_phrases(self.words))
        if not _says_where(self.phrases):
            self.phrases += _phrases(self.words, with_trades=True)

    def scene(self) -> Scene:
        things = self._all(lexicon.THINGS)
        objects = self._all(lexicon.OBJECTS)
        part = self._first(lexicon.PARTS)
        people = tuple(self._people())
        size = self._size(part, objects, people)
        place, spot = self._place(things, objects, people, size)
        named = bool(spot or things or objects or people or part)
        return Scene(
            place=place,
            spot=spot,
            size=size,
            time=self._first(lexicon.TIMES) or "day",
            weather=self._first(lexicon.WEATHERS) or "clear",
            people=people,
            things=tuple(t for t in things if not _is_around(t, place)),
            objects=objects,
            hues=tuple(self._hues()),
            part=part if size in ("detail", "close") else "",
            is_named=named,
        )

    def _first(self, table: Mapping[str, str]) -> str:
        """The value of a table that is said first, by the longest phrase that begins there."""
        found = (value for phrase in self.phrases for value in lexicon.values_of(table, phrase))
        return next(found, "")

    def _all(self, table: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v for p in self.phrases for v in lexicon.values_of(table, p)))

    def _says(self, words: str) -> bool:
        return any(phrase in said(words) for phrase in self.phrases)

    def _hues(self) -> Iterator[tuple[str, float]]:
        """Each thing right after whose colour it is named: `a red car`, `a red sports car`."""
        for i, word in enumerate(self.words):
            if word in lexicon.COLORS:
                for after in self.words[i + 1 : i + 3]:
                    for table in (lexicon.THINGS, lexicon.OBJECTS):
                        yield from (
                            (value, lexicon.COLORS[word]) for value in lexicon.values_of(table, after)
                        )

    def _size(self, part: str, objects: tuple[str, ...], people: tuple[Person, ...]) -> str:
        size = self._first(lexicon.SIZES)
        if part and (size in ("close", "detail") or not people):
            return "detail"
        if size == "close" and objects and not people:
            return "detail"
        return size or "full"

    def _place(
        self, things: tuple[str, ...], objects: tuple[str, ...], people: tuple[Person, ...], size: str
    ) -> tuple[str, str]:
        """Where it is, and the word that says so; "" for a place that is made up."""
        inside, outside = (self._says(lexicon.MARKS[side]) for side in ("inside", "outside"))
        ride = next((t for t in things if t in RIDES), "")
        if inside and not outside:
            return self._found(INSIDE) or ("carriage" if ride else "room", ride or "room")
        if outside and not inside and (found := self._found(OUTSIDE)):
            return found
        if found := self._found({**OUTSIDE, **INSIDE}):
            return found
        if size == "detail" and objects:
            return "table", objects[0]
        if where := next((t for t in things if t in PLACE_OF), ""):
            return PLACE_OF[where], where
        if found := self._found(lexicon.HINTS):
            return found
        if objects and not people:
            return "table", objects[0]
        return ("plain", "") if people or size in ("detail", "close") else ("hills", "")

    def _found(self, table: Mapping[str, str]) -> tuple[str, str] | None:
        """The first value of a table, and the phrase that says it."""
        found = (
            (value, phrase)
            for phrase in self.phrases
            for value in lexicon.values_of(table, phrase)
            if not (phrase in self.seen and value in INSIDE)
        )
        return next(found, None)

    def _is_seen(self, i: int) -> bool:
        """Whether a word is a building that nothing leads into."""
        before = {*self.words[max(0, i - 3) : i]}
        return self.words[i] in said(lexicon.BUILDINGS) and not before & said(lexicon.ENTERED)

    def _people(self) -> Iterator[Person]:
        """Who is in the picture, each once, in the order in which they are named."""
        seen: dict[str, int] = {}
        for i, word in enumerate(self.words):
            name, plural = _person(word)
            if not name and _is_name(self.tokens, i):
                name, plural = self.tokens[i], False
            if name and not self._is_owner(i):
                seen.setdefault(name, self._count(i) or (3 if plural else 1))
        if not seen and not self.shown.is_empty:
            crowd = next((n for n, words in lexicon.CROWDS.items() if self._says(words)), 0)
            crowd = crowd or (1 if self._first(lexicon.SIZES) == "close" and self._says(lexicon.FACES) else 0)
            crowd = crowd or next((n for n, words in lexicon.PRONOUNS.items() if self._says(words)), 0)
            seen = {"person": crowd} if crowd else {}
        for name, count in seen.items():
            for number in range(count):
                yield self._described(name if number == 0 else f"{name} {number + 1}", name)

    def _count(self, i: int) -> int:
        """How many there are by the words right before: `two old women`; 0 where none says it. The number of
        a shot counts nothing: `Shot 3: a man`."""
        first = max(0, i - 3)
        for at in range(i - 1, first - 1, -1):
            word, before = self.words[at], self.words[at - 1] if at else ""
            if word in ("a", "an", "the"):
                return 0
            if word in lexicon.NUMBERS:
                return 0 if before in said(lexicon.UNCOUNTED) else lexicon.NUMBERS[word]
        return 0

    def _is_owner(self, i: int) -> bool:
        """Whether it is said of a thing: `the keeper's hat` still shows the keeper; `driver's seat` does
        not."""
        return self.words[i] == "driver" and self.words[i + 1 : i + 2] == ["seat"]

    def _described(self, name: str, word: str) -> Person:
        at = next((i for i, w in enumerate(self.words) if w == word.lower() or _person(w)[0] == word), 0)
        rest = self.words[at + 1 : at + NEAR]
        end = next((i for i, w in enumerate(rest) if _person(w)[0]), len(rest))
        near = [*self.words[max(0, at - 3) : at + 1], *rest[:end]]
        worn = next((w for i, w in enumerate(near) if _wears(near, i)), "")
        hat = True if any(w in said(lexicon.HATS) for w in near) else None
        hat = False if said(lexicon.HATS) & self.shown.absent else hat
        woman = any(w in said(lexicon.LONG_HAIR) for w in (word, *near))
        man = word in ("man", "boy", "father", "king", "guy") or "he" in self.words or "his" in self.words
        hair = next((h for w in near for h in lexicon.values_of(lexicon.HAIRS, w)), "")
        return Person(
            name.lower(),
            hair=hair,
            hue=lexicon.COLORS.get(worn, lexicon.OILSKIN if said(lexicon.OILSKINS) & {*near} else None),
            grey=lexicon.GREYS.get(worn),
            hat=hat,
            old=any(w in said(lexicon.OLD) for w in (word, *near)),
            long_hair=True if woman else False if man else None,
            beard=True if any(w in said(lexicon.BEARDED) for w in near) else None if man else False,
        )


def _is_around(thing: str, place: str) -> bool:
    """Whether a thing is not seen because the shot is inside of it."""
    return (place == "carriage" and thing in RIDES) or (thing == "house" and place in INSIDE)


def _wears(near: list[str], i: int) -> bool:
    """Whether the word is the colour of a garment that follows at once."""
    is_color = near[i] in lexicon.COLORS or near[i] in lexicon.GREYS
    return is_color and any(w in said(lexicon.GARMENTS) for w in near[i + 1 : i + 3])


def _plain(token: str) -> str:
    return token.lower().replace("’", "'").removesuffix("'s").strip("'-")


def _phrases(words: list[str], with_trades: bool = False) -> Iterator[str]:
    """Every run of up to four words, the longest first at each place; a word also without its plural s.
    What is part of a longer phrase that means something means nothing by itself: the car of a dining car.

    with_trades: also words that only say what somebody is: `lighthouse` of a lighthouse keeper.
    """
    taken = 0
    for i in range(len(words)):
        for length in range(min(LONGEST_PHRASE, len(words) - i), 0, -1):
            if i < taken:
                break
            phrase = " ".join(words[i : i + length])
            after = words[i + length : i + length + 1]
            if after and _person(after[0])[0] and _is_trade(phrase) and not with_trades:
                continue
            yield phrase
            if length > 1 and _known_phrase(phrase):
                taken = i + length
                break
            if phrase.endswith("s") and len(phrase) > 4:
                yield phrase.removesuffix("s")


def _is_trade(phrase: str) -> bool:
    """Whether a phrase names a place or a large thing, after which somebody may be called."""
    return any(lexicon.values_of(table, phrase) for table in (OUTSIDE, INSIDE, lexicon.THINGS))


@lru_cache(maxsize=4096)
def _known_phrase(phrase: str) -> bool:
    """Whether several words together mean something."""
    return any(lexicon.values_of(table, phrase) for table in TABLES)


def _says_where(phrases: list[str]) -> bool:
    return any(lexicon.values_of(table, phrase) for phrase in phrases for table in (OUTSIDE, INSIDE))


def _person(word: str) -> tuple[str, bool]:
    """The singular of a word for a person, and whether it is a plural; "" for what is none."""
    persons = said(lexicon.PERSONS)
    if word in persons:
        return word, False
    if word in lexicon.PLURALS and word != "people":
        return lexicon.PLURALS[word], True
    if word.endswith("s") and word[:-1] in persons and word not in said(lexicon.CROWDS[7]):
        return word[:-1], True
    return "", False


def _is_name(tokens: list[str], i: int) -> bool:
    """Whether a word looks like the name of somebody: a capital letter, and then a verb that somebody
    does."""
    token = tokens[i]
    if not re.fullmatch(r"[A-Z][a-zà-ÿ]{2,}", token) or _known(token.lower()):
        return False
    if token.lower() in said(lexicon.NO_NAMES):
        return False
    after = tokens[i + 1] if i + 1 < len(tokens) else ""
    return bool(re.fullmatch(r"[a-z]{2,}s", after)) or (after in ("and", "in", "at", "is") and i > 0)


@lru_cache(maxsize=4096)
def _known(word: str) -> bool:
    """Whether a word stands in a table, so that it is no name."""
    phrases = [phrase for table in TABLES for words in table.values() for phrase in said(words)]
    return any(word in phrase.split() for phrase in phrases)
