"""Makes the regular expressions of modules from what was kept of them: compiling one takes longer than most
functions that use it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol, cast

COMPILER: Final[Any] = sys.modules.get("re._compiler")
CALLERS: Final = 3
"""Frames from `Patterns.compile` to who asked `re` for a pattern."""
FUNCTION: Final = 1
"""The flag of code that belongs to a function, and not to a module or a class."""


class Keeper(Protocol):
    """What keeps values of plain parts by a text."""

    def get(self, source: str) -> Any: ...
    def put(self, source: str, code: Any) -> None: ...


@contextmanager
def kept_patterns(keeper: Keeper) -> Iterator[None]:
    """Inside, the regular expressions of modules are taken from `keeper`, and kept there."""
    if not hasattr(COMPILER, "compile"):  # a Python that compiles them in another way
        yield
        return
    before = COMPILER.compile
    COMPILER.compile = Patterns(keeper, before).compile
    try:
        yield
    finally:
        COMPILER.compile = before


class Patterns:
    """The regular expressions that modules have. before: what compiles them."""

    def __init__(self, keeper: Keeper, before: Callable[..., re.Pattern[Any]]) -> None:
        self._keeper, self._before = keeper, before

    def compile(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """As `re` compiles a pattern. Only patterns that are compiled while a module is imported are kept:
        functions may compile any number of others."""
        caller = sys._getframe(CALLERS)
        if not isinstance(pattern, str) or flags & re.DEBUG or caller.f_code.co_flags & FUNCTION:
            return self._before(pattern, flags)
        source = f"{sys.version} {int(flags)} {pattern}"
        given = self._keeper.get(source)
        if given is not None:
            return _made(pattern, given)
        found = self._before(pattern, flags)
        given = _given(pattern, flags)
        if given is not None and _made(pattern, given) == found:
            self._keeper.put(source, given)
        return found


def _made(pattern: str, given: tuple[Any, ...]) -> re.Pattern[Any]:
    return cast("re.Pattern[Any]", COMPILER._sre.compile(pattern, *given))


def _given(pattern: str, flags: int) -> tuple[Any, ...] | None:
    """What a pattern is made of beside its text: its flags, code, number of groups, and their names by number
    and the other way round. None where this Python makes it in another way."""
    try:
        parsed = COMPILER._parser.parse(pattern, flags)
        numbers, count = dict(parsed.state.groupdict), parsed.state.groups
        names: list[str | None] = [None] * count
        for name, number in numbers.items():
            names[number] = name
        code = list(map(int, COMPILER._code(parsed, flags)))
        return int(flags | parsed.state.flags), code, count - 1, numbers, tuple(names)
    except (AttributeError, TypeError):
        return None
