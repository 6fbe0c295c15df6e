"""Where a comment stands in a `moov` box, and how one is put there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from callsheet.nodes.media.tags.mp4_boxes import Box, Damaged, Read, boxes, child, made, of

BLOCK: Final = 4096
HEAD: Final = 8

NAME: Final = b"\xa9cmt"
UTF8: Final = (1).to_bytes(4, "big")
NO_LANGUAGE: Final = (0x55C4).to_bytes(2, "big")
HANDLER: Final = made(b"hdlr", b"\0" * 8, b"mdirappl", b"\0" * 9)


@dataclass(frozen=True, slots=True)
class Place:
    """Where new bytes go: at `at`, inside `parents`, whose sizes grow."""

    at: int
    parents: tuple[Box, ...]
    content: bytes


def with_comment(moov: bytes, text: bytes) -> bytes:
    """The `moov` box with one comment more. Raises Damaged when its boxes do not add up."""
    place = _place(moov, text)
    new = bytearray(moov)
    for parent in place.parents:
        grow(new, parent, len(place.content))
    new[place.at : place.at] = place.content
    return bytes(new)


def with_room(moov: bytes, before: int) -> bytes:
    """The `moov` box, filled up with nothing until it is some blocks longer than `before`.

    What follows it is moved by whole blocks: systems copy those faster, and some disks share them.
    """
    lacking = (before - len(moov)) % BLOCK
    room = made(b"free", b"\0" * ((lacking - HEAD) % BLOCK)) if lacking else b""
    new = bytearray(moov) + room
    grow(new, _whole(moov), len(room))
    return bytes(new)


def comments(moov: bytes) -> Iterator[bytes]:
    """Every comment, the last one first."""
    read = of(moov)
    if (udta := child(read, _whole(moov), b"udta")) is None:
        return
    if (meta := _itunes(read, udta)) and (ilst := child(read, meta, b"ilst")):
        for item in reversed(list(boxes(read, ilst.start, ilst.end))):
            if item.kind == NAME and (data := child(read, item, b"data")):
                yield moov[data.start + 8 : data.end]
    for box in boxes(read, udta.start, udta.end):
        if box.kind == NAME:
            yield moov[box.start + 4 : box.end]


def without_comment(moov: bytes) -> Iterator[bytes]:
    """What the `moov` box may have been before `with_comment` and `with_room`. Raises Damaged."""
    whole = _whole(moov)
    inside = list(boxes(of(moov), whole.start, whole.end))
    room = inside[-1] if inside and inside[-1].kind == b"free" else None
    for filled in (_cut(moov, room, (whole,)), moov) if room else (moov,):
        for box, parents in _removable(filled):
            yield _cut(filled, box, parents)


def _removable(moov: bytes) -> Iterator[tuple[Box, tuple[Box, ...]]]:
    """(box, its parents) of what may have been added: the last comment, a box around it, or QuickTime's."""
    read, whole = of(moov), _whole(moov)
    if (udta := child(read, whole, b"udta")) is None:
        return
    meta = _itunes(read, udta)
    ilst = child(read, meta, b"ilst") if meta else None
    items = list(boxes(read, ilst.start, ilst.end)) if ilst else []
    if meta and ilst and items:
        yield udta, (whole,)
        yield meta, (whole, udta)
        yield ilst, (whole, udta, meta)
        yield items[-1], (whole, udta, meta, ilst)
    if (quicktime := next(boxes(read, udta.start, udta.end), None)) and quicktime.kind == NAME:
        yield quicktime, (whole, udta)


def _cut(moov: bytes, box: Box, parents: tuple[Box, ...]) -> bytes:
    """`moov` without one of the boxes in it."""
    new = bytearray(moov)
    for parent in parents:
        grow(new, parent, box.at - box.end)
    del new[box.at : box.end]
    return bytes(new)


def _place(moov: bytes, text: bytes) -> Place:
    """In the list of items if there is one; else a new list, or QuickTime's way beside a foreign one."""
    read, whole = of(moov), _whole(moov)
    item = made(NAME, made(b"data", UTF8, b"\0" * 4, text))
    listed = made(b"meta", b"\0" * 4, HANDLER, made(b"ilst", item))
    udta = child(read, whole, b"udta")
    if udta is None:
        return Place(whole.end, (whole,), made(b"udta", listed))
    if child(read, udta, b"meta") is None:
        return Place(udta.start, (whole, udta), listed)
    meta = _itunes(read, udta)
    if meta is None:
        quicktime = made(NAME, len(text).to_bytes(2, "big"), NO_LANGUAGE, text)
        return Place(udta.start, (whole, udta), quicktime)
    ilst = child(read, meta, b"ilst")
    if ilst is None:
        return Place(meta.end, (whole, udta, meta), made(b"ilst", item))
    return Place(ilst.end, (whole, udta, meta, ilst), item)


def _whole(moov: bytes) -> Box:
    found = next(boxes(of(moov), 0, len(moov)))
    if found.end != len(moov):
        raise Damaged("the moov box does not end where it should")
    return found


def _itunes(read: Read, udta: Box) -> Box | None:
    """The box of iTunes' items, with its content behind the version, which QuickTime leaves out."""
    if (meta := child(read, udta, b"meta")) is None:
        return None
    full = read(meta.start, 8)[4:] != b"hdlr"
    inside = replace(meta, start=meta.start + 4) if full else meta
    handler = child(read, inside, b"hdlr")
    return inside if handler and read(handler.start + 8, 4) == b"mdir" else None


def grow(moov: bytearray, box: Box, by: int) -> None:
    """Write into the head of a box that it is larger by so many bytes. Raises Damaged."""
    if box.fixed:
        width, at = 4, box.at
    elif int.from_bytes(moov[box.at : box.at + 4], "big") == 1:
        width, at = 8, box.at + 8
    else:
        return
    size = int.from_bytes(moov[at : at + width], "big") + by
    if size >= 1 << 8 * width:
        raise Damaged("a box would become too large")
    moov[at : at + width] = size.to_bytes(width, "big")
