"""docs/commands.md: every command of the command line, from its own declaration."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Final

import click
from pages._parts import cell, escaped, leads_on

from callsheet.cli.main import GROUPS, callsheet

PAGE: Final = "docs/commands.md"
NEXT: Final = leads_on(
    ("The language", "language.md", "what the commands read"),
    ("Python", "python.md", "the same from a program"),
    ("Troubleshooting", "troubleshooting.md", "what to type when something fails"),
)
KEPT: Final = "\b\n"
HEAD: Final = """\
# Commands

Every command has `--help`. `python -m callsheet` is the same as `callsheet`.
[Exit codes](guide.md#when-something-fails) tell scripts how a command ended; `--json` or `--output json`
gives its result as data. This page is made from the declarations of the commands.
"""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: "\n".join([HEAD, *_groups(), NEXT])}


def _groups() -> Iterator[str]:
    root = click.Context(callsheet, info_name="callsheet")
    for group, names in GROUPS.items():
        yield f"## {group}\n"
        for name in names:
            command = callsheet.get_command(root, name)
            assert command is not None
            yield from _command(command, click.Context(command, info_name=name, parent=root), level=3)


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield f"{'#' * level} {context.command_path}\n\n```text\n{usage}\n```\n\n{_prose(command.help or '')}\n"
    options = [
        p
        for p in command.get_params(context)
        if isinstance(p, click.Option) and "--help" not in p.opts and not p.hidden
    ]
    if options:
        yield "| option | |\n|---|---|"
        yield from (_option(option, context) for option in options)
        yield ""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(inner, click.Context(inner, info_name=name, parent=context), level + 1)


def _prose(text: str) -> str:
    """The help of a command; what stands below click's mark `\\b` keeps its lines."""
    return "\n\n".join(map(_paragraph, inspect.cleandoc(text).split("\n\n")))


def _paragraph(text: str) -> str:
    return f"```text\n{text.removeprefix(KEPT)}\n```" if text.startswith(KEPT) else escaped(text)


def _option(option: click.Option, context: click.Context) -> str:
    names, text = option.get_help_record(context) or ("", "")
    return f"| {cell(f'`{names}`')} | {cell(text)} |"
