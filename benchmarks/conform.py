"""CPU of taking a cut of 500 clips over from an editing program.

    python benchmarks/conform.py                  500 clips, as OpenTimelineIO, FCP7 XML and an EDL
    python benchmarks/conform.py --clips 100

The film is handed over first. Each figure is the whole of `conform`, with reading the state of the project,
recognising the clips, writing the cut and taking over the markers; and then the check of the film that shows
the cut. Ends with 1 when one of them takes more than 2 s.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from handover import cpu, project

from callsheet.runtime.check import load
from callsheet.runtime.conform.conform import conform
from callsheet.runtime.export.handover import Asked, hand_over
from callsheet.runtime.workspace import Workspace

MOST: Final = 2.0
FORMS: Final = {"otio": "film.otio", "fcp7": "film.xml", "edl": "film.edl"}
CUT: Final = (
    "callsheet: 1\nname: film\nnodes:\n  film: {uses: media/timeline, with: {cut: ./film.cut.otio}}\n"
    'outputs: {film: "${{ film.video }}"}\n'
)


def conformed(path: Path) -> float:
    """Seconds of CPU of taking over the file at `path`."""

    def work() -> None:
        with Workspace.of(Path("film.yaml")) as workspace:
            conform(workspace, load(Path("film.yaml"), {}, ()), path)

    return cpu(work)


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
            asked = Asked(tuple(FORMS), Path("given"))
            hand_over(workspace, load(Path("film.yaml"), {}, ()), asked)
        taken = {form: conformed(Path("given", name)) for form, name in FORMS.items()}
        Path("film.yaml").write_text(CUT, encoding="utf-8")
        taken["check"] = cpu(lambda: load(Path("film.yaml"), {}, ()))
        os.chdir("/")
    print(f"{count} clips, at most {MOST:g} s each")
    for form, seconds in taken.items():
        print(f"{form:<6} {seconds:6.2f} s")
    return int(max(taken.values()) > MOST)


if __name__ == "__main__":
    sys.exit(main())
