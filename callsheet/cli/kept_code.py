"""Keeps what modules compile when they are imported, so that a start need not compile it again.

`@dataclass` writes the source of each method and compiles it whenever its module is imported, and patterns
are compiled each time: a third of the time of a short command. What is kept is found by exactly that source,
so it is never out of date. The file begins with the digest of the rest and of the compiler's version: a file
that was changed or cut, or that another compiler wrote, is written again. The file is read only if everybody
who may write it may also write callsheet's code.
"""

from __future__ import annotations

import builtins
import contextlib
import dataclasses
import marshal
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from callsheet.cli.kept_patterns import kept_patterns

MOST: Final = 5_000
"""Pieces of code that are kept at most, all of which a start reads; beyond it the file is begun anew."""
FORM: Final = b"2"
"""Of the file: one that a version of another form wrote is written again."""
DIGEST: Final = 20
"""Bytes of a digest."""
OURS: Final = 0o644
OTHERS_WRITE: Final = 0o022


@contextlib.contextmanager
def kept_code(verb: str) -> Iterator[None]:
    """Inside, dataclasses and the patterns of modules take their code from the file where it is kept for this
    verb; at the end, new code is added.

    It is kept where Python keeps compiled modules, by the same rules: nothing is written when Python was told
    not to, or where the folder cannot be written.
    """
    code = KeptCode(verb)
    vars(dataclasses)["exec"] = code.execute  # found before the built-in one
    try:
        with kept_patterns(code):
            yield
    finally:
        del vars(dataclasses)["exec"]
        if not sys.dont_write_bytecode:
            code.keep()


class KeptCode:
    """Code by its source, read from the file when the first piece is asked for."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._new: dict[str, Any] = {}

    def execute(self, source: str, names: dict[str, Any], found: dict[str, Any]) -> None:
        """As the built-in `exec`, for a source."""
        code = self.get(source)
        if code is None:
            code = compile(source, "<string>", "exec", dont_inherit=True)
            self.put(source, code)
        builtins.exec(code, names, found)

    def get(self, source: str) -> Any:
        """What is kept for a source; None for nothing."""
        return self._kept.get(source)

    def put(self, source: str, code: Any) -> None:
        """Keep `code`, of Python or of plain parts, for a source."""
        self._new[source] = code

    def keep(self) -> None:
        """Write what is new into the file. Where that is not possible, nothing is kept."""
        if not self._new:
            return
        every = {**self._kept, **self._new}
        part = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                if _is_ours(self._file.parent):
                    part.write_bytes(_sealed(every if len(every) <= MOST else self._new))
                    part.chmod(OURS)
                    part.replace(self._file)
            finally:
                part.unlink(missing_ok=True)

    @cached_property
    def _file(self) -> Path:
        from importlib.util import cache_from_source

        return Path(cache_from_source(str(SOURCE / f"generated-{self._verb}.py"))).with_suffix(".code")

    @cached_property
    def _kept(self) -> Mapping[str, Any]:
        try:
            if _is_ours(self._file.parent) and _is_ours(self._file):
                return _unsealed(self._file.read_bytes())
        except OSError:
            pass
        return {}


SOURCE: Final = Path(__file__).parents[1]
"""The folder of callsheet's code."""


def _is_ours(path: Path) -> bool:
    """Whether everybody who may write `path` may also write callsheet's code. Raises OSError."""
    if os.name != "posix":
        return True
    found, source = path.stat(), SOURCE.stat()
    wider = found.st_mode & ~source.st_mode & OTHERS_WRITE
    return found.st_uid in (0, os.getuid(), source.st_uid) and not wider


def _sealed(code: Mapping[str, Any]) -> bytes:
    payload = marshal.dumps(dict(code))
    return _digest(payload) + payload


def _unsealed(content: bytes) -> Mapping[str, Any]:
    """What was sealed; nothing if a byte of it was changed."""
    digest, payload = content[:DIGEST], memoryview(content)[DIGEST:]
    found = marshal.loads(payload) if digest == _digest(payload) else {}
    return found if isinstance(found, dict) else {}


def _digest(content: bytes | memoryview) -> bytes:
    """Of `content`, for this version of the compiler."""
    from hashlib import blake2b
    from importlib.util import MAGIC_NUMBER

    return blake2b(content, digest_size=DIGEST, person=MAGIC_NUMBER + FORM).digest()
