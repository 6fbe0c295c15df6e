"""The formats that a film can be handed over in."""

from __future__ import annotations

from typing import Final, Literal

FORMATS: Final = ("otio", "otioz", "edl", "fcp7", "fcpxml", "mlt", "csv", "srt", "vtt")
OTIOZ: Final = "otioz"
WITH_MEDIA: Final = ("otio", "edl", "fcp7", "fcpxml", "mlt")
"""Formats that name media."""
WITH_TRACKS: Final = ("otio", "otioz", "fcp7", "fcpxml", "mlt")
"""Formats that have tracks of sound."""
ENDINGS: Final = {"fcp7": "xml"}
"""How the names of files end, where that is not the name of the format."""
Program = Literal["any", "premiere"]
"""Whose dialect an EDL is in."""
