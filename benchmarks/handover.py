"""CPU of handing a film of 500 clips over to an editing program.

    python benchmarks/handover.py                  500 clips of 2 s, 1280x720, with sound
    python benchmarks/handover.py --clips 100

Two figures: the timeline files in every format, from an edit that is read; and the whole folder, with media
under a time code, the page with its pictures, and the README, for each clip. The state of the project is read
before, and is a figure of its own. Exporting again, with nothing changed, is the last one. Ends with 1 when
the timeline files take more than 2 s, or the folder more than 20 ms a clip.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import av

import callsheet
from callsheet.nodes.media import tags
from callsheet.nodes.preview.tone import frames
from callsheet.runtime.check import load
from callsheet.runtime.export.cut import EditCut
from callsheet.runtime.export.formats import IN_ZIP
from callsheet.runtime.export.handover import Asked, hand_over
from callsheet.runtime.export.markers import markers
from callsheet.runtime.export.read_cut import read_cut
from callsheet.runtime.export.start_codes import with_start_codes
from callsheet.runtime.export.writers import texts
from callsheet.runtime.project_state import project_state
from callsheet.runtime.workspace import Workspace
from callsheet.testing.sounds import tone

MOST_TEXTS: Final = 2.0
MOST_CLIP: Final = 0.020
DIFFERENT: Final = 6
SIZE: Final = (1280, 720)
FPS: Final = 24


def encoded(path: Path, number: int) -> Path:
    """A clip of 2 s of moving pictures and a tone."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        picture = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "24"})
        picture.width, picture.height, picture.pix_fmt = *SIZE, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        for k in range(2 * FPS):
            frame = av.VideoFrame(*SIZE, "yuv420p")
            for i, plane in enumerate(frame.planes):
                row = bytes((x * (number + 1) + k * (i + 3)) % 256 for x in range(plane.line_size))
                plane.update(row * plane.height)
            container.mux(picture.encode(frame))
        channel = tone(220 + 40 * number, 0.2)[: 2 * 48_000]
        pieces = ((channel[at : at + 1024], channel[at : at + 1024]) for at in range(0, len(channel), 1024))
        for heard in frames(pieces):
            container.mux(sound.encode(heard))
        container.mux([*picture.encode(None), *sound.encode(None)])
    return path


def project(count: int) -> None:
    """A film of so many clips, each a file of its own bytes."""
    Path("clips").mkdir()
    made = [encoded(Path(f"made-{n}.mp4"), n) for n in range(DIFFERENT)]
    for n in range(count):
        tags.write(made[n % DIFFERENT], Path(f"clips/{n:04}.mp4"), f"clip {n}")
    names = ", ".join(f"./clips/{n:04}.mp4" for n in range(count))
    Path("callsheet.toml").write_text("", encoding="utf-8")
    Path("film.yaml").write_text(
        f"callsheet: 1\nname: film\nnodes:\n  film: {{uses: media/concat, with: {{videos: [{names}]}}}}\n"
        'outputs: {film: "${{ film.video }}"}\n',
        encoding="utf-8",
    )
    assert callsheet.run("film.yaml").status == "done"


def cpu(work: Callable[[], object]) -> float:
    """Seconds of CPU that `work` takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def written(cut: EditCut) -> int:
    """All timeline files of an edit, as text; how long they are."""
    marked = replace(cut, markers=markers(cut))
    return sum(len(text) for _, text in texts(marked, IN_ZIP, "any", Path("media")))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=500)
    count = parser.parse_args().clips
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        project(count)
        with Workspace.of(Path("film.yaml")) as workspace:
            graph = load(Path("film.yaml"), {}, ())
            now = project_state(graph, workspace)
            cut = with_start_codes(read_cut(now, None)).cut
            reading = cpu(lambda: read_cut(project_state(graph, workspace), None))
            files = cpu(lambda: written(cut))
            asked = Asked(IN_ZIP)
            whole = cpu(lambda: hand_over(workspace, graph, asked)) - reading
            again = cpu(lambda: hand_over(workspace, graph, asked)) - reading
        os.chdir("/")
    print(f"{count} clips")
    print(f"reading the state   {reading:6.2f} s")
    print(f"timeline files      {files:6.2f} s      at most {MOST_TEXTS:g}")
    print(f"the folder          {whole / count * 1000:6.2f} ms a clip, at most {MOST_CLIP * 1000:g}")
    print(f"the folder again    {again / count * 1000:6.2f} ms a clip")
    return int(files > MOST_TEXTS or whole / count > MOST_CLIP)


if __name__ == "__main__":
    sys.exit(main())
