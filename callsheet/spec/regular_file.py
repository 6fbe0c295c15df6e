"""Opens files that people name. Reading from a pipe could wait forever, and a device has no end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final

FLAGS: Final = ("O_NONBLOCK", "O_BINARY", "O_CLOEXEC")


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, open for reading bytes. Raises OSError, also for a folder, a pipe or a device."""
    descriptor = os.open(path, sum(getattr(os, flag, 0) for flag in FLAGS))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, limit: int) -> bytes:
    """The first `limit` + 1 bytes of the file at `path`. Raises OSError like `open_regular`."""
    with open_regular(path) as file:
        return file.read(limit + 1)
