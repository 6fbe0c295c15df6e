"""Joining clips that do not agree: how much of it is done side by side, and what a changed clip costs.

    python benchmarks/joins.py [CLIPS]

Twelve clips of 4 seconds at 1280x720 are brought to 960x540, and once more after one of them has changed. The
first figure comes from the CPU clocks of the threads, so it does not depend on what else runs here: all work,
over that of the busiest thread and what only one can do.
Goals: nine tenths of the cores; a changed clip costs its own parts and the join.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PIL import Image

from callsheet.nodes.local import perform
from callsheet.nodes.media.codec.frames import of_image
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job

SIZE, SECONDS, FPS = (1280, 720), 4, 24
USES = ("media/concat", "media/crossfade")


def clip(path: Path, number: int) -> Artifact:
    """A picture that turns. number: makes each another one."""
    ramp = Image.linear_gradient("L").resize(SIZE)
    with VideoWriter(path, SIZE, FPS, effort="draft") as writer:
        for i in range(SECONDS * FPS):
            writer.write(of_image(Image.merge("RGB", (ramp, ramp.rotate(i), ramp.rotate(7 * number)))))
    return Artifact("video", path, hashlib.sha256(path.read_bytes()).hexdigest())


class Kept:
    """Parts in a folder, each under what it is made of. It notes the CPU of each thread that makes one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.busy: dict[int, float] = defaultdict(float)
        folder.mkdir()

    def __call__(self, what: Mapping[str, object], make: Callable[[Path], None]) -> Path:
        path = self.folder / f"{hashlib.sha256(repr(what).encode()).hexdigest()}.mp4"
        if not path.exists():
            began = time.thread_time()
            make(path)
            self.busy[threading.get_ident()] += time.thread_time() - began
        return path


def joined(uses: str, clips: list[Artifact], folder: Path, kept: Kept) -> float:
    """Seconds of CPU."""
    spec = OPERATIONS[uses].SPEC
    defaults = {
        name: field.default for name, field in spec.inputs.items() if isinstance(field.default, str | int)
    }
    work = folder / f"{uses[6:]}-{len(list(folder.iterdir()))}"
    work.mkdir()
    kept.busy.clear()
    job = Job("film", spec, {**defaults, "videos": clips, "width": 960}, work, parts=kept)
    busy = time.process_time()
    perform(job)
    return time.process_time() - busy


def figures(uses: str, clips: list[Artifact], changed: Artifact, folder: Path) -> Iterator[str]:
    cores = os.cpu_count() or 1
    name = uses.replace("/", "-")
    kept = Kept(folder / f"{name}-kept")
    busy = joined(uses, clips, folder, kept)
    longest = max(kept.busy.values()) + busy - sum(kept.busy.values())
    yield f"{busy:.2f} s of CPU, {busy / longest / cores:.2f} of {cores} cores used where nothing else runs"
    again = joined(uses, [*clips[:-2], changed, clips[-1]], folder, kept)
    yield f"one clip changed: {again / busy:.2f} of that, where {1 / len(clips):.2f} is its share"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        *clips, changed = (clip(folder / f"{i}.mp4", i) for i in range(count + 1))
        for uses in USES:
            for line in figures(uses, clips, changed, folder):
                print(f"{uses}: {line}")


if __name__ == "__main__":
    main()
