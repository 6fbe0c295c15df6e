"""A rule of the language, and a problem: one case in which a rule is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Literal, ParamSpec

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
Text = str | tuple[str, str]
"""A message, or a message and the next step."""
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, without its place in a file. path: leads to the part of a value that is meant."""

    code: str
    message: str
    help: str = ""
    severity: Severity = "error"
    path: Path = ()

    def at(self, path: Path) -> Problem:
        """The same problem of a part of a value."""
        return replace(self, path=path)

    def under(self, prefix: str) -> Problem:
        """The same problem, its message beginning with `prefix`."""
        return replace(self, message=prefix + self.message)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the language. code: stable, for people and programs. about: the rule in one line.

    `error` and `warning` turn a function that writes a message into one that gives the problem.
    """

    code: str
    about: str

    def error(self, write: Callable[P, Text]) -> Callable[P, Problem]:
        return self._problem(write, "error")

    def warning(self, write: Callable[P, Text]) -> Callable[P, Problem]:
        return self._problem(write, "warning")

    def _problem(self, write: Callable[P, Text], severity: Severity) -> Callable[P, Problem]:
        @wraps(write)
        def problem(*args: P.args, **kwargs: P.kwargs) -> Problem:
            text = write(*args, **kwargs)
            message, help = (text, "") if isinstance(text, str) else text
            return Problem(self.code, message, help, severity)

        return problem
