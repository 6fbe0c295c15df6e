"""Each verb of the command line, and each of its options, can be reached from Python."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Final, get_type_hints

import click
import pytest

import callsheet as api
from callsheet.api.given import Given, Place
from callsheet.cli.main import VERBS, Verbs
from callsheet.emulator import Emulator

FUNCTIONS: Final[dict[str, str]] = {
    "init": "init init_git",
    "check": "check films",
    "graph": "graph",
    "models": "models model models_for prices models_add models_diff models_sync",
    "recipes": "recipes recipe recipes_of outdated_recipes",
    "test": "test_recipes",
    "substitute": "substitute",
    "schema": "schema",
    "doctor": "doctor",
    "plan": "plan",
    "explain": "explain",
    "diff": "diff",
    "run": "run arun start",
    "resume": "resume aresume start_resume fetch",
    "cancel": "cancel",
    "engine status": "engine_status",
    "origin": "origin restore",
    "export": "export",
    "conform": "conform",
    "notes": "notes note_add note_reply note_close note_reopen",
    "review": "serve_review review_export review_import",
    "watch": "serve_review",
    "report": "report report_run",
    "takes": "takes",
    "pick": "pick",
    "retake": "retake reword",
    "approve": "approve",
    "reject": "reject",
    "lock": "lock lock_check lock_settle lock_upgrade lock_prune lock_text",
    "log": "log",
    "merge-driver": "merge_driver",
    "archive": "archive",
    "cache ls": "cache",
    "cache verify": "cache_verify",
    "cache gc": "cache_gc",
    "runs": "runs bills",
    "show": "show events",
    "costs": "costs",
    "reconcile": "reconcile",
    "adopt-state": "adopt_state",
}
"""The functions of each verb."""
ELSEWHERE: Final = {
    "emulator": Emulator,
    "worker": "a process that works until it is ended",
    "open": "the program that the system has for a file",
}
"""Verbs that are no function of the package."""

PRINTING: Final = {
    "as_json": "to_json() of every value",
    "as_csv": "the values themselves",
    "as_events": "events",
    "exit_code": "the values say what differs",
    "form": "to_json() of every value",
    "verbose": "the values have everything",
    "output": "emit, or Run.events",
    "notify": "emit, or Run.events",
    "rule": "docs/rules.md",
    "every": "nothing is cut off",
    "markdown": "a page about values",
    "launch": "the values name the file",
    "no_open": "nothing is opened",
    "sheet": "Takes.sheet is the file",
    "only_open": "Note.is_open",
    "pictures_url": "a page about values",
}
"""Options that are about printing alone, and what a program has instead."""
NAMES: Final[dict[str, dict[str, str]]] = {
    "": {"pay_again": "buy_again", "secret": "secrets", "own_price": "own_prices"},
    "cache gc": {"dry_run": "yes"},
    "cancel": {"run": "name"},
    "check": {"files": "path"},
    "conform": {"file": "pipeline"},
    "engine status": {"store_trust": "store"},
    "init": {"in_git": "init_git"},
    "lock": {
        "files": "pipeline",
        "check": "lock_check",
        "upgrade": "lock_upgrade",
        "prune": "lock_prune",
        "textconv": "lock_text",
    },
    "merge-driver": {"path": "ours"},
    "models": {"words": "uses", "wanted": "models_for"},
    "notes": {
        "add": "note_add",
        "shot": "on",
        "reply": "note_reply",
        "closed": "note_close",
        "reopened": "note_reopen",
    },
    "origin": {"file": "file", "store_trust": "store"},
    "plan": {"files": "pipeline", "file_out": "save"},
    "recipes": {"words": "name"},
    "report": {"film": "pipeline"},
    "review": {"target": "review_export"},
    "retake": {"name": "note", "yes": "confirm"},
    "reconcile": {"pay_again": "pay_again"},
    "resume": {"run": "name", "fetch_only": "fetch", "yes": "confirm"},
    "run": {"yes": "confirm"},
    "schema": {"output": "schema"},
    "show": {"run": "name"},
    "substitute": {"dry": "write"},
    "test": {"no_preview": "preview"},
}
"""Options whose parameter, or function, has another name."""


def verbs() -> Iterator[tuple[str, click.Command]]:
    group = Verbs()
    for name in VERBS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {below}", one) for below, one in command.commands.items())
        else:
            yield name, command


def parameters_of(function: object) -> set[str]:
    """The names of what a function takes, those of its keywords too."""
    names = set()
    for parameter in inspect.signature(function).parameters.values():  # type: ignore[arg-type]
        if parameter.kind is parameter.VAR_KEYWORD:
            keywords = Given if parameter.name == "given" else Place
            names |= set(get_type_hints(keywords))
        else:
            names.add(parameter.name)
    return names


def test_each_verb_is_a_function() -> None:
    assert {name for name, _ in verbs()} == {*FUNCTIONS, *ELSEWHERE}
    assert {name for names in FUNCTIONS.values() for name in names.split()} <= set(api.__all__)


@pytest.mark.parametrize("verb", FUNCTIONS)
def test_each_option_is_a_parameter(verb: str) -> None:
    functions = {name: getattr(api, name) for name in FUNCTIONS[verb].split()}
    known = {name for function in functions.values() for name in parameters_of(function)} | set(functions)
    renamed = {"file": "pipeline", **NAMES[""], **NAMES.get(verb, {})}
    command = dict(verbs())[verb]
    missing = [
        option.name
        for option in command.params
        if option.name and renamed.get(option.name, option.name) not in known and option.name not in PRINTING
    ]
    assert missing == []


@pytest.mark.parametrize("name", sorted(name for names in FUNCTIONS.values() for name in names.split()))
def test_each_function_is_documented_and_typed(name: str) -> None:
    function = getattr(api, name)
    hints = get_type_hints(function)
    assert {"return", *inspect.signature(function).parameters} == set(hints)
    assert function.__doc__ and function.__doc__.strip()[0] in "`ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert function.__name__ == name
