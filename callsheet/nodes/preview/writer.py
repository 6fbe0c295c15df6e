"""Writes answers of language models in a preview: in the form that was asked for, and marked as a preview.

Lists are as long as the prompt says ("five shots") or three, within their bounds; ids are distinct; texts
say that they are a preview, and which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.stand_in import IDS, StandIn

USUAL: Final = 3
MOST: Final = 50
LENGTHS: Final = ("duration", "seconds", "length")
USUAL_SECONDS: Final = (4, 8)
NUMBERS: Final = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
BOUNDS: Final = {"minimum", "maximum"}
WORDS_SHOWN: Final = 8

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes answers to `prompt`."""

    prompt: str
    dice: Dice

    def answer(self, schema: Schema) -> Any:
        """A value that `schema` (JSON Schema, as `text/chat` makes it) accepts."""
        return self._value(schema, "", "")

    def text(self, number: str, longest: int | None = None) -> str:
        """`Preview 2: …`, some words of the prompt."""
        words = self.prompt.split()
        start = self.dice.whole(0, max(0, len(words) - WORDS_SHOWN))
        said = " ".join(words[start : start + WORDS_SHOWN]).strip(" ,.;:")
        text = f"Preview{number and ' '}{number}: {said}"
        return text if longest is None else text[:longest].rstrip()

    def _value(self, schema: Schema, name: str, number: str) -> Any:
        """name: of the field, singular inside a list. number: the way there through lists, as `2-1`."""
        schema = schema["anyOf"][0] if schema.get("anyOf") else schema
        match schema.get("type"):
            case "object" if "properties" in schema:
                return {
                    n: self._value(s, self._named(n, name), number) for n, s in schema["properties"].items()
                }
            case "array":
                return self._list(schema, name, number)
            case "string" if "enum" not in schema:
                return self._string(schema, name, number)
            case "integer" | "number" if name.rpartition(".")[2] in LENGTHS:
                low, high = USUAL_SECONDS
                return self._plain({"minimum": low, "maximum": high, **schema})
            case "integer" if not BOUNDS & schema.keys():
                return 1
        return self._plain(schema)

    def _named(self, field: str, parent: str) -> str:
        """`shot.id`, so that an id can be named after what it is the id of."""
        return f"{parent.rpartition('.')[2]}.{field}" if parent else field

    def _list(self, schema: Schema, name: str, number: str) -> list[Any]:
        own = name.rpartition(".")[2]
        one = own.removesuffix("s") if len(own) > 3 else own
        count = max(self._asked(one), schema.get("minItems", 0))
        numbers = (
            f"{number}-{i + 1}" if number else str(i + 1)
            for i in range(min(count, schema.get("maxItems", MOST)))
        )
        return [self._value(schema.get("items", {}), one, n) for n in numbers]

    def _asked(self, one: str) -> int:
        """How many of them the prompt asks for."""
        pattern = rf"\b(\d{{1,3}}|{'|'.join(NUMBERS)})\s+(?:[\w-]+\s+){{0,2}}{re.escape(one)}"
        found = re.search(pattern, self.prompt, re.IGNORECASE) if one else None
        if found is None:
            return USUAL
        said = found[1].lower()
        return min(int(said) if said.isdecimal() else NUMBERS.index(said) + 1, MOST)

    def _string(self, schema: Schema, name: str, number: str) -> str:
        parent, _, own = name.rpartition(".")
        if own in IDS:
            return f"{parent or 'item'}{number}"
        return self.text(number, schema.get("maxLength"))

    def _plain(self, schema: Schema) -> Any:
        """Numbers, choices and what else is asked for, without words."""
        return StandIn(self.prompt, self.dice).of_schema(schema)
