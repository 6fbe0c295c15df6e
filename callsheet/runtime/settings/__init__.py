"""What `callsheet.toml` says of a project: read, checked, each key with its place."""

from callsheet.runtime.settings.model import Limits, Preset, Profile, Settings
from callsheet.runtime.settings.read import settings_in, settings_of

__all__ = ["Limits", "Preset", "Profile", "Settings", "settings_in", "settings_of"]
