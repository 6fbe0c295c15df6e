"""Models and other nodes: what `uses` names, and what a model takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callsheet.spec import shell
from callsheet.spec.choices import choices
from callsheet.spec.rules.document import OPTION
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Media, Type
from callsheet.spec.wording import paths_start, shown

ANSWER: Final = Rule(
    "answer-schema", "`schema` must list the fields of the answer, in the form of an input's fields."
)
USES: Final = Rule("unknown-uses", "`uses` names something that callsheet does not know.")
PLUG_IN: Final = Rule(
    "bad-plug-in", "A plug-in cannot be used: its import fails, or the function cannot be a node."
)
UNTRUSTED: Final = Rule("untrusted-code", "A code file beside a pipeline runs only with `--trust`.")
RETIRED: Final = Rule(
    "retired-endpoint", "The provider does not offer this endpoint any more; the message names a replacement."
)
GONE: Final = Rule("unlisted-endpoint", "The provider's list has this endpoint no more; it may still answer.")
LENGTH: Final = Rule("media-length", "A media file is longer or shorter than the model accepts.")
SIZE: Final = Rule("media-size", "A picture has a size or shape that the model does not accept.")
PRICE: Final = Rule("own-price", "A price in `models/prices.yaml` is wrong.")
RATE: Final = Rule("media-rate", "A video has a frame rate that the model does not accept.")
COUNT: Final = Rule("media-count", "There are more media than the model accepts together.")
WEIGHT: Final = Rule("media-bytes", "A media file is larger than the model accepts.")
SPEECH: Final = Rule("speech-length", "The narration is too long for its shot.")
MODEL: Final = Rule("model-rule", "The model does not accept this combination of parameters.")
DROPPED: Final = Rule(
    "fallback-dropped", "An alternative, or an override, does not have this parameter; it is left out there."
)

FIELDS: Final = "list the fields: `{title: string, shots: {type: list, items: {id: string, prompt: string}}}`"
MEANT: Final = 3
LOCAL: Final = ("media", "text")
LISTED: Final = "`callsheet models` lists what there is"
OWN: Final = "give what it takes instead under its own `with:`"
REFIT: Final = "fit it with a `media/fit` or `media/fit_image` node"


@USES.error
def undeclared_choice() -> Text:
    return (
        "`uses` may be any text here, so nothing can be checked or priced",
        "declare the models: `enum: [fal-ai/…, fal-ai/…]` for the input or the column",
    )


@USES.error
def not_among(value: object, known: Sequence[str]) -> Text:
    return f"{shown(value)} is none of the models that are declared", suggest(str(value), known, "models")


@USES.error
def no_choice(reason: str) -> Text:
    return f"{reason}, so no model is chosen", "give it a default, or write `| default(…)`"


@USES.error
def late_choice() -> Text:
    return (
        "`uses` is decided before the run; an output is known only after it",
        "choose with inputs and axes that the file declares",
    )


@USES.error
def late_choice_inside(name: str) -> Text:
    return (
        f"the recipe chooses its models by `{name}`, before the run; an output is known only after it",
        "choose with inputs and axes that the file declares",
    )


@USES.error
def choice_with_fallback() -> Text:
    return (
        "a node that chooses its model has no `fallback`",
        "give each model a node of its own with `when`, and join them with `media/pick`",
    )


@USES.error
def chosen_file(name: str) -> Text:
    return f"`{name}` is a file; only models and operations can be chosen", "use two nodes with `when`"


@USES.error
def expression_in_alternative() -> Text:
    return "an alternative names its model, without an expression", "write one alternative for each model"


@USES.error
def recipe_without_path(name: str) -> Text:
    return f"nothing is called `{name}`", f"a recipe beside this file is `./{name}`"


@USES.error
def unknown_uses(name: str, near: Sequence[str]) -> Text:
    """near: names that may be meant; more than three are all that there are of this kind."""
    owner = name.partition("/")[0]
    package = f"if `{owner}` is a plug-in, install its package"
    if len(near) > MEANT:
        short = ", ".join(one.removeprefix(f"{owner}/") for one in near)
        return f"nothing is called `{name}`", f"the operations of `{owner}/` are {short}"
    if not near:
        return f"nothing is called `{name}`", f"{LISTED}; {package}"
    meant = f"did you mean `{'` or `'.join(near)}`?"
    if owner in LOCAL:
        meant += f" `callsheet models {owner}/` lists all operations"
    elif not any(one.startswith(f"{owner}/") for one in near):
        meant += f" Or {package}"
    return f"nothing is called `{name}`", meant


@USES.error
def unreadable_model(message: str, next_step: str) -> Text:
    """message: what is wrong with the project's own description of the endpoint."""
    return message, next_step


@RETIRED.warning
def retired(name: str, replacement: str | None) -> Text:
    return f"`{name}` left its provider's list", f"use `{replacement}`" if replacement else LISTED


@GONE.warning
def gone(name: str, month: str, replacement: str | None) -> Text:
    return (
        f"`{name}` is no longer in its provider's list of {month}; it may still answer",
        f"callsheet models add {shell.quoted(name)} tells whether it does"
        + (f"; or use `{replacement}`" if replacement else ""),
    )


@PRICE.error
def prices_not_a_mapping() -> Text:
    return "prices are a mapping of endpoints", "write `fal-ai/flux/dev: {unit: image, usd: 0.02}`"


@PRICE.error
def bad_price(said: str) -> Text:
    return said, "write `{unit: image, usd: 0.02}`; docs/catalogue.md has all parts of a price"


@PRICE.error
def local_price(uses: str) -> Text:
    return f"`{uses}` runs on this machine, which costs nothing", "remove the line"


@OPTION.error
def not_served(uses: str, provider: str, known: Sequence[str]) -> Text:
    return f"`{uses}` is served by {' or '.join(known)}", suggest(provider, known, "providers")


@ANSWER.error
def fields_not_a_mapping(found: str) -> Text:
    return f"the fields of the answer are a mapping, not {found}", FIELDS


@ANSWER.error
def json_schema() -> Text:
    return "this is a JSON Schema", f"in a pipeline {FIELDS}"


@ANSWER.error
def bad_field_name(name: str) -> Text:
    return (
        f"`{name}` cannot name an output",
        "use lower-case letters, digits and `_`, beginning with a letter",
    )


@ANSWER.error
def medium_in_answer(medium: Media) -> Text:
    return (
        f"a language model answers in text, not with {medium}",
        "ask for a description, and make the medium from it in a node of its own",
    )


@ANSWER.error
def expression_in_schema() -> Text:
    return (
        "outputs must be known before the run, so this takes no expression",
        "write the fields in place; what varies belongs into the prompt",
    )


@PLUG_IN.error
def broken_plug_in(message: str, next_step: str) -> Text:
    return message, next_step


@PLUG_IN.error
def no_function(file: str) -> Text:
    return "this names no function of the file", f"write `./{file}#name`"


@PLUG_IN.error
def code_outside(file: str) -> Text:
    return f"{file} lies outside the project", "copy it into the project, or make a package of it"


@PLUG_IN.error
def hidden_code(file: str) -> Text:
    return f"{file} begins with a dot, or lies in such a folder", "copy it under another name"


@PLUG_IN.error
def no_code_file(path: object, folder: object) -> Text:
    return f"there is no file {path}", paths_start(folder)


@UNTRUSTED.error
def foreign_code() -> Text:
    return (
        "a recipe from elsewhere is data; no code comes with it",
        "publish the node as a package that people install",
    )


@UNTRUSTED.error
def untrusted_code(file: str) -> Text:
    return f"{file} is code, and checking it would run it", "read it; if you trust it, say so with --trust"


@MODEL.error
def refused_by_model(message: str, help: str) -> Text:
    """The words of the model's own rule."""
    return message, help


@MODEL.error
def output_is_text(output: str, name: str, value: object, wanted: Type) -> Text:
    """name, value: the parameter that turns the output into text. wanted: the type of the parameter."""
    others = [choice for choice in choices(wanted) if choice != value]
    return (
        f"with `{name}: {value}` the output `{output}` is text, no file that could be used or kept",
        f"add `{name}: {others[0]}`" if others else "use another model",
    )


@LENGTH.error
def medium_too_short(seconds: float, least: float) -> Text:
    return f"{seconds:g} s where at least {least:g} s is taken"


@LENGTH.error
def medium_too_long(seconds: float, most: float) -> Text:
    return (
        f"{seconds:g} s where at most {most:g} s is taken",
        f"cut it with a `media/trim` node: `seconds: {most:g}`",
    )


@SIZE.error
def picture_too_small(size: tuple[int, int], least: int) -> Text:
    return f"{_pixels(size)} where each side has at least {least}", REFIT


@SIZE.error
def picture_too_large(size: tuple[int, int], most: int) -> Text:
    return f"{_pixels(size)} where each side has at most {most}", REFIT


@SIZE.error
def picture_too_narrow(size: tuple[int, int], least: float) -> Text:
    return f"{_pixels(size)} is narrower than {least:g} times its height", REFIT


@SIZE.error
def picture_too_wide(size: tuple[int, int], most: float) -> Text:
    return f"{_pixels(size)} is wider than {most:g} times its height", REFIT


@SIZE.error
def picture_below(size: tuple[int, int], least: tuple[int, int]) -> Text:
    return f"{_pixels(size)} where at least {least[0]} × {least[1]} are taken", REFIT


@SIZE.error
def picture_above(size: tuple[int, int], most: tuple[float, float]) -> Text:
    return f"{_pixels(size)} where at most {most[0]:g} × {most[1]:g} are taken", REFIT


@RATE.error
def wrong_rate(fps: float, least: float | None, most: float | None) -> Text:
    bound = f"at least {least:g}" if least is not None and fps < least else f"at most {most:g}"
    return f"{fps:g} frames per second where {bound} are taken", "change it with a `media/fit` node"


@COUNT.error
def too_many_media(count: int, most: int, names: str) -> Text:
    """names: the parameters whose media are counted together."""
    return f"{count} media in {names} where at most {most} are taken together", "leave some out"


@WEIGHT.error
def file_too_heavy(megabytes: float, most: float) -> Text:
    return f"{megabytes:.1f} MB where at most {most:g} MB are taken", "make it smaller, or cut it"


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]} pixels"


@SPEECH.warning
def speech_too_long(words: int, spoken: float, shot: str, seconds: float) -> Text:
    """spoken: the seconds that the words take at least. shot: its address; it lasts `seconds`."""
    fitting = max(1, int(words * seconds / spoken))
    return (
        f"{words} word{'s' if words != 1 else ''} take at least {spoken:.1f} s to say,"
        f" and {shot} lasts {seconds:g} s",
        f"say it in about {fitting}, or give the shot more time",
    )


@DROPPED.warning
def parameters_dropped(uses: str, names: Sequence[str]) -> Text:
    dropped = " and ".join(f"`{name}`" for name in names)
    return f"`{uses}` takes no {dropped}, so it would be made without", OWN


@DROPPED.warning
def value_dropped(uses: str, name: str, value: str) -> Text:
    return f"`{uses}` takes no such `{name}` ({value}), so it would be made without", OWN


@OPTION.error
def recipe_as_alternative() -> Text:
    return "a recipe is no alternative, and has none", "set `fallback` on the nodes inside the recipe"


@OPTION.error
def option_of_recipe(name: str) -> Text:
    return f"`{name}` is for a single call, not for a recipe", "set it on the nodes inside the recipe"
