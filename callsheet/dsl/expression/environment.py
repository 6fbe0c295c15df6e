"""The Jinja2 environment: our delimiters, character positions, access by key only, no globals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes, pass_context
from jinja2.lexer import TokenStream
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from callsheet.dsl.expression.arithmetic import OPERATORS, computed
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.expression.values import Keyed, ListKey, NotYet, Pending, look_up, paste

TESTS: Final = ("defined", "undefined", "none", "even", "odd")


@pass_context
def _paste(_: Context, value: object) -> str:
    return paste(value)


class Expressions(ImmutableSandboxedEnvironment):
    """The Jinja2 environment of the language. Line numbers in its trees are character offsets."""

    intercepted_binops = frozenset(OPERATORS)

    def __init__(self) -> None:
        super().__init__(
            block_start_string="${%",
            block_end_string="%}",
            variable_start_string="${{",
            variable_end_string="}}",
            comment_start_string="${#",
            comment_end_string="#}",
            keep_trailing_newline=True,
            undefined=StrictUndefined,
            optimized=False,
            finalize=_paste,
            cache_size=0,
        )
        self.globals.clear()
        self.filters = dict(FILTERS)
        self.tests = {name: self.tests[name] for name in TESTS}

    def _tokenize(self, source: str, name: Any, filename: Any = None, state: Any = None) -> TokenStream:
        tokens = self._with_offsets(source, state)
        return TokenStream(self.lexer.wrap(tokens, name, filename), name, filename)

    def _with_offsets(self, source: str, state: str | None) -> Iterator[tuple[int, str, str]]:
        """Jinja's tokens, but with the character offset where the line number would be."""
        at = 0
        try:
            for _, token, text in self.lexer.tokeniter(source, None, None, state):
                at = max(source.find(text, at), at)
                yield at, token, text
                at += len(text)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(error.message or "not an expression", at) from None

    def tokens(self, source: str) -> list[tuple[int, int, str]]:
        """(start, end, text) of every token, white space left out."""
        found = self._with_offsets(source, None)
        return [(at, at + len(text), text) for at, token, text in found if token != "whitespace"]

    def getattr(self, obj: Any, attribute: str) -> Any:
        return look_up(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, Pending):
            raise NotYet
        if isinstance(argument, ListKey):
            return argument.element_of(obj)
        if isinstance(obj, Keyed) and isinstance(argument, str):
            return obj.by_key(argument)
        return look_up(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return computed(operator, left, right)


ENVIRONMENT: Final = Expressions()


def parse(source: str) -> nodes.Template:
    """The syntax tree; raises jinja2.TemplateSyntaxError whose `lineno` is a character offset."""
    return ENVIRONMENT.parse(source)
