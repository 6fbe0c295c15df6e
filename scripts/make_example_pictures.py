"""The pictures of examples/README.md, from free previews of the films.

python scripts/make_example_pictures.py               # of every example
python scripts/make_example_pictures.py lighthouse    # of this one

Each shows moments of what the film makes, in rows. Fonts of other machines make other bytes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from pages.examples import picture_of
from PIL import Image

import callsheet
from callsheet.nodes.media.codec.frames import to_image
from callsheet.nodes.media.codec.reader import look, pictures_at
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.spec.values import leaves

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLES: Final = ROOT / "examples"
PLACES: Final = ("*", "studio/films/*")
WIDTH: Final = 320
"""Pixels of a picture."""
GAP: Final = 4
"""Pixels between two moments."""
BETWEEN: Final = (20, 20, 21)
MOMENTS: Final = 4
WIDEST: Final = 3.6
"""A row of moments is at most this many times as wide as high."""
HIGHEST: Final = 120
"""Pixels of a row."""
GRID: Final = 2.5
"""A film that is so many times as wide as high shows several others: one moment of it is enough."""


def films() -> Mapping[Path, Path]:
    """The place of each picture → its film, as examples/README.md lists them."""
    found = [path for place in PLACES for path in sorted(EXAMPLES.glob(f"{place}/film.yaml"))]
    return {ROOT / picture_of(str(path.relative_to(EXAMPLES))): path for path in found}


def picture(film: Path, folder: Path) -> Image.Image:
    """Moments of the outputs of a preview. folder: for the state and the results of the run."""
    made = callsheet.run(film, preview=True, slate="off", out=folder / "out", state=folder / "state")
    if made.status != "done":
        raise RuntimeError(f"{film}: {made.failures}")
    return sheet(moments([Path(path) for path in leaves(made.outputs, Path)]))


def moments(paths: Sequence[Path]) -> list[Image.Image]:
    """Pictures out of the films among `paths`; the pictures among them where there is no film."""
    kinds = {path: MediaInspector().identify(path) for path in paths}
    films = [path for path, kind in kinds.items() if kind == "video"][:MOMENTS]
    if not films:
        return [Image.open(path).convert("RGB") for path, kind in kinds.items() if kind == "image"][:MOMENTS]
    each = MOMENTS // len(films)
    return [found for film in films for found in _of_film(film, each)]


def _of_film(film: Path, count: int) -> Iterator[Image.Image]:
    clip = look(film)
    width, height = clip.size
    count = count if width < GRID * height else 1
    places = [Fraction(clip.seconds) * (2 * i + 1) / (2 * count) for i in range(count)]
    yield from map(to_image, pictures_at(clip, places))


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """The pictures in one row or two; those of a row are equally high."""
    shapes = sum(one.width / one.height for one in pictures)
    count = -(-len(pictures) // 2) if shapes > WIDEST else len(pictures)
    rows = [_row(pictures[i : i + count]) for i in range(0, len(pictures), count)]
    whole = Image.new("RGB", (WIDTH, sum(row.height for row in rows) + GAP * (len(rows) - 1)), BETWEEN)
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height + GAP
    return whole


def _row(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures side by side, in the middle."""
    gaps = GAP * (len(pictures) - 1)
    height = min(HIGHEST, round((WIDTH - gaps) / sum(one.width / one.height for one in pictures)))
    widths = [round(height * one.width / one.height) for one in pictures]
    row, left = Image.new("RGB", (WIDTH, height), BETWEEN), max(0, (WIDTH - gaps - sum(widths)) // 2)
    for one, width in zip(pictures, widths, strict=True):
        row.paste(one.resize((width, height), Image.Resampling.LANCZOS), (left, 0))
        left += width + GAP
    return row


def main(names: Sequence[str]) -> None:
    for place, film in films().items():
        if not names or place.stem in names:
            with tempfile.TemporaryDirectory() as folder:
                picture(film, Path(folder)).save(place, quality=74, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
