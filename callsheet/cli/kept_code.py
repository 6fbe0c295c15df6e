"""Keeps the code that dataclasses generate, so that a start need not compile it again.

`@dataclass` writes the source of each method and compiles it whenever its module is imported: a quarter of
the time of a short command. What is kept is found by exactly that source, so it is never out of date.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import marshal
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

MOST: Final = 10_000
"""Pieces of code that are kept at most; beyond it the file is begun anew."""


@contextlib.contextmanager
def kept_code() -> Iterator[None]:
    """Inside, dataclasses take their code from the file where it is kept; at the end, new code is added.

    It is kept where Python keeps compiled modules, by the same rules: nothing is written when Python was told
    not to, or where the folder cannot be written.
    """
    code = KeptCode()
    vars(dataclasses)["exec"] = code.execute  # found before the built-in one
    try:
        yield
    finally:
        del vars(dataclasses)["exec"]
        if not sys.dont_write_bytecode:
            code.keep()


class KeptCode:
    """Code by the digest of its source, read from the file when the first piece is asked for."""

    def __init__(self) -> None:
        self._new: dict[bytes, bytes] = {}

    def execute(self, source: str, names: dict[str, Any], found: dict[str, Any]) -> None:
        """As the built-in `exec`, for a source."""
        from hashlib import blake2b

        name = blake2b(source.encode(), digest_size=20).digest()
        packed = self._kept.get(name)
        if packed is not None:
            code = marshal.loads(packed)
        else:
            code = compile(source, "<string>", "exec")
            self._new[name] = marshal.dumps(code)
        builtins.exec(code, names, found)

    def keep(self) -> None:
        """Write what is new into the file. Where that is not possible, nothing is kept."""
        if not self._new:
            return
        every = {**self._kept, **self._new}
        part = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(marshal.dumps(every if len(every) <= MOST else self._new))
                part.replace(self._file)
            finally:
                part.unlink(missing_ok=True)

    @cached_property
    def _file(self) -> Path:
        from importlib.util import cache_from_source

        return Path(cache_from_source(str(Path(__file__).parents[1] / "generated.py"))).with_suffix(".code")

    @cached_property
    def _kept(self) -> dict[bytes, bytes]:
        try:
            found = marshal.loads(self._file.read_bytes())
        except (OSError, EOFError, ValueError, TypeError):
            return {}
        return found if isinstance(found, dict) else {}
