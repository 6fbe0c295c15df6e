"""Options that several verbs share."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

import click

from callsheet.cli import completion
from callsheet.cli.answer import expect_document
from callsheet.cli.views import expect_events
from callsheet.errors import InputError
from callsheet.spec.batch import EACH as EACH_ROW
from callsheet.spec.money import WRITTEN, parse_money
from callsheet.spec.permissions import MAX_INSTANCES, PERMISSIONS, StoreTrust
from callsheet.spec.profile import PROFILE
from callsheet.spec.project import SETTINGS

QUANTITY: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*")
BYTES: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
EACH: Final = "each"
SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_bytes(text: str) -> int:
    """`10GB` → 10,000,000,000. Raises InputError."""
    return round(_quantity(text, BYTES, "a size", "10GB, 500MB"))


def to_seconds(text: str) -> float:
    """`30d` → 2,592,000. Raises InputError."""
    return _quantity(text, SECONDS, "a time", "30d, 12h, 2w")


def _quantity(text: str, units: dict[str, int], what: str, such_as: str) -> float:
    found = QUANTITY.fullmatch(text)
    if found is None or found[2].lower() not in units:
        raise InputError(f"{text} is not {what}", f"write a number and a unit: {such_as}")
    return float(found[1]) * units[found[2].lower()]


class Usd(click.ParamType[bool | float]):
    """An amount of money: `2.50`."""

    name = "usd"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bool | float:
        """Raises InputError. EACH, the value of `--unpriced` without a number, is True."""
        name = param.opts[0] if param is not None else "the amount"
        if isinstance(value, bool) or value == EACH:
            return bool(value)
        return parse_money(str(value), name)


class Number(click.ParamType[float]):
    """A number in the digits 0 to 9, finite and within bounds. unit: what it counts."""

    name = "number"

    def __init__(self, unit: str, least: float, most: float, such_as: str) -> None:
        self.unit, self.least, self.most, self.such_as = unit, least, most, such_as

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Raises InputError."""
        name, written = param.opts[0] if param is not None else "the number", str(value).strip()
        found = float(written) if WRITTEN.fullmatch(written) else self.least - 1
        if not self.least <= found <= self.most:
            step = f"write {self.unit} from {self.least:,g} to {self.most:,g}: {name} {self.such_as}"
            raise InputError(f"{name} {value} cannot be meant", step)
        return found


Verb = Callable[..., Any]


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
        help="Spend at most this much, in this run and what resumes it. Without a terminal, also a yes.",
    )(verb)


class FileFirst(click.Command):
    """A verb with FILE before its other words. Where the first word is no file, FILE was left away: the one
    pipeline of the current folder is meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises InputError where the folder has no pipeline, or several."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        expect_document(ctx, bool(given.get("as_json")))
        first = given.get("file")
        if isinstance(first, str) and not ctx.resilient_parsing and not _is_place(first):
            from callsheet.spec.pipeline_files import pipeline_in

            args = [str(pipeline_in(None, ctx.command_path)), *args]
        return super().parse_args(ctx, args)


def _is_place(word: str) -> bool:
    """Whether a word names a file or a folder, and no address or model. A folder without a pipeline may be
    called as a node is."""
    from callsheet.spec.pipeline_files import ENDINGS, pipeline_files

    path = Path(word)
    if not word or word.endswith(ENDINGS):
        return True
    if word in ("..", ".") or word != path.name or not os.path.isdir(word):  # noqa: PTH112 it takes names that are too long
        return os.path.exists(word)  # noqa: PTH110
    return bool(pipeline_files(path))


def sole_pipeline_options(verb: Verb) -> Verb:
    """FILE, or a folder with one pipeline (without FILE: the current one), and `input_options`."""
    return file_argument(completion.pipelines)(input_options(verb))


def addressed_pipeline_options(verb: Verb) -> Verb:
    """FILE before other words, for a `FileFirst` verb; and `input_options`."""
    return file_argument(completion.pipelines_or_addresses)(input_options(verb))


def file_argument(complete: Callable[..., Any]) -> Callable[[Verb], Verb]:
    """FILE, or a folder with one pipeline; without it the current one. complete: what a shell offers."""
    return click.argument(
        "file",
        type=click.Path(path_type=Path),
        required=False,
        callback=_the_pipeline,
        shell_complete=complete,
    )


def several_pipelines_options(verb: Verb) -> Verb:
    """FILES: each as in `sole_pipeline_options`, without any in the root of a project all of its films; and
    `input_options`, which count for each."""
    files = click.argument(
        "files",
        metavar="[FILE]...",
        nargs=-1,
        type=click.Path(path_type=Path),
        callback=_the_pipelines,
        shell_complete=completion.pipelines,
    )
    return files(input_options(verb))


def _the_pipelines(ctx: click.Context, _: click.Parameter, given: tuple[Path, ...]) -> tuple[Path, ...]:
    if ctx.resilient_parsing:
        return given
    from callsheet.spec.pipeline_files import pipeline_in

    return tuple(pipeline_in(file, ctx.command_path) for file in given or _films() or (None,))


def _films() -> tuple[Path, ...]:
    """The films of the project whose root is the current folder, as its `callsheet.toml` names them. Raises
    PipelineError."""
    if not Path(SETTINGS).exists():
        return ()
    from callsheet.runtime.settings import settings_in
    from callsheet.runtime.settings.films import films_of

    return films_of(settings_in(Path()))


def _the_pipeline(ctx: click.Context, _: click.Parameter, file: Path | None) -> Path | None:
    if ctx.resilient_parsing:
        return file
    from callsheet.spec.pipeline_files import pipeline_in

    return pipeline_in(file, ctx.command_path)


def input_options(verb: Verb) -> Verb:
    """`--set NAME=VALUE`, `--inputs FILE`, `--profile NAME`, `--each TABLE`, `--trust`, `--fetch` and
    `--max-instances`."""
    verb = profile_option(each_option(trust_option(fetch_option(instances_option(verb)))))
    verb = click.option(
        "--inputs",
        multiple=True,
        type=click.Path(dir_okay=False, path_type=Path),
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
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="TABLE",
        expose_value=False,
        callback=lambda _, __, table: EACH_ROW.set(table or EACH_ROW.get()),
        help="Make one film for each row of this CSV, TSV, JSON or YAML file: `id`, and inputs by name.",
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
        " dask://HOST:PORT; after a comma, what takes over where nobody works there.",
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


def trust_option(verb: Verb) -> Verb:
    """`--trust`, for every command that checks a pipeline."""
    return click.option(
        "--trust",
        is_flag=True,
        expose_value=False,
        callback=_trust,
        help="Run the code files that the pipeline names (uses: ./nodes/slate.py#slate).",
    )(verb)


def _trust(_: click.Context, __: click.Parameter, trust: bool) -> None:
    permit(trust=trust)


def fetch_option(verb: Verb) -> Verb:
    """`--fetch`, for every command that checks a pipeline."""
    return click.option(
        "--fetch",
        is_flag=True,
        expose_value=False,
        callback=_fetch,
        help="Fetch recipes from git that are not here, and the history that a shallow clone lacks.",
    )(verb)


def _fetch(_: click.Context, __: click.Parameter, fetch: bool) -> None:
    if fetch:
        permit(fetch="any")


def grant_options(verb: Verb) -> Verb:
    """`--secret NAME`, `--allow ENDPOINT` and `--own-price ENDPOINT`, for the commands that send requests."""
    allow = "Send requests to this endpoint, which only the project's models/ describes; may be repeated."
    verb = _grant("--allow", "ENDPOINT", "endpoints", allow)(own_price_option(verb))
    secret = "Send this environment variable where the pipeline says so; may be repeated."
    return _grant("--secret", "NAME", "secrets", secret)(verb)


def own_price_option(verb: Verb) -> Verb:
    """`--own-price ENDPOINT`, for the commands that state a price."""
    help = "Count its price in models/prices.yaml, although a higher one is known; may be repeated."
    return _grant("--own-price", "ENDPOINT", "prices", help)(verb)


def _grant(option: str, metavar: str, permission: str, help: str) -> Callable[[Verb], Verb]:
    """An option that adds names to a permission. permission: a field of `Permissions`."""
    return click.option(
        option,
        multiple=True,
        metavar=metavar,
        expose_value=False,
        callback=lambda _, __, names: permit(**{permission: frozenset(names)}),
        help=help,
    )


def fetch_what_is_pinned() -> None:
    """For commands that make something: what the lock file pins is fetched without `--fetch`."""
    if PERMISSIONS.get().fetch == "none":
        permit(fetch="pinned")


def instances_option(verb: Verb) -> Verb:
    """`--max-instances N`, for every command that checks a pipeline."""
    return click.option(
        "--max-instances",
        type=click.IntRange(1),
        expose_value=False,
        callback=_instances,
        help=f"How many instances a pipeline may have (default: {MAX_INSTANCES:,}).",
    )(verb)


def _instances(_: click.Context, __: click.Parameter, most: int | None) -> None:
    if most is not None:
        permit(max_instances=most)


def permit(**allowed: Any) -> None:
    """Add to what the person allows this command."""
    PERMISSIONS.set(replace(PERMISSIONS.get(), **allowed))


def parse_sets(sets: tuple[str, ...]) -> dict[str, str]:
    """`("n=3",)` → `{"n": "3"}`; raises InputError for one without `=`."""
    found = {}
    for text in sets:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--set {text} has no value", "write --set NAME=VALUE")
        found[name.strip()] = value
    return found
