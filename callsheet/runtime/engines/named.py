"""Which engine `--on` names: `here`, `here:4`, `dask://host:8786`, or two of them with a comma."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.engines.engine import Engine

HERE: Final = "here"
MOST: Final = 1024
"""Processes that are asked for at most."""
MOST_ENGINES: Final = 2
"""The one that is used, and the one that takes its place while it cannot be reached."""
COUNTED: Final = re.compile(r"here:([1-9][0-9]{0,5})")
KINDS: Final = "here, here:4 (processes of this machine), dask://host:8786 or tls://host:8786"


def is_here(on: str) -> bool:
    """Whether everything is made in this process, without an engine."""
    return on in ("", HERE)


def named(on: str) -> Callable[[], Engine]:
    """What makes the engine that `on` names. Raises InputError where there is no such engine, or where what
    it needs is missing."""
    words = [word.strip() for word in on.split(",")]
    if len(words) > MOST_ENGINES:
        raise InputError(f"--on {on!r} names {len(words)} engines", "name one, and one for when it is away")
    if "" in words:
        raise InputError(f"--on {on!r} names no engine before or after a comma", f"write {KINDS}")
    if len(words) == 1:
        return _one(words[0])
    main, spare = map(_one, words)
    from callsheet.runtime.engines.fallback import Fallback

    return lambda: Fallback(main(), spare())


def _one(on: str) -> Callable[[], Engine]:
    if on == HERE:
        from callsheet.runtime.engines.threads import Threads

        return Threads
    if counted := COUNTED.fullmatch(on):
        return _processes(int(counted[1]))
    if on.startswith(("dask://", "tls://")):
        return _dask(on)
    raise InputError(f"--on {on!r} names no engine", f"write {KINDS}")


def _dask(address: str) -> Callable[[], Engine]:
    from callsheet.runtime.engines.dask_address import require_dask

    scheduler = require_dask(address)
    from callsheet.runtime.engines.dask_engine import Dask

    return lambda: Dask(address, scheduler)


def _processes(count: int) -> Callable[[], Engine]:
    if count > MOST:
        raise InputError(f"--on here:{count} asks for {count:,} processes", f"at most {MOST:,} are started")
    from callsheet.runtime.engines.processes import Processes

    return lambda: Processes(count)
