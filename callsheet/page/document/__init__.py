"""The document of a page: everything that it shows, as typed values with a version.

`to_json` gives JSON values; what is empty is left out. Instances, runs and media refer to each other: an
instance by its index in `instances`, a run by its name, a medium by its id in `media`. Money is in USD,
lengths are in seconds, moments in seconds since 1970.
"""
