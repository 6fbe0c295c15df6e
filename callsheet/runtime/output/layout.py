"""The names of everything in `out/<name>/`, the folder of one film. No other module knows them.

out/<name>/                   the outputs of the film
out/<name>/parts/             what nodes made on the way, in the order of the film
out/<name>/takes/             contact sheets
out/<name>/handover/          what an editing program gets
out/<name>/preview/           the same for previews, with folders of its own
out/<name>/profiles/<profile>/  the same for a profile
out/<name>/rows/<row>/        the same for the film of one row of a batch
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.runtime.output.file_names import file_name

PREVIEW: Final = "preview"
PARTS: Final = "parts"
TAKES: Final = "takes"
HANDOVER: Final = "handover"
PROFILES: Final = "profiles"
ROWS: Final = "rows"
FOLDERS: Final = frozenset({PREVIEW, PARTS, TAKES, HANDOVER, PROFILES, ROWS})
"""Names that no file of a result gets: those of the folders."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folder of a film's results, or of its previews. top: the folder itself, with the outputs. out: the
    folder that it lies in, as a person named it. name: the folder of the film in `out`."""

    out: Path
    name: str
    top: Path

    @classmethod
    def of(cls, out: Path, film: str, preview: bool = False, profile: str = "", row: str = "") -> Layout:
        """The folder of the film with this name, in `out`; that of a profile lies in it, and that of a row in
        either."""
        name = file_name(film)
        top = out / name / PROFILES / profile if profile else out / name
        top = top / ROWS / row if row else top
        return cls(out, name, top / PREVIEW if preview else top)

    @property
    def parts(self) -> Path:
        """The folder of files that are no outputs of the film."""
        return self.top / PARTS

    @property
    def takes(self) -> Path:
        """The folder of contact sheets."""
        return self.top / TAKES

    @property
    def handover(self) -> Path:
        """The folder that an editing program gets."""
        return self.top / HANDOVER
