"""Makes the project that later versions must be able to go on with, by running a callsheet as it is typed.

    python tests/compat/make_project.py --callsheet PATH tests/compat/VERSION/project.tar.gz
    python tests/compat/make_project.py --callsheet PATH --film behind.yaml tests/compat/VERSION/behind.tar.gz

PATH is the command of the version that makes it: `.venv/bin/callsheet` of its checkout. The films lie beside
this file, everything is bought from that version's own emulator. A project that is there is never made anew:
a version that changes what a project holds adds one of its own.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FILMS: Final = Path(__file__).with_name("films")
LEFT_OUT: Final = ("*.db-shm", "lock", "__pycache__")
"""What means something to the processes of one machine only."""
SLOW: Final = "fal-ai/minimax/hailuo-02/standard/image-to-video"
"""The model of killed.yaml: it works for so long that the requests are under way when the run ends."""
SETTINGS: Final = f"""
tiny: true
endpoints: {{{SLOW}: {{latency: 600}}}}
"""
KILLED: Final = {
    "killed.yaml": "call.after_accepted:4",
    "fetched.yaml": "call.after_result",
    "kept.yaml": "call.after_keep",
    "doubt.yaml": "call.after_sending",
}


class Maker:
    """A person at the command line of `program`, in the folder of the project."""

    def __init__(self, program: str, provider: str, folder: Path) -> None:
        self.program, self.provider, self.folder = program, provider, folder

    def type(self, *words: str, ends: int = 0, failpoint: str = "") -> str:
        """`callsheet` with these words; what it prints. It must end with the code `ends`."""
        urls = {"CALLSHEET_FAL_URL": self.provider, "CALLSHEET_HF_URL": self.provider}
        keys = {"FAL_KEY": "any", "HF_TOKEN": "any"}
        done = subprocess.run(
            [self.program, *words],
            cwd=self.folder,
            env={**os.environ, **urls, **keys, "CALLSHEET_FAILPOINT": failpoint},
            capture_output=True,
            text=True,
        )
        if done.returncode != ends:
            sys.exit(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *words: str, ends: int = 0, failpoint: str = "") -> str:
        return self.type("run", *words, "--yes", "--output", "plain", ends=ends, failpoint=failpoint)

    def fault(self, text: str) -> None:
        """Arm a fault of the emulator's."""
        data = f'{{"fault": "{text}"}}'.encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.provider}/_callsheet/faults", data, headers)
        urllib.request.urlopen(request).close()


def make(maker: Maker) -> None:
    """Every film: bought, waiting, picked, approved, shared, previewed, planned, and killed on the way."""
    waiting = maker.run("story.yaml", ends=4)
    keyframe = next(word for word in waiting.split() if word.startswith("keyframe[")).partition("#")[0]
    maker.type("pick", "story.yaml", keyframe, "2")
    maker.type("approve", "story.yaml", "--all")
    maker.fault("http_422,endpoint=fal-ai/kling*,times=1")
    maker.run("story.yaml")
    maker.type("takes", "story.yaml", keyframe)
    maker.run("voices.yaml")
    maker.run("crew.yaml", "--trust")
    maker.type("plan", "voices.yaml", "-o", "executed.json")
    maker.run("executed.json")
    maker.run("shared.yaml", "--store", "store")
    maker.run("preview.yaml", "--preview")
    maker.type("plan", "planned.yaml", "-o", "plan.json")
    for film, failpoint in KILLED.items():
        maker.run(film, failpoint=failpoint, ends=-9)


@contextmanager
def emulator(program: str) -> Iterator[str]:
    """The URL of an emulator of that version."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "emulator.yaml"
        config.write_text(SETTINGS, encoding="utf-8")
        words = [program, "emulator", "--port", "0", "--config", str(config)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split()[-1]
            finally:
                process.terminate()


def pack(folder: Path, target: Path) -> None:
    """The folder as an archive that depends on nothing but its content and its times."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if not any(path.match(pattern) for pattern in LEFT_OUT):
                archive.add(path, path.relative_to(folder), recursive=False, filter=_anybody)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(data.getvalue(), mtime=0))


def _anybody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--callsheet", required=True, help="the command of the version that makes it")
    words.add_argument("--film", default="", help="buy this film alone")
    words.add_argument("target", type=Path)
    given = words.parse_args()
    if given.target.exists():
        sys.exit(f"{given.target} is there: a project of a released version is never made anew")
    program = str(Path(given.callsheet).absolute())
    with tempfile.TemporaryDirectory() as folder, emulator(program) as url:
        place = Path(folder) / "project"
        shutil.copytree(FILMS, place, ignore=shutil.ignore_patterns(*LEFT_OUT))
        maker = Maker(program, url, place)
        if given.film:
            maker.run(given.film)
        else:
            make(maker)
        pack(place, given.target)


if __name__ == "__main__":
    main()
