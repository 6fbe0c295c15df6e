"""Where a shared store is kept: a folder, or a URL that fsspec reaches."""

from __future__ import annotations

from pathlib import Path

from callsheet.runtime.remote_store.backend import Backend
from callsheet.runtime.remote_store.bucket import Bucket
from callsheet.runtime.remote_store.folder import Folder
from callsheet.spec.project import with_home


def backend_at(location: str) -> Backend:
    """The backend for a folder or URL. The URL of a folder is that folder, so that a disk that is not there
    is noticed, too. Raises InputError when no installed backend can reach it."""
    if "://" not in location:
        return Folder(with_home(location))
    bucket = Bucket.at(location)
    return Folder(Path(bucket.root)) if bucket.protocol == "file" else bucket
