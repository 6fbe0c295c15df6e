"""The document: which keys are there, and whether they have the right shape."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from callsheet.spec.rules.rule import Rule, Text
from callsheet.spec.suggest import suggest

VERSION: Final = Rule("language-version", "The file starts with `callsheet: 1`.")
MISSING_KEY: Final = Rule("missing-key", "A required key is missing.")
UNKNOWN_KEY: Final = Rule("unknown-key", "The language does not have this key here.")
SHAPE: Final = Rule("wrong-shape", "A mapping, a list or a plain value is expected here.")
NAME: Final = Rule("bad-name", "Identifiers are `[a-z][a-z0-9_]*` and not reserved.")
CLASH: Final = Rule("name-clash", "A node, an axis and a reserved word may not share a name.")
OPTION: Final = Rule("bad-option", "An option (cache, retry, timeout, budget, …) does not have this value.")
FILM: Final = Rule("film-name", "Two films of one project have different names.")
PROJECT: Final = Rule("project-in-project", "A project does not lie inside another one.")
TYPE: Final = Rule("bad-type", "The type of an input or field cannot be read.")


@VERSION.error
def no_version() -> Text:
    return "the file does not say which language version it is in", "add `callsheet: 1` as the first line"


@VERSION.error
def other_version(written: str) -> Text:
    return f"this callsheet reads language version 1, not {written}", "write `callsheet: 1`"


@VERSION.error
def lock_file() -> Text:
    return "this is a lock file, not a pipeline", "name the pipeline that it lies beside"


@VERSION.error
def timeline_file() -> Text:
    return (
        "this is the timeline of an editing program, not a pipeline",
        "take its cut over: callsheet conform EDITED.otio FILM.yaml",
    )


@FILM.warning
def film_of_same_name(other: str, folder: str) -> Text:
    return (
        f"{other} has the same name: the results of both would go to {folder}",
        "give one of the two another `name:`",
    )


@PROJECT.warning
def project_in_project(inner: str, outer: str, join: str) -> Text:
    return (
        f"this film is of the project {inner}, which lies inside the project {outer}",
        f"its state and its results are in {inner} alone; to make the two one: {join}",
    )


@MISSING_KEY.error
def empty_file() -> Text:
    return "the file is empty", "start with `callsheet: 1`; `callsheet init` writes an example"


@MISSING_KEY.error
def no_nodes() -> Text:
    return "the pipeline has no `nodes`", "add `nodes:` with at least one node"


@MISSING_KEY.error
def input_without_type(name: str) -> Text:
    return (
        f"the input `{name}` has no `type`",
        "write `{type: string, default: …}`, or a plain value as its default",
    )


@MISSING_KEY.error
def axis_without_list(name: str) -> Text:
    return f"the axis `{name}` does not say what it ranges over", "add `over: ${{ inputs.… }}` or a list"


@MISSING_KEY.error
def node_without_uses(name: str) -> Text:
    return (
        f"the node `{name}` does not say what it `uses`",
        "add `uses:` with an endpoint such as `fal-ai/…` or `media/…`",
    )


@MISSING_KEY.error
def alternative_without_uses() -> Text:
    return (
        "an alternative says what it `uses`",
        "write `- uses: …`, with its own `with:` where it takes something else",
    )


@UNKNOWN_KEY.error
def unknown_key(what: str, name: str, known: Collection[str], meant: str) -> Text:
    """meant: the key of `known` that is probably misspelt, "" for none."""
    keys = f"the keys here are {', '.join(known)}"
    if "with" in known:
        keys = f"if it is a parameter, write it under `with:`; {keys}"
    return f"{what} has no key `{name}`", f"did you mean `{meant}`?" if meant else keys


@SHAPE.error
def not_a_pipeline(found: str) -> Text:
    return f"a pipeline is a mapping, not {found}", "start with `callsheet: 1`"


@SHAPE.error
def key_not_text(is_mapping: bool) -> Text:
    """is_mapping: as YAML reads `{{ … }}`, which other tools have for an expression."""
    return (
        "a key is plain text, not a list or mapping",
        'an expression is written `"${{ … }}"`' if is_mapping else "",
    )


@SHAPE.error
def not_names(section: str, found: str) -> Text:
    return f"`{section}` is a mapping of names, not {found}"


@SHAPE.error
def not_a_node(name: str, found: str) -> Text:
    return f"the node `{name}` is a mapping with `uses` and `with`, not {found}"


@SHAPE.error
def not_alternatives(most: int, found: str) -> Text:
    return (
        f"`fallback` is a list of at most {most} alternatives, not {found}",
        "write `- uses: …` for each",
    )


@SHAPE.error
def not_parameters(found: str) -> Text:
    return f"`with` is a mapping of parameters, not {found}"


@SHAPE.error
def not_a_list_of_names(key: str, found: str) -> Text:
    return f"`{key}` is a name or a list of names, not {found}"


@SHAPE.error
def not_text(key: str, found: str) -> Text:
    return f"`{key}` is text, not {found}"


@SHAPE.error
def not_inputs(found: str) -> Text:
    return f"an inputs file maps names to values; this is {found}"


@NAME.error
def no_folder_name(name: str) -> Text:
    return f"`{name}` cannot name the folder of the results", "use letters, digits, `-` and `_`"


@NAME.error
def no_identifier(name: str, fixed: str) -> Text:
    """fixed: the nearest identifier; "" for none."""
    return (
        f"`{name}` is not an identifier (lower-case letters, digits and `_`)",
        f"write `{fixed}`" if fixed else "start with a letter",
    )


@NAME.error
def reserved_name(name: str) -> Text:
    return f"`{name}` is a word of the language", "choose another name"


@NAME.error
def no_output_name(name: str) -> Text:
    return f"`{name}` cannot name an output", "use letters, digits, `-` and `_`"


@CLASH.error
def node_named_as_axis(name: str, line: int) -> Text:
    return f"`{name}` is already an axis (line {line})", "rename the node or the axis"


@OPTION.error
def bad_budget() -> Text:
    return "`budget` is a number of USD above zero"


@OPTION.error
def bad_max() -> Text:
    return "`max` is how many elements the axis takes at most, 1 or more"


@OPTION.error
def bad_cache() -> Text:
    return "`cache` is auto, off or refresh"


@OPTION.error
def bad_timeout() -> Text:
    return "`timeout` is a number of seconds above zero"


@OPTION.error
def bad_retry(most: int) -> Text:
    return f"`retry` is a number of attempts from 1 to {most}, or {{attempts: n, on: [kinds], delay: 10}}"


@OPTION.error
def bad_delay() -> Text:
    return "`delay` is the number of seconds before the second attempt, from 0 to 3600"


@OPTION.error
def no_time_to_retry(within: float, delay: float) -> Text:
    return f"no second attempt can begin within {within:g} s, after a delay of {delay:g} s", "raise `within`"


@OPTION.error
def bad_backoff() -> Text:
    return "`backoff` is how many times longer each wait is than the one before, from 1 to 10"


@OPTION.error
def bad_within() -> Text:
    return "`within` is the number of seconds after which no other attempt begins, above 0"


@OPTION.error
def never_retried(kind: str, known: Iterable[str]) -> Text:
    reasons = {
        "rejected": "what was refused is refused again; `fallback` asks another model",
        "declined": "a person rejected the result; `callsheet retake` asks for another one",
        "unknown": "nobody knows whether it was accepted; `callsheet reconcile` settles it",
        "bug": "the same would happen again",
    }
    return f"`{kind}` is not tried again", reasons.get(kind) or suggest(kind, known, "kinds")


@OPTION.error
def never_falls_back(kind: str, known: Iterable[str]) -> Text:
    return f"nothing stands in for what is `{kind}`", suggest(kind, known, "kinds")


@OPTION.error
def bad_takes(most: int) -> Text:
    return f"`takes` is a whole number from 1 to {most:,}"


@OPTION.error
def bad_missing() -> Text:
    return "`missing` is fail, skip or placeholder"


@OPTION.error
def bad_approve() -> Text:
    return "`approve` is true or false"


@OPTION.error
def bad_provider() -> Text:
    return "`provider` is a name"


@TYPE.error
def not_a_type(found: str, is_list: bool) -> Text:
    return (
        f"a type is a name or a mapping with `type`, not {found}",
        "a list is `{type: list, items: {…}}`" if is_list else "",
    )


@TYPE.error
def no_type() -> Text:
    return "the declaration has no `type`", "add `type: string`"


@TYPE.error
def type_not_a_name(found: str) -> Text:
    return f"a type is a name, not {found}"


@TYPE.error
def unknown_type(name: str, known: Iterable[str]) -> Text:
    return f"there is no type `{name}`", suggest(name, known)


@TYPE.error
def bad_enum() -> Text:
    return "`enum` is a list of texts or a list of numbers"


@TYPE.error
def bad_bound(name: str) -> Text:
    return f"`{name}` is a number"
