"""Odd numbers in every option that takes a number: a message that names the option, and nothing is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from callsheet.cli.amounts import Number, Usd
from callsheet.cli.main import VERBS, main
from callsheet.cli.main import callsheet as verbs

ODD = ("nan", "inf", "-inf", "1e400", "-1e400", "-1", "1e308", "١٢", "1_0", "0x10", "", "1,5", "1e", "½")


def commands(found: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(found, click.Group):
        for name in found.list_commands(click.Context(found)):
            part = found.get_command(click.Context(found), name)
            assert part is not None
            yield from commands(part, (*words, name))
    else:
        yield words, found


def numeric() -> Iterator[tuple[tuple[str, ...], click.Option]]:
    for words, command in commands(verbs, ()):
        for option in command.params:
            if isinstance(option, click.Option) and isinstance(
                option.type, Usd | Number | click.types._NumberRangeBase
            ):
                yield words, option


NUMERIC = {f"{' '.join(words)} {option.opts[0]}": (words, option) for words, option in numeric()}


def test_no_option_takes_any_number() -> None:
    """A float of click's may be nan, and an integer below zero."""
    for words, command in commands(verbs, ()):
        loose = [p.name for p in command.params if p.type in (click.FLOAT, click.INT) and p.name != "seed"]
        assert not loose, words
    assert len(VERBS) > 20 and len(NUMERIC) > 15


@pytest.mark.parametrize("name", NUMERIC)
def test_it_is_a_message(name: str, in_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, option = NUMERIC[name]
    Path("film.yaml").write_text("callsheet: 1\nnodes: {a: {uses: text/split, with: {text: hi}}}\n")
    places = [p.name or "" for p in _command(words).params if isinstance(p, click.Argument)]
    for number in ODD:
        if isinstance(option.type, click.IntRange) and number in ("1_0", "١٢"):
            continue  # whole numbers that mean what they say
        arguments = ["film.yaml" if place == "file" else "a" for place in places]
        with pytest.raises(SystemExit) as stop:
            main([*words, *arguments, f"{option.opts[0]}={number}"])
        out, err = capsys.readouterr()
        assert stop.value.code in (1, 2) and "Traceback" not in err, (number, out, err)
        if number[:1] == "-" and not option.flag_value:
            assert option.opts[0] in err and number in err, (number, err)


def _command(words: tuple[str, ...]) -> click.Command:
    found: click.Command = verbs
    for word in words:
        assert isinstance(found, click.Group)
        part = found.get_command(click.Context(found), word)
        assert part is not None
        found = part
    return found
