"""`callsheet`, on a machine without what Windows lacks. What is taken away fails here as it does there."""

import asyncio
import ctypes  # noqa: F401
import fcntl
import io
import os
import subprocess  # noqa: F401
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

# imported before anything is taken away: ctypes, subprocess
OPEN, REPLACE, UNLINK, REMOVE = os.open, os.replace, os.unlink, os.remove


def locking(descriptor: int, mode: int, size: int) -> None:
    """Locks bytes from where the file stands, for one process and nobody else."""
    assert (mode, size) == (2, 1)
    writes = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_RDWR
    kind = fcntl.LOCK_EX if writes else fcntl.LOCK_SH
    fcntl.lockf(descriptor, kind | fcntl.LOCK_NB, size, os.lseek(descriptor, 0, os.SEEK_CUR))


def read_only(path: Any) -> bool:
    return Path(path).is_file() and not Path(path).stat().st_mode & 0o200


def refuses(call: Callable[..., None], at: int) -> Callable[..., None]:
    """`call`, where a file that is read-only cannot be what is replaced or removed."""

    def careful(*arguments: Any, **options: Any) -> None:
        if read_only(arguments[at]):
            raise PermissionError(13, "Access is denied", str(arguments[at]))
        call(*arguments, **options)

    return careful


def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
    if isinstance(path, str | Path) and Path(path).is_dir() and not options:
        raise PermissionError(13, "Permission denied", str(path))
    return OPEN(path, flags, *rest, **options)


def nothing(*_: Any, **__: Any) -> None:
    raise NotImplementedError


def take_away() -> None:
    """From here on this is Windows, but for its paths."""
    os.name = "windows"  # not "nt": paths stay those of this machine
    for name in ("pwrite", "pread", "fork", "getuid", "geteuid", "fchmod", "O_NOFOLLOW", "O_CLOEXEC"):
        delattr(os, name)
    os.link, os.open = nothing, opened
    os.replace, os.rename = refuses(REPLACE, 1), refuses(REPLACE, 1)
    os.unlink, os.remove = refuses(UNLINK, 0), refuses(REMOVE, 0)
    asyncio.BaseEventLoop.add_signal_handler = nothing  # type: ignore[attr-defined]
    asyncio.SelectorEventLoop.add_signal_handler = nothing  # type: ignore[method-assign]
    sys.modules["fcntl"] = sys.modules["resource"] = None  # type: ignore[assignment]
    sys.modules["msvcrt"] = types.ModuleType("msvcrt")
    sys.modules["msvcrt"].__dict__.update(locking=locking, LK_NBLCK=2)
    for name in ("stdout", "stderr"):
        setattr(
            sys, name, io.TextIOWrapper(getattr(sys, name).buffer, encoding="cp1252", line_buffering=True)
        )


if __name__ == "__main__":
    take_away()
    from callsheet.cli.main import main

    main()
