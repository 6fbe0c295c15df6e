"""The pictures of the README, from real previews: python scripts/make_pictures.py"""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

from PIL import Image
from rich.console import Console
from rich.text import Text

import callsheet
from callsheet.cli.views.terminal import Terminal
from callsheet.runtime.events import deliver

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
WIDTH = 1280
WEB_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def contact_sheet(folder: Path) -> None:
    """The board of the ten-shot example."""
    film = ROOT / "examples/ten_shots/film.yaml"
    result = callsheet.run(film, preview=True, out=folder / "out", state=folder / "state", only=["board"])
    with Image.open(Path(str(result.outputs["board"]))) as board:
        small = board.convert("RGB").resize(
            (WIDTH, board.height * WIDTH // board.width), Image.Resampling.LANCZOS
        )
    small.quantize(255).save(IMAGES / "contact_sheet.png", optimize=True)


def terminal(folder: Path) -> None:
    """A plan-and-preview session of the lighthouse, as the terminal shows it."""
    os.chdir(folder)
    film = folder / "film.yaml"
    for name in ("film.yaml", "shots.csv"):
        (folder / name).write_bytes((ROOT / "examples/lighthouse" / name).read_bytes())
    console = Console(
        record=True, width=96, force_terminal=True, color_system="truecolor", file=io.StringIO()
    )
    console.print(Text("$ callsheet run film.yaml --preview", style="bold white"))
    view = Terminal(console, animated=False)
    callsheet.run(film, preview=True, out=Path("out"), emit=lambda event: deliver(event, view))
    svg = WEB_FONTS.sub("", console.export_svg(title="callsheet"))
    (IMAGES / "run.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        contact_sheet(Path(folder))
        terminal(Path(folder))


if __name__ == "__main__":
    main()
