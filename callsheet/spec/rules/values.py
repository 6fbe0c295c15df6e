"""Values and types: what is given against what is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from callsheet.spec import shell
from callsheet.spec.plural import plural
from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import nearest, suggest
from callsheet.spec.types import Choice, Field, ListOf, Media, MediaKind, Record, Type
from callsheet.spec.wording import a_type, listed, shown, span_of, written

LONG: Final = 100
"""The most characters of an object's type that a message shows."""

UNKNOWN: Final = Rule("unknown-parameter", "The model has no such parameter.")
UNLISTED: Final = Rule(
    "unlisted-parameter", "Not all parameters of the model are known, and this one is not."
)
MISSING: Final = Rule("missing-parameter", "The model requires this parameter.")
TYPE: Final = Rule("parameter-type", "The value has a type that the parameter does not accept.")
CHOICE: Final = Rule("parameter-choice", "The value is not one of the values that the parameter accepts.")
RANGE: Final = Rule("parameter-range", "The value is outside the model's range.")
LENGTH: Final = Rule("parameter-length", "A text or list is longer or shorter than the model accepts.")
MEDIUM: Final = Rule("media-kind", "Media of the wrong type is connected: a video to a parameter for images.")
SECRET: Final = Rule("secret-place", "A secret goes only to a parameter for one, and never a provider's key.")
LOCAL_FILE: Final = Rule("local-file", "A local file does not exist or lies outside the project.")

URL: Final = Rule(
    "media-url", "A media URL is not https, carries a password, or leads to this machine or network."
)

CONVERSIONS: Final = {
    ("image", "video"): "take a frame of it with a `media/frame` node and pass `${{ frame.image }}`",
    ("video", "image"): "make it move with an image-to-video endpoint",
    ("audio", "video"): "this parameter takes sound alone; pass an audio output",
    ("video", "audio"): "lay the sound under a picture with a `media/mux` node",
}
"""(wanted, given) → how to get the one from the other."""


@UNKNOWN.error
def unknown_field(name: str, known: Iterable[str]) -> Text:
    return f"there is no field `{name}`", suggest(name, known)


@UNKNOWN.error
def unknown_parameter(uses: str, name: str, known: Iterable[str]) -> Text:
    return f"`{uses}` has no parameter `{name}`", suggest(name, known, "parameters")


@UNLISTED.warning
def unlisted_parameter(uses: str, name: str) -> Text:
    return (
        f"nobody describes the parameter `{name}` of `{uses}`; it is passed on unchecked",
        f"callsheet models add {shell.quoted(uses)} fetches all parameters",
    )


@UNKNOWN.error
def parameter_twice(alias: str, name: str) -> Text:
    return f"`{alias}` is another name of `{name}`, which is set too", "keep one of the two"


@MISSING.error
def missing_parameter(name: str, wanted: Type) -> Text:
    return f"`{name}` ({_brief(wanted)}) is missing", f"add `{name}:` under `with:`"


def _brief(wanted: Type) -> str:
    """A type in one line: of an object with many fields those that are required, or else the first ones."""
    match wanted:
        case ListOf(item):
            return f"list[{_brief(item)}]"
        case Record() if len(str(wanted)) > LONG:
            fields = [
                (f"{name}: {_brief(field.type)}", field.required) for name, field in wanted.fields.items()
            ]
            told = [text for text, required in fields if required] or [text for text, _ in fields[:3]]
            return "{" + ", ".join([*told, "…"]) + "}"
    return str(wanted)


@MISSING.error
def missing_field(name: str, wanted: Type) -> Text:
    return f"the field `{name}` ({_brief(wanted)}) is missing"


@TYPE.error
def wrong_type(value: object, wanted: Type) -> Text:
    return f"{shown(value)} is not {a_type(wanted)}", _retyped(str(wanted), value)


def _retyped(wanted: str, value: object) -> str:
    """How to write `value` so that it is of the scalar type `wanted`."""
    if wanted == "string" and isinstance(value, bool | int | float):
        return f"quote it: `{written(str(value))}`"
    if isinstance(value, str):
        bare = value.strip().removesuffix("s")
        if wanted in ("integer", "number") and bare.lstrip("-").replace(".", "", 1).isdigit():
            return f"write `{bare}` without quotes or unit"
        if wanted == "boolean" and value.lower() in ("true", "false", "yes", "no", "on", "off"):
            return f"write `{'true' if value.lower() in ('true', 'yes', 'on') else 'false'}`"
    return ""


@TYPE.error
def not_a_list(value: object) -> Text:
    return f"{shown(value)} is not a list", "write a list: `[…]`"


@TYPE.error
def not_an_object(value: object, fields: Iterable[str]) -> Text:
    return f"{shown(value)} is not an object with {', '.join(fields)}"


@TYPE.error
def not_a_choice(value: object, wanted: Choice) -> Text:
    return f"{shown(value)} is not one of {wanted}"


@TYPE.error
def not_a_medium(value: object, kind: MediaKind) -> Text:
    return (
        f"{shown(value)} is not {a_type(Media(kind))}",
        "pass a node's output, a local file or a URL",
    )


@TYPE.error
def list_not_taken(wanted: Type) -> Text:
    return f"a list where {a_type(wanted)} is taken", "write the value itself, without `[` `]`"


@TYPE.error
def mapping_not_taken(wanted: Type) -> Text:
    return f"a mapping where {a_type(wanted)} is taken"


@TYPE.error
def type_not_taken(wanted: Type, given: Type) -> Text:
    return f"{a_type(given)} where {a_type(wanted)} is taken"


@MEDIUM.error
def text_beside_outputs(wanted: Type) -> Text:
    return (
        f"text where {a_type(wanted)} is taken: a file is not named beside outputs",
        "declare the file as an input, and use the input here",
    )


@TYPE.error
def lists_in_a_list(wanted: Type, given: Type) -> Text:
    return (
        f"{a_type(given)} where {a_type(wanted)} is taken",
        'take one of each with `| map("first")`, or first collect each list in a node with `each`',
    )


@TYPE.error
def not_in_a_list(wanted: Type, given: Type) -> Text:
    return f"{a_type(given)} where {a_type(wanted)} is taken", "put it in a list: `[${{ … }}]`"


@TYPE.error
def list_of_what_is_taken(wanted: Type, given: Type, depth: int) -> Text:
    """depth: how many lists are around what is wanted."""
    return (
        f"{a_type(given)} where {a_type(wanted)} is taken",
        f"pick one element with `{'[0]' * depth}`, or put this node on the same axis with `each`",
    )


@TYPE.error
def none_of_several(wanted: Type, given: Type, options: Iterable[Type]) -> Text:
    return (
        f"{a_type(given)} where {a_type(wanted)} is taken",
        f"it takes {' or '.join(a_type(option) for option in options)}",
    )


@TYPE.error
def not_text(wanted: Type, given: Type, values: Iterable[object]) -> Text:
    """values: the texts that are taken."""
    unit = "s" if all(str(value).endswith("s") for value in values) else ""
    return (
        f"{a_type(given)} where {a_type(wanted)} is taken",
        f'turn it into text with `~`: `${{{{ x ~ "{unit}" }}}}`',
    )


@TYPE.error
def not_whole(wanted: Type, given: Type) -> Text:
    return (
        f"{a_type(given)} where {a_type(wanted)} is taken",
        "make it whole: divide with `//`, or add `| int` or `| round | int`",
    )


@TYPE.error
def not_written(wanted: Type, given: Type) -> Text:
    return f"{a_type(given)} where {a_type(wanted)} is taken", "make it text: add `| string`"


@TYPE.error
def object_not_taken(wanted: Type, given: Type, fields: Iterable[str]) -> Text:
    return f"{a_type(given)} where {a_type(wanted)} is taken", f"pick a field: {', '.join(fields)}"


@TYPE.error
def not_a_variable() -> Text:
    return "a secret is the name of an environment variable", "for example `{secret: OPENAI_API_KEY}`"


@SECRET.error
def no_place_for_a_secret(parameter: str) -> Text:
    return (
        f"`{parameter}` is not a secret, so no environment variable is sent in it",
        "give the value as an input: --set name=value",
    )


@SECRET.error
def reserved_variable(name: str) -> Text:
    return f"{name} goes to its own provider and to nobody else", "name the variable of this service"


@CHOICE.error
def bad_choice(value: object, wanted: Choice) -> Text:
    return f"{shown(value)} is not one of {listed(wanted)}", _nearest_choice(value, wanted)


def _nearest_choice(value: object, wanted: Choice) -> str:
    text = str(value)
    for choice in wanted.values:
        same = str(choice) == text or str(choice).rstrip("spP") == text or str(choice) == text.rstrip("s")
        if same:
            return f"write `{written(choice)}`"
    if guess := nearest(text, map(str, wanted.values)):
        return f"did you mean `{written(next(c for c in wanted.values if str(c) == guess))}`?"
    return ""


@RANGE.error
def out_of_range(value: float, field: Field) -> Text:
    return f"{value} is outside {span_of(field)}"


@LENGTH.error
def long_text(length: int, most: int) -> Text:
    return f"{length} characters; the limit is {most}"


@LENGTH.error
def short_text(length: int, least: int) -> Text:
    return f"{length} characters; at least {least} needed"


@LENGTH.error
def long_list(length: int, most: int) -> Text:
    return f"{_elements(length)}; at most {most} taken"


@LENGTH.error
def short_list(length: int, least: int) -> Text:
    return f"{_elements(length)}; at least {least} needed"


def _elements(count: int) -> str:
    return plural(count, "element")


@MEDIUM.error
def wrong_medium(wanted: MediaKind, given: MediaKind) -> Text:
    return (
        f"{a_type(Media(given))} where {a_type(Media(wanted))} is taken",
        CONVERSIONS.get((wanted, given), ""),
    )


@MEDIUM.error
def url_not_a_medium(wanted: Type) -> Text:
    return (
        f"a URL as text where {a_type(wanted)} is taken",
        "the medium passes its URL by itself: drop `.url`",
    )


@MEDIUM.error
def text_not_a_medium(wanted: Type) -> Text:
    return (
        f"text where {a_type(wanted)} is taken",
        "text that a model writes is never used as a URL or a path",
    )


@URL.error
def url_not_sent(reason: str) -> Text:
    return f"this URL is not used: {reason}", "give a public `https://…` URL, or a file beside the pipeline"


DATA_URI: Final = "write data:image/png;base64,… or, better, keep it in a file: ./name"


@URL.error
def not_a_data_uri() -> Text:
    return "this data URI does not begin like one", DATA_URI


@URL.error
def not_base64() -> Text:
    return "the data URI is not in base64 as it says", DATA_URI


@URL.error
def long_data(most: int) -> Text:
    return (
        f"the data URI holds more than {most // 1024} KB",
        "keep it in a file beside the pipeline: ./name",
    )


@URL.error
def wrong_data(wanted: MediaKind, kind: str) -> Text:
    return f"the data URI holds {kind}, where {a_type(Media(wanted))} is taken", DATA_URI


@URL.error
def url_for_this_machine(uses: str) -> Text:
    return f"`{uses}` runs on this machine and takes files, no URLs", "download it, and write `./name`"


@LOCAL_FILE.error
def neither_url_nor_file(value: object) -> Text:
    return (
        f"{shown(value)} is neither a URL nor a local file",
        "write `./name` for a file beside the pipeline, or `https://…`",
    )
