"""Engines: they carry out local operations and previews, in other processes or on other machines."""
