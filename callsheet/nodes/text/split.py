"""text/split: one text into parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.operation import local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import INTEGER, STRING, Choice, Field, ListOf

WAYS: Final = ("lines", "sentences", "paragraphs", "words", "separator")
MOST: Final = 10_000
ENDINGS: Final = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*")
"""Where a sentence may end: before a blank, and after the full stops of scripts that set none."""
ABBREVIATIONS: Final = re.compile(
    r"(?:^|[\s(\[\"'“‘«])(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|I[Nn][Tt]|E[Xx][Tt]|ca|approx|[A-Za-z](?:\.[A-Za-z])*)\.\Z"
)
"""Words, and single letters as in `J. S. Bach` and `e.g.`, whose full stop ends no sentence."""


def _facts(_: Parameters) -> Mapping[str, Facts]:
    return {}


def _needs(way: str) -> Rule:
    """`by: words` needs `words`, and nothing else takes it; the same for `separator`."""
    return Rule(
        (way, "by"),
        f"`{way}` and `by: {way}` belong together",
        f"give both, or leave `{way}` out",
        lambda params: (params.get("by", "lines") == way) != (way in params),
    )


SPEC: Final = local(
    "text/split",
    "One text into parts: lines, sentences, paragraphs, so many words each, or between separators.",
    {
        "text": Field(STRING, required=True),
        "by": Field(Choice(WAYS), default="lines"),
        "words": Field(INTEGER, minimum=1, maximum=10_000),
        "separator": Field(STRING, max_length=100),
    },
    {"parts": ListOf(STRING)},
    _facts,
    rules=(_needs("words"), _needs("separator")),
    task="text",
)
DOC: Final = {
    "text": "The text. Blanks around each part are taken off, empty parts left out.",
    "by": "`sentences` end at `.`, `!`, `?`, `…` or `。` (not after `Mr.`); `paragraphs` at an empty line.",
    "words": "How many words each part has at most, for `by: words`.",
    "separator": "The text between two parts, such as `---`, for `by: separator`.",
    "parts": "In the order of the text; at most 10,000.",
}
EXAMPLE: Final = {
    "text": "${{ inputs.poem }}",
    "by": "paragraphs",
}


def run(job: Job) -> Outputs:
    pieces = _pieces(job, asked.text(job, "text").replace("\r\n", "\n").replace("\r", "\n"))
    parts = [part for piece in pieces if (part := piece.strip())]
    if len(parts) > MOST:
        message = f"{job.address}: the text has {len(parts):,} parts; at most {MOST:,} are made"
        raise NodeError(message, "local", "split it by something coarser, such as `by: paragraphs`")
    return {"parts": parts}


def _pieces(job: Job, text: str) -> Iterator[str]:
    match asked.text(job, "by"):
        case "sentences":
            yield from sentences(text)
        case "paragraphs":
            yield from re.split(r"\n[ \t]*\n", text)
        case "words":
            yield from _chunks(text.split(), asked.whole(job, "words") or 1)
        case "separator":
            yield from text.split(asked.text(job, "separator") or "\n")
        case _:
            yield from text.split("\n")


def sentences(text: str) -> Iterator[str]:
    """The sentences of `text`, each on one line; an empty line ends one too."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        line, start = " ".join(paragraph.split()), 0
        for ending in ENDINGS.finditer(line):
            if not ABBREVIATIONS.search(line, start, ending.end()):
                yield line[start : ending.end()]
                start = ending.end()
        yield line[start:]


def _chunks(words: list[str], size: int) -> Iterator[str]:
    return (" ".join(words[i : i + size]) for i in range(0, len(words), size))
