"""What the operating system says of a disk that takes no more, as a message with a next step."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from callsheet.errors import StoreError
from callsheet.spec.wording import folder_name

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
REFUSED: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
FREE_SPACE: Final = "free some space and run again; what is already made is kept"


def explained(error: OSError, path: Path) -> StoreError:
    """Why `path` could not be written."""
    folder = folder_name(path.parent)
    if error.errno in FULL:
        return StoreError(f"the disk is full: {folder} could not take another file", FREE_SPACE)
    if error.errno in REFUSED:
        return StoreError(
            f"{folder} may not be written to ({error.strerror})",
            "check the permissions of the folder, or choose another one",
        )
    return StoreError(
        f"{path} could not be written: {error.strerror or error}", "check the disk and run again"
    )
