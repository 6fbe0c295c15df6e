"""The formats that a film can be handed over in, and the programs that read them."""

from __future__ import annotations

from typing import Final, Literal

FORMATS: Final = ("otio", "otioz", "edl", "fcp7", "fcpxml", "mlt", "csv", "srt", "vtt", "zip")
OTIOZ: Final = "otioz"
ZIP: Final = "zip"
IN_ZIP: Final = ("otio", "fcp7", "fcpxml", "edl", "mlt", "csv", "srt")
"""What is in a ZIP where no other format is asked for, and no program."""
WITH_MEDIA: Final = ("otio", "edl", "fcp7", "fcpxml", "mlt")
"""Formats that name media."""
WITH_TRACKS: Final = ("otio", "otioz", "fcp7", "fcpxml", "mlt")
"""Formats that have tracks of sound."""
ENDINGS: Final = {"fcp7": "xml"}
"""How the names of files end, where that is not the name of the format."""
Program = Literal["any", "premiere", "resolve", "finalcut", "avid", "kdenlive"]
"""Whose dialect the formats are in."""
