"""Where a user's configuration lies, outside of every project."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from callsheet.spec.project import home_folder

GRANTS: Final = "grants.json"
"""The file with what a user granted to projects."""


def configuration() -> Path | None:
    """The folder of the user's configuration: CALLSHEET_CONFIG, or the usual place of the system; None for a
    user without a home folder."""
    if own := os.environ.get("CALLSHEET_CONFIG"):
        return Path(own)
    variable, usual = (
        ("APPDATA", "AppData/Roaming") if sys.platform == "win32" else ("XDG_CONFIG_HOME", ".config")
    )
    if found := os.environ.get(variable):
        return Path(found, "callsheet")
    home = home_folder()
    return home / usual / "callsheet" if home else None
