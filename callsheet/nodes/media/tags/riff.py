"""The chunks of a RIFF file: WAV and WebP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import MOST_PARTS, SIGNED

LARGEST: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk whose content begins at `start`."""

    kind: bytes
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the next one begins: at an even place."""
        return self.start + self.length + self.length % 2


def chunks(file: BinaryIO, size: int) -> Iterator[Chunk]:
    """Every chunk that lies within the file."""
    at = 12
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(8)
        chunk = Chunk(head[:4], at + 8, int.from_bytes(head[4:], "little"))
        if len(head) < 8 or chunk.start + chunk.length > size:
            return
        yield chunk
        at = chunk.end


def may_change(file: BinaryIO, size: int, found: list[Chunk]) -> bool:
    """Whether the file is as long as it says, its chunks fill it, and nobody has signed it."""
    file.seek(4)
    told = int.from_bytes(file.read(4), "little") + 8
    whole = bool(found) and told == size and found[-1].end in (size, size + 1)
    return whole and all(chunk.kind.lower() != SIGNED for chunk in found)


def chunk(kind: bytes, content: bytes) -> bytes:
    """The bytes of a chunk, an even number of them."""
    return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)
