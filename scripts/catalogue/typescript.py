"""The subset of TypeScript declarations that endpoint types are written in: text → a small syntax tree.

export type Name = type;
type: union of `{ members }`, literals, names with arguments (`Array<string>`), `type[]`, `(type)`
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<doc>/\*\*.*?\*/) | (?P<skip>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
      | (?P<word>[A-Za-z_$][\w$]*) | (?P<mark>[{}<>()\[\]|&?:;=,.])""",
    re.VERBOSE | re.DOTALL,
)


class DeclarationError(ValueError):
    """The text is not in the subset that is read here."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Name:
    """A named type, `Array<string>` with its arguments."""

    name: str
    args: tuple[TypeNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Union:
    options: tuple[TypeNode, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """One property of an object; `doc` is the text of its comment."""

    name: str
    type: TypeNode
    optional: bool
    doc: str


@dataclass(frozen=True, slots=True)
class Object:
    members: tuple[Member, ...]


TypeNode = Name | Literal | Union | Object


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text`, comments of the `/** */` kind included; DeclarationError for any other sign."""
    at, line = 0, 1
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise DeclarationError(f"line {line}: unexpected {text[at]!r}")
        if match.lastgroup != "skip":
            yield Token(str(match.lastgroup), match.group(), line)
        line += match.group().count("\n")
        at = match.end()
    yield Token("end", "", line)


def doc_text(comment: str) -> str:
    """The words of a `/** */` comment, in one line."""
    lines = comment.removeprefix("/**").removesuffix("*/").split("\n")
    return " ".join(part for line in lines if (part := line.strip().removeprefix("*").strip()))


class Parser:
    """A recursive-descent reader over the tokens of one file."""

    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.at = 0

    def declarations(self) -> dict[str, TypeNode]:
        """Every `export type` of the file, by name."""
        found: dict[str, TypeNode] = {}
        while self.peek().kind != "end":
            self.doc()
            self.expect("export")
            self.expect("type")
            name = self.take().text
            self.expect("=")
            found[name] = self.type()
            self.expect(";")
        return found

    def type(self) -> TypeNode:
        self.skip("|")
        options = [self.suffixed()]
        while self.skip("|"):
            options.append(self.suffixed())
        return options[0] if len(options) == 1 else Union(tuple(options))

    def suffixed(self) -> TypeNode:
        node = self.primary()
        while self.skip("["):
            self.expect("]")
            node = Name("Array", (node,))
        return node

    def primary(self) -> TypeNode:
        self.doc()
        token = self.take()
        match token.kind, token.text:
            case "mark", "{":
                return self.object()
            case "mark", "[":
                return self.tuple()
            case "mark", "(":
                inner = self.type()
                self.expect(")")
                return inner
            case "string", text:
                return Literal(unquoted(text))
            case "number", text:
                return Literal(json.loads(text))
            case "word", ("true" | "false" | "null") as text:
                return Literal(json.loads(text))
            case "word", text:
                return Name(text, self.arguments())
        raise DeclarationError(f"line {token.line}: {token.text!r} does not start a type")

    def arguments(self) -> tuple[TypeNode, ...]:
        if not self.skip("<"):
            return ()
        args = [self.type()]
        while self.skip(","):
            args.append(self.type())
        self.expect(">")
        return tuple(args)

    def tuple(self) -> Name:
        """`[number, number]`, as the list of what it holds."""
        items: list[TypeNode] = []
        while not self.skip("]"):
            items.append(self.type())
            self.skip(",")
        kinds = tuple(dict.fromkeys(items)) or (Name("unknown"),)
        return Name("Array", (kinds[0] if len(kinds) == 1 else Union(kinds),))

    def object(self) -> Object:
        members = []
        while not self.skip("}"):
            members.append(self.member())
        return Object(tuple(members))

    def member(self) -> Member:
        doc = self.doc()
        token = self.take()
        if token.text == "[":
            raise DeclarationError(f"line {token.line}: index signatures are not read")
        name = unquoted(token.text) if token.kind == "string" else token.text
        optional = self.skip("?")
        self.expect(":")
        node = self.type()
        if not self.skip(";"):
            self.skip(",")
        return Member(name, node, optional, doc)

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def doc(self) -> str:
        """The comment that stands here, "" where there is none."""
        text = ""
        while self.peek().kind == "doc":
            text = doc_text(self.take().text)
        return text

    def skip(self, text: str) -> bool:
        token = self.peek()
        if token.text != text or token.kind == "string":
            return False
        self.at += 1
        return True

    def expect(self, text: str) -> None:
        token = self.peek()
        if not self.skip(text):
            raise DeclarationError(f"line {token.line}: expected {text!r}, found {token.text!r}")


def unquoted(text: str) -> str:
    """The value of a string literal."""
    if text.startswith("'"):
        text = '"' + text[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    return str(json.loads(text, strict=False))


def parse(text: str) -> dict[str, TypeNode]:
    """Every exported type of a declaration file, by name; DeclarationError when it is not in the subset."""
    return Parser(text).declarations()
