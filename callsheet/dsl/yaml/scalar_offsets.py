"""Where each character of a YAML scalar's value stands in the file.

YAML folds lines, strips indentation and has escapes, so value and file differ. Each function below decodes
the raw text again and keeps, for every character of the value, its offset in the raw text; a decoding
that disagrees with what the YAML reader said is dropped (then a message points at the whole scalar).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Decoded = list[tuple[str, int]]
ESCAPE_LENGTHS = {"x": 2, "u": 4, "U": 8}
ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028",
    "P": "\u2029",
}  # fmt: skip
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def offsets(raw: str, value: str, style: str) -> list[int] | None:
    """For each character of `value` its offset in `raw`, or None when they do not agree."""
    if style in ("|", ">"):
        candidates: Iterator[Decoded] = _block(raw, folded=style == ">")
    else:
        candidates = iter([_flow(raw, style)])
    for decoded in candidates:
        if "".join(c for c, _ in decoded) == value:
            return [offset for _, offset in decoded]
    return None


def _flow(raw: str, quote: str) -> Decoded:
    out: Decoded = []
    at, end = (1, len(raw) - 1) if quote else (0, len(raw))
    while at < end:
        char = raw[at]
        if char in "\r\n":
            at = _fold(raw, at, end, out)
        elif quote == "'" and raw.startswith("''", at):
            out.append(("'", at))
            at += 2
        elif quote == '"' and char == "\\":
            at = _escape(raw, at, end, out)
        else:
            out.append((char, at))
            at += 1
    return out


def _fold(raw: str, at: int, end: int, out: Decoded, escaped: bool = False) -> int:
    """A line break in a flow scalar: one break is a space, n + 1 breaks are n newlines."""
    while not escaped and out and out[-1][0] in " \t" and raw[out[-1][1]] in " \t":
        out.pop()
    start, breaks = at, 0
    while at < end and raw[at] in " \t\r\n":
        if raw[at] == "\n" or (raw[at] == "\r" and not raw.startswith("\r\n", at)):
            breaks += 1
        at += 1
    if breaks > 1:
        out.extend(("\n", start) for _ in range(breaks - 1))
    elif not escaped:
        out.append((" ", start))
    return at


def _escape(raw: str, at: int, end: int, out: Decoded) -> int:
    kind = raw[at + 1]
    if kind in "\r\n":
        return _fold(raw, at + 1, end, out, escaped=True)
    if kind in ESCAPE_LENGTHS:
        after = at + 2 + ESCAPE_LENGTHS[kind]
        out.append((chr(int(raw[at + 2 : after], 16)), at))
        return after
    out.append((ESCAPES.get(kind, kind), at))
    return at + 2


def _block(raw: str, folded: bool) -> Iterator[Decoded]:
    """Block scalars: try the indentation of the first text line, then every smaller one."""
    lines = [(m.start(), m.group().rstrip("\r\n")) for m in LINE.finditer(raw) if m.group()]
    header, body = lines[0][1].split("#")[0], lines[1:]
    text_lines = [len(text) - len(text.lstrip(" ")) for _, text in body if text.strip(" ")]
    for indent in range(text_lines[0] if text_lines else 0, -1, -1):
        decoded = _chomp(_folded(body, indent) if folded else _literal(body, indent), header)
        yield decoded
        yield decoded[:-1]  # the file ends without a line break


def _literal(body: list[tuple[int, str]], indent: int) -> Decoded:
    out: Decoded = []
    for start, text in body:
        out += [(c, start + i) for i, c in enumerate(text) if i >= indent]
        out.append(("\n", start + len(text)))
    return out


def _folded(body: list[tuple[int, str]], indent: int) -> Decoded:
    out: Decoded = []
    previous_more, pending = True, 0
    for start, text in body:
        content = text[indent:]
        if not content:
            pending += 1
            continue
        more = content[0] in " \t"
        if out:
            joins = pending + 1 if (more or previous_more) else pending
            out += [("\n", start)] * joins if joins else [(" ", start)]
        else:
            out += [("\n", start)] * pending
        out += [(c, start + indent + i) for i, c in enumerate(content)]
        previous_more, pending = more, 0
    last = body[-1][0] + len(body[-1][1]) if body else 0
    return out + [("\n", last)] * (pending + 1)


def _chomp(decoded: Decoded, header: str) -> Decoded:
    if "+" in header:
        return decoded
    end = len(decoded)
    while end and decoded[end - 1][0] == "\n":
        end -= 1
    return decoded[:end] + ([] if "-" in header or not end else decoded[end : end + 1])
