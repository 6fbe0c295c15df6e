"""A place where packages are installed for a test, and a project that uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

MAIN = "from callsheet.cli.main import main; main()"
FILM = """\
callsheet: 1
name: film
inputs:
  photo: {type: image, default: ./photo.png}
nodes:
  made:
    uses: USES
    with: WITH
outputs:
  made: ${{ made.OUTPUT }}
"""


class Site:
    """A folder on the path of every command, where packages are installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "site"
        self.project = folder / "project"
        self.project.mkdir()

    def install(self, name: str, files: dict[str, str], entries: str, version: str = "1.0") -> None:
        """What installing a wheel leaves: its files, and a dist-info folder with its entry points."""
        for path, text in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text)
        info = self.folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(entries)

    def film(self, uses: str, params: str = "{title: dawn}", output: str = "text", options: str = "") -> None:
        text = FILM.replace("USES", uses + options).replace("WITH", params).replace("OUTPUT", output)
        (self.project / "film.yaml").write_text(text)

    def callsheet(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(self.folder), *sys.path])
        return subprocess.run(
            [sys.executable, "-c", MAIN, *words],
            cwd=self.project,
            env={**os.environ, "PYTHONPATH": path, **environ},
            capture_output=True,
            text=True,
            timeout=300,
        )
