"""Mutations of a text: of its bytes, lines, YAML nodes, numbers and expressions."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode
from callsheet.dsl.yaml.reader import read_yaml

Random = random.Random
Mutation = Callable[[str, Random], str]

WORDS: Final = """
${{ }} ${% next( prev(clip) .images[0] [ ] { } : - " ' | > &a *a !!x !!python/object:os.x <<: each:shot
uses: null true é 日本 🎬 # @ % inputs. axis.shot. self __class__ |default( ~ if else not * ** with:
./.env /etc/passwd git+https://127.0.0.1/x@a#b file:///x http://169.254.169.254/ {secret:HOME}
./film.yaml callsheet:2 when:3 ../
"""
SPACE: Final = ("\n", "\r", "  ", "\t", ": ", "- ", "\u2028", "\ufeff", "\u202e", "\x00", "\x1b[2J", "\x9b")
LONG: Final = ("a" * 5000, "[" * 200, "{a: " * 200, ".a" * 1000, "callsheet: 1")
NUMERALS: Final = """
0 -0 -1 1e400 -1e400 1e-400 nan inf .nan .inf -.inf 0x7f 0o17 1_000 ١٢ ٣.٥ 1e308 0.1 1e3 1000 2147483648
9223372036854775808 99999999999999999999
"""
SCALARS: Final = """
null true [] {} [[]] [null] "" '' ~ ./film.yaml ./shots.csv nothing 3 -3 1e400 2026-11-30 12:30:45 no image
list list[list[json]] media/concat
"""
NESTED: Final = (
    "{a: 1}", "{1: 2}", "[nope, {id: a}]", "{secret: HOME}", "${{ }}", "${{ inputs }}", "${{ self }}",
    "${{ range(3) }}", "[${{ inputs.a }}]", "|\n",
)  # fmt: skip
ATOMS: Final = """
inputs axis self range(3) range(1000000) next(a) prev(a) [] [1] {} 'a' 1/0 1//0 1%0 0.1 1e400 -1 none [0] [-1]
['a'] .id .a[0].b |length |first |join |map |default(1) |tojson ~ + - * / // % < == not x.__class__ ((((1))))
axis.shot.index at(1,2)
"""
PHRASES: Final = (
    "fit_duration(1e400, 'fal-ai/veo3')", "a if b else c", "1 if 1", "'a' * 1000000", "'%1000000s' % 1",
    "{{ 1 }}", "{% for a in b %}", "(" * 100, "'" * 3, "9" * 400,
)  # fmt: skip
PIECES: Final = (*WORDS.split(), *SPACE, *LONG)
NUMBERS: Final = (*NUMERALS.split(), "9" * 400, "1." + "3" * 400)
VALUES: Final = (*SCALARS.split(), *NESTED)
TERMS: Final = (*ATOMS.split(), *PHRASES)
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKEN: Final = re.compile(r"\w+|[^\w\s]")


def mutant(text: str, rng: Random) -> str:
    """`text` with one to three mutations."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = rng.choice(MUTATIONS)(text, rng) or "callsheet: 1\n"
    return text


def _bytes(text: str, rng: Random) -> str:
    """Some bytes replaced, inserted or cut; what is no UTF-8 then stays as it is."""
    data = bytearray(text, "utf-8", "surrogateescape")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data)) if data else 0
        data[at : at + rng.choice((0, 1, 1, 7))] = bytes([rng.randrange(256)]) * rng.choice((0, 1, 1, 3))
    return data.decode("utf-8", "surrogateescape")


def _piece(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(PIECES) + text[at + rng.choice((0, 0, 5)) :]


def _move(text: str, rng: Random) -> str:
    """A part copied to another place."""
    at, other = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
    return text[:at] + text[other : other + rng.choice((5, 30, 200))] + text[at:]


def _lines(text: str, rng: Random) -> str:
    """A line deleted, doubled, moved or indented, or the rest cut off."""
    lines = text.split("\n")
    at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines.insert(to, lines.pop(at))
        case 3:
            lines[at] = rng.choice(("  ", "\t", "- ", "")) + lines[at].lstrip(rng.choice(("", " ")))
        case _:
            lines[at:] = lines[at : at + 1]
    return "\n".join(lines)


def _number(text: str, rng: Random) -> str:
    return _replaced(text, NUMBER, rng, lambda _: rng.choice(NUMBERS))


def _expression(text: str, rng: Random) -> str:
    """A token inside of an expression replaced, deleted, or joined by another."""

    def changed(found: re.Match[str]) -> str:
        inside = found[1]
        tokens = list(TOKEN.finditer(inside))
        if not tokens:
            return "${{ " + rng.choice(TERMS) + " }}"
        token = rng.choice(tokens)
        new = rng.choice(("", rng.choice(TERMS), token[0] + rng.choice(TERMS), rng.choice(NUMBERS)))
        return "${{" + inside[: token.start()] + new + inside[token.end() :] + "}}"

    return _replaced(text, EXPRESSION, rng, changed)


def _node(text: str, rng: Random) -> str:
    """A YAML node replaced by a value or by another node of the file."""
    spans = sorted(set(_spans(text)))
    if not spans:
        return _piece(text, rng)
    start, end = rng.choice(spans)
    first, last = rng.choice(spans)
    return text[:start] + rng.choice((rng.choice(VALUES), text[first:last], "")) + text[end:]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    tree = read_yaml(Source(Path("film.yaml"), text), Report())
    waiting: list[YamlNode] = [tree] if tree else []
    while waiting:
        node = waiting.pop()
        yield node.span.start, node.span.end
        if isinstance(node, YamlList):
            waiting += node.items
        elif isinstance(node, YamlMap):
            waiting += [part for entry in node.entries for part in entry]


def _replaced(text: str, pattern: re.Pattern[str], rng: Random, new: Callable[[re.Match[str]], str]) -> str:
    """`text` with one match of `pattern` replaced; another mutation where there is none."""
    found = list(pattern.finditer(text))
    if not found:
        return _piece(text, rng)
    one = rng.choice(found)
    return text[: one.start()] + new(one) + text[one.end() :]


MUTATIONS: Final[tuple[Mutation, ...]] = (_bytes, _piece, _move, _lines, _number, _expression, _node, _node)
