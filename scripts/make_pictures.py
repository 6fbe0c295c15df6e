"""The pictures of the README and of docs/picture.md, from real runs: python scripts/make_pictures.py

The contact sheets are those of previews. The terminal shows a film that was bought from the emulator, and of
which one prompt was changed then.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from contextlib import chdir
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image
from rich.console import Console
from rich.text import Text

import callsheet
from callsheet.cli.views.plan import plan_text
from callsheet.cli.views.terminal import Terminal
from callsheet.emulator import Emulator
from callsheet.nodes.media.codec.frames import to_image
from callsheet.nodes.media.codec.reader import look, pictures_at
from callsheet.page.gather import gather
from callsheet.page.proxies import Proxies
from callsheet.page.report import write_report
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.plan_outcome import outcome_of
from callsheet.runtime.workspace import Workspace

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ROOT / "docs/images"
WIDTH: Final = 1280
"""Pixels of the contact sheet."""
COLUMNS: Final = 118
"""Of the terminal."""
CHANGE: Final = ("black waves below", "white waves below")
MOMENTS: Final = (
    ("lighthouse", "film", (Fraction(1), Fraction(63, 2))),
    ("dialogue", "burnt", (Fraction(2), Fraction(13, 2))),
)
"""Film, output, and seconds of it."""
SECONDS: Final = {"fal-ai/hunyuan-image/**": {"min": 5, "max": 7}, "fal-ai/veo3.1/**": {"min": 18, "max": 26}}
"""How long the emulated models work."""
WEB_FONTS: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


SHEETS: Final = {
    "contact_sheet": "examples/ten_shots/film.yaml",
    "transitions": "scripts/pictures/transitions.yaml",
    "looks": "scripts/pictures/looks.yaml",
}
"""Picture → the film whose board it is."""


def contact_sheet(name: str, folder: Path) -> None:
    """The board of a film."""
    film = ROOT / SHEETS[name]
    result = callsheet.run(film, preview=True, out=folder / "out", state=folder / "state", only=["board"])
    with Image.open(Path(str(result.outputs["board"]))) as board:
        size = (WIDTH, board.height * WIDTH // board.width)
        small = board.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.save(IMAGES / f"{name}.jpg", quality=88, optimize=True)


def animatic(folder: Path) -> None:
    """Four moments of two previews, as they are played: picture and band."""
    wide = WIDTH // 2
    shown: list[Image.Image] = []
    for film, output, moments in MOMENTS:
        state = folder / film
        made = callsheet.run(ROOT / "examples" / film / "film.yaml", preview=True, out=state, state=state)
        clip = look(Path(str(made.outputs[output])))
        shown += [to_image(planes) for planes in pictures_at(clip, moments)]
    scaled = [one.resize((wide, one.height * wide // one.width), Image.Resampling.LANCZOS) for one in shown]
    rows = [max(one.height for one in scaled[i : i + 2]) for i in (0, 2)]
    sheet = Image.new("RGB", (WIDTH, sum(rows)), (20, 20, 21))
    for number, one in enumerate(scaled):
        sheet.paste(one, (number % 2 * wide, number // 2 * rows[0]))
    sheet.save(IMAGES / "animatic.jpg", quality=86, optimize=True)


def report(folder: Path) -> None:
    """The page about a film that is previewed: its board, in the Chromium of this machine."""
    from playwright.sync_api import sync_playwright

    page, film = folder / "report.html", folder / "film"
    shutil.copytree((ROOT / SHEETS["contact_sheet"]).parent, film)
    (film / "callsheet.toml").touch()
    with chdir(film):
        callsheet.run("film.yaml", preview=True)
        with Workspace.of(Path("film.yaml")) as workspace:
            found = gather(callsheet.load("film.yaml"), workspace)
            write_report(found, Proxies.of(workspace), page, embed=10**8, media="stills")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme="dark")
        tab.goto(f"{page.as_uri()}#board")
        tab.wait_for_function("[...document.images].every((image) => image.complete)")
        taken = tab.screenshot()
        browser.close()
    with Image.open(io.BytesIO(taken)) as picture:
        picture.convert("RGB").save(IMAGES / "report.jpg", quality=85, optimize=True)


def terminal() -> str:
    """What one changed prompt of the lighthouse makes again, planned and run, as the terminal shows it: SVG.

    Works in the current folder; the provider and its key are in the environment.
    """
    film, shots = Path("film.yaml"), Path("shots.csv")
    for file in (film, shots):
        file.write_bytes((ROOT / "examples/lighthouse" / file).read_bytes())
    callsheet.run(film, confirm=True)
    shots.write_text(shots.read_text(encoding="utf-8").replace(*CHANGE), encoding="utf-8")

    console = Console(
        record=True, width=COLUMNS, force_terminal=True, color_system="truecolor", file=io.StringIO()
    )
    _typed(console, "callsheet plan film.yaml")
    console.print(_plan(film), soft_wrap=True)
    _typed(console, "callsheet run film.yaml --yes")
    view = Terminal(console, animated=False)
    callsheet.run(film, emit=view.show, confirm=True)
    return WEB_FONTS.sub("", console.export_svg(title="one prompt changed"))


def _typed(console: Console, command: str) -> None:
    console.print(Text(f"$ {command}", style="bold white"))


def _plan(film: Path) -> Text:
    graph = callsheet.load(film)
    with Workspace() as workspace:
        outcome = outcome_of(dry_run(graph, workspace), workspace)
    return Text.from_ansi(plan_text(outcome, columns=COLUMNS, colour=True) + "\n")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    endpoints = {pattern: {"latency": seconds} for pattern, seconds in SECONDS.items()}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for name in SHEETS:
            contact_sheet(name, Path(folder) / name)
        animatic(Path(folder) / "animatic")
        report(Path(folder))
        with Emulator(endpoints=endpoints, tiny=True) as provider:
            os.environ.update(CALLSHEET_FAL_URL=provider.url, FAL_KEY="any")
            (IMAGES / "run.svg").write_text(terminal(), encoding="utf-8")


if __name__ == "__main__":
    main()
