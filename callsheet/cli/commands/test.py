"""`callsheet test`: checks, compares and previews the examples of recipes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.output import paint_on
from callsheet.cli.permissions import fetch_option, trust_option


@click.command("test")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Write the golden plans as they are now.")
@click.option("--no-preview", is_flag=True, help="Only check, and compare with the golden plans.")
@fetch_option
@trust_option
@json_option
def command(paths: tuple[Path, ...], update: bool, no_preview: bool, as_json: bool) -> int:
    """Test recipes: check each of their examples by itself, compare what it asks for with a golden plan, and
    preview it.

    PATH is a recipe, or a folder with recipes (without PATH: the current one). Nothing is bought, and without
    --fetch no connection is opened. The golden plan of board.yaml is board.plan.txt beside it; --update
    writes it.

    \b
    callsheet test
    callsheet test recipes/board.yaml --update
    """
    from callsheet.cli.views.recipe_tests import outcome_text, summary
    from callsheet.runtime.recipe_tests.outcome import outcome_of, recipes_in

    outcomes = []
    for path in recipes_in(paths or (Path(),)):
        outcomes.append(outcome_of(path, update, not no_preview))
        if not as_json:
            click.echo(outcome_text(outcomes[-1], paint_on(sys.stdout)))
    ok = all(outcome.ok for outcome in outcomes)
    if as_json:
        from callsheet.api.catalogue import TestedRecipes

        print_json(TestedRecipes(ok, tuple(outcomes)))
    else:
        click.echo(summary(outcomes))
    return 0 if ok else 1
