"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import click

from callsheet.cli import completion
from callsheet.cli.amounts import EACH, Usd
from callsheet.cli.answer import Verb
from callsheet.cli.permissions import fetch_option, instances_option, permit, trust_option
from callsheet.cli.views import expect_events
from callsheet.errors import InputError
from callsheet.spec.batch import EACH as EACH_ROW
from callsheet.spec.permissions import StoreTrust
from callsheet.spec.profile import PROFILE


def limit_options(verb: Verb) -> Verb:
    """`--budget USD` and `--unpriced USD`."""
    verb = click.option(
        "--unpriced",
        type=Usd(),
        is_flag=False,
        flag_value=EACH,
        default=False,
        show_default=False,
        metavar="USD",
        help="Under a budget, what each call without a known price counts as.",
    )(verb)
    return click.option(
        "--budget",
        type=Usd(),
        metavar="USD",
        help="At most this many USD for this run and those that resume it. Without a terminal, also a yes.",
    )(verb)


def input_options(verb: Verb) -> Verb:
    """`--set NAME=VALUE`, `--inputs FILE`, `--profile NAME`, `--each TABLE`, `--trust`, `--fetch` and
    `--max-instances`."""
    verb = profile_option(each_option(trust_option(fetch_option(instances_option(verb)))))
    verb = click.option(
        "--inputs",
        multiple=True,
        type=click.Path(dir_okay=False, readable=False, path_type=Path),
        help="A YAML or JSON file of input values; may be repeated, later ones win.",
    )(verb)
    return click.option(
        "sets", "--set", multiple=True, metavar="NAME=VALUE", help="The value of an input; may be repeated."
    )(verb)


def profile_option(verb: Verb) -> Verb:
    """`--profile NAME`, for every command that checks a pipeline."""
    return click.option(
        "--profile",
        metavar="NAME",
        expose_value=False,
        callback=lambda _, __, name: PROFILE.set(name or PROFILE.get()),
        help="Use [profiles.NAME] of callsheet.toml: its inputs, its models, results of its own.",
    )(verb)


def each_option(verb: Verb) -> Verb:
    """`--each TABLE`, for every command that checks a pipeline."""
    return click.option(
        "--each",
        type=click.Path(dir_okay=False, readable=False, path_type=Path),
        metavar="TABLE",
        expose_value=False,
        callback=lambda _, __, table: EACH_ROW.set(table or EACH_ROW.get()),
        help="Make one film for each row of this CSV, TSV, JSON or YAML file (`id`, names of inputs).",
    )(verb)


def store_option(verb: Verb, exposed: bool = True) -> Verb:
    """`--store PLACE` and `--store-trust`, or the variables CALLSHEET_STORE and CALLSHEET_STORE_TRUST."""
    verb = click.option(
        "--store-trust",
        type=click.Choice(get_args(StoreTrust)),
        envvar="CALLSHEET_STORE_TRUST",
        default="team",
        show_default=True,
        expose_value=False,
        callback=lambda _, __, trust: permit(store=trust),
        help="What counts of the store: what anybody of your team bought, or only what your lock file names"
        " (also CALLSHEET_STORE_TRUST).",
    )(verb)
    return click.option(
        "--store",
        metavar="PLACE",
        envvar="CALLSHEET_STORE",
        default="",
        callback=_store,
        expose_value=exposed,
        help="The shared store of your team: a folder or a URL (also CALLSHEET_STORE).",
    )(verb)


def out_option(what: str = "they are written", folder: str = "") -> Callable[[Verb], Verb]:
    """`--out PATH`. what: is written there. folder: below that of the film, with its slash."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        default=Path("out"),
        show_default=True,
        help=f"The folder of the results; {what} to PATH/<name>/{folder}.",
    )


def only_option(verb: str) -> Callable[[Verb], Verb]:
    """`--only ADDRESS`. verb: what is done to it, with a capital."""
    return click.option(
        "--only",
        multiple=True,
        metavar="ADDRESS",
        shell_complete=completion.addresses,
        help=f"{verb} only this node or instance and its inputs.",
    )


def why_option(verb: Verb) -> Verb:
    """`--note TEXT`, of a decision."""
    help = "Why, in a few words; it stands in the lock file."
    return click.option("--note", default="", metavar="TEXT", help=help)(verb)


def page_options(verb: Verb) -> Verb:
    """`--port N` and `--no-open`, of a live page."""
    help = "Only print the address of the page, and open no browser."
    verb = click.option("--no-open", is_flag=True, help=help)(verb)
    port = click.IntRange(0, 65535)
    return click.option("--port", type=port, default=0, help="The port; without it any free one.")(verb)


def on_option(verb: Verb) -> Verb:
    """`--on PLACE`."""
    return click.option(
        "--on",
        metavar="ENGINE",
        envvar="CALLSHEET_ON",
        default="",
        help="Where local operations and previews are made: here (threads), here:4 (processes) or"
        " dask://HOST:PORT; after a comma, what to use if no worker is there (also CALLSHEET_ON).",
    )(verb)


def buy_again_option(verb: Verb) -> Verb:
    """`--buy-again`, which earlier versions called `--pay-again`."""
    return click.option(
        "--buy-again",
        "--pay-again",
        "pay_again",
        is_flag=True,
        help="Buy again results that the lock file or the shared store names, and that are found nowhere.",
    )(verb)


def recipe_store_option(verb: Verb) -> Verb:
    """`store_option` for a command that only looks recipes up."""
    return store_option(verb, exposed=False)


def _store(_: click.Context, __: click.Parameter, place: str) -> str:
    permit(store_place=place)
    return place


def output_option(verb: Verb) -> Verb:
    """`--output VIEW`."""
    help = "How the progress is shown; json: one event a line; quiet: only what went wrong or needs you."
    views = click.Choice(("auto", "terminal", "plain", "json", "quiet"))
    return click.option(
        "--output",
        type=views,
        default="auto",
        show_default=True,
        is_eager=True,
        callback=lambda ctx, _, output: expect_events(ctx, output),
        help=help,
    )(verb)


def webhook_option(verb: Verb) -> Verb:
    """`--webhook URL`."""
    help = "Also ask fal to call this address of your service when a request is over."
    return click.option("--webhook", metavar="URL", default="", help=help)(verb)


def notify_option(verb: Verb) -> Verb:
    """`--notify COMMAND|URL`, or the variable CALLSHEET_NOTIFY: of the person, never of a project."""
    return click.option(
        "--notify",
        metavar="COMMAND|URL",
        envvar="CALLSHEET_NOTIFY",
        default="",
        help="Tell this command or URL when the run is over or needs a decision (also CALLSHEET_NOTIFY).",
    )(verb)


def yes_option(verb: Verb) -> Verb:
    """`--yes`, the answer to the question about money."""
    return click.option(
        "--yes", "-y", is_flag=True, help="Do not ask before spending. It answers no other question."
    )(verb)


def parse_sets(sets: tuple[str, ...]) -> dict[str, str]:
    """`("n=3",)` → `{"n": "3"}`; raises InputError for one without `=`."""
    found = {}
    for text in sets:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text} has no value", "write --set NAME=VALUE")
        found[name.strip()] = value
    return found
